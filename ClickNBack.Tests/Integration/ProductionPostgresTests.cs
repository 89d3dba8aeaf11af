using System.Collections.Concurrent;
using ClickNBack.MigrationService;
using ClickNBack.Tests.Deployment;
using ClickNBack.Tests.Infrastructure;
using Npgsql;
using YamlDotNet.RepresentationModel;

namespace ClickNBack.Tests.Integration;

/// <summary>
/// A PostgreSQL server that logs as the one in production does, and whose database belongs to a role that is no superuser, as
/// with every managed PostgreSQL. What it ever logs must name nobody.
/// </summary>
public sealed class ProductionPostgresTests : IAsyncLifetime
{
    private const string Owner = "the_owner";
    private const string OwnerPassword = "owner-of-the-tests";
    private const string Email = "somebody@private.example";
    private const string Password = "Gehe1m!\u00e4\u00f6\u00fc-of-a-test";
    private const string Iban = "DE89370400440532013000";
    private const string Failure = "SELECT 1 / (length($1) - length($1))";

    private readonly ConcurrentQueue<string> _log = new();
    private PostgresProcess _postgres = null!;

    private string SuperuserConnectionString => _postgres.OwnerConnectionString;

    private string OwnerConnectionString => _postgres.As(Owner, OwnerPassword);

    private string ApiConnectionString => _postgres.As(ApiRole.Name, Templates.ApiRolePassword);

    public async Task InitializeAsync()
    {
        var command = (YamlSequenceNode)Yaml.Read("deploy/compose.production.yaml")["services"]["postgres"]["command"];
        var settings = command
            .Select(it => $"{it}".TrimStart('-').Split('='))
            .Where(it => it[0].StartsWith("log_", StringComparison.Ordinal))
            .ToDictionary(it => it[0], it => it[1], StringComparer.Ordinal);
        Assert.NotEmpty(settings);
        _postgres = await PostgresProcess.StartAsync(settings, _log.Enqueue);
        await TestDatabase.ExecuteAsync(
            SuperuserConnectionString,
            $"CREATE ROLE {Owner} LOGIN CREATEROLE PASSWORD '{OwnerPassword}'; ALTER DATABASE clicknback OWNER TO {Owner}"
        );
    }

    public async Task DisposeAsync() => await _postgres.DisposeAsync();

    [FactWith(Requirement.PostgresPrograms)]
    public async Task An_owner_that_is_no_superuser_migrates_and_the_api_works()
    {
        for (var run = 0; run < 2; run++)
        {
            var (exitCode, output) = await MigrateAsync();

            Assert.True(exitCode == 0, output);
            Assert.DoesNotContain(Templates.ApiRolePassword, output);
        }

        await using var api = await ApiServer.StartAsync(ApiConnectionString);
        var person = await api.UserAsync();
        (await person.Api.GetAsync("/api/v1/users/me/wallet")).Expect(200);
        LogNamesNobody();
    }

    [FactWith(Requirement.PostgresPrograms)]
    public async Task An_owner_that_may_make_no_roles_is_told_so()
    {
        await TestDatabase.ExecuteAsync(SuperuserConnectionString, $"ALTER ROLE {Owner} NOCREATEROLE");

        var (exitCode, output) = await MigrateAsync();

        Assert.Equal(1, exitCode);
        Assert.Contains("it needs CREATEROLE", output);
        Assert.DoesNotContain(Templates.ApiRolePassword, output);
        LogNamesNobody();
    }

    [FactWith(Requirement.PostgresPrograms)]
    public async Task A_role_that_was_given_more_by_hand_loses_it_again()
    {
        await TestDatabase.ExecuteAsync(SuperuserConnectionString, $"CREATE ROLE {ApiRole.Name} CREATEDB CREATEROLE");

        var (exitCode, output) = await Templates.MigrateAsync(SuperuserConnectionString, []);

        Assert.True(exitCode == 0, output);
        Assert.Equal(
            ["False False True"],
            await TestDatabase.QueryAsync(
                SuperuserConnectionString,
                $"SELECT rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = '{ApiRole.Name}'"
            )
        );
    }

    [FactWith(Requirement.PostgresPrograms)]
    public async Task The_log_of_the_server_names_nobody_and_no_secret()
    {
        await MigrateAsync();
        await TestDatabase.ExecuteAsync(
            SuperuserConnectionString,
            $"ALTER ROLE {ApiRole.Name} SET log_min_duration_statement = 0"
        );
        await using (var api = await ApiServer.StartAsync(ApiConnectionString))
        {
            (await api.Anonymous.RegisterAsync(Email, Password)).Expect(201);
            (await api.Anonymous.RegisterAsync(Email, Password)).Expect(409);
            (await api.Anonymous.LoginAsync(Email, Password)).Expect(200);
        }

        await FailsAsync(ApiConnectionString, Failure, Iban);
        await FailsAsync(OwnerConnectionString, "UPDATE users SET email = $1, created_at = NULL", $"{Email} {Iban}");
        await FailsAsync(
            OwnerConnectionString,
            "INSERT INTO merchants VALUES (gen_random_uuid(), $1, -1, true, now())",
            Iban
        );
        await TestDatabase.QueryAsync(ApiConnectionString, "SELECT pg_sleep(1.1), $1::text", Iban);

        await Until.TrueAsync(() => Log.Contains("pg_sleep", StringComparison.Ordinal), "the slow statement is logged");
        Assert.Contains("normalize(", Log);
        Assert.Contains("ux_users_normalized_email", Log);
        Assert.Contains("division by zero", Log);
        LogNamesNobody();
    }

    private string Log => string.Join('\n', _log);

    private void LogNamesNobody() =>
        Assert.All(
            (string[])[Email, Email.ToUpperInvariant(), Password, "Gehe1m", Iban, "AQAAAA", Templates.ApiRolePassword],
            it => Assert.DoesNotContain(it, Log, StringComparison.Ordinal)
        );

    // As a process of its own, for all that it prints.
    private Task<(int ExitCode, string Output)> MigrateAsync() =>
        ChildProcess.RunAsync(
            typeof(MigrationProgram).Assembly,
            [
                $"--ConnectionStrings:clicknback={OwnerConnectionString}",
                $"--Database:ApiRolePassword={Templates.ApiRolePassword}",
            ]
        );

    private static Task<PostgresException> FailsAsync(string connectionString, string sql, string parameter) =>
        Assert.ThrowsAsync<PostgresException>(() => TestDatabase.ExecuteAsync(connectionString, sql, parameter));
}
