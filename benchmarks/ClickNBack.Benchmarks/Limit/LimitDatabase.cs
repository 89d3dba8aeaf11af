using System.Globalization;
using System.Text.RegularExpressions;
using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Benchmarks.Limit;

/// <summary>
/// What PostgreSQL itself can record on this machine: Limit.sql in a database of its own on the same server, driven by
/// PostgreSQL's own pgbench, which costs next to nothing.
/// </summary>
internal sealed partial class LimitDatabase
{
    private const string Name = "benchmark_limit";

    private readonly NpgsqlConnectionStringBuilder _connection;
    private readonly string _pgbench;
    private readonly string _script;

    private LimitDatabase(NpgsqlConnectionStringBuilder connection, string pgbench, string script)
    {
        _connection = connection;
        _pgbench = pgbench;
        _script = script;
    }

    /// <summary>Makes the database.</summary>
    public static async Task<LimitDatabase> CreateAsync(BenchmarkEnvironment environment)
    {
        await environment.ExecuteAsync($"CREATE DATABASE {Name}");
        var connection = environment.OwnerConnection(Name);
        await using (var database = NpgsqlDataSource.Create(connection.ConnectionString))
        await using (var schema = database.CreateCommand(await Resources.TextAsync("Limit.sql")))
        {
            await schema.ExecuteNonQueryAsync();
        }

        var folder = await environment.ReadAsync<string>("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
        var script = Path.Combine(environment.Folder, "limit.pgbench");
        await File.WriteAllTextAsync(script, await Resources.TextAsync("Limit.pgbench"));
        return new(connection, Path.Combine(folder, "pgbench"), script);
    }

    /// <summary>Records purchases of so many users, and answers how many a second.</summary>
    public async Task<double> RunAsync(int users, int connections, int seconds)
    {
        var environment = BuiltPrograms.Environment();
        environment["PGPASSWORD"] = _connection.Password ?? "";
        var (exitCode, output) = await ChildProcess.RunAsync(
            [
                _pgbench,
                "--no-vacuum",
                "--protocol=prepared",
                $"--host={_connection.Host}",
                $"--port={_connection.Port}",
                $"--username={_connection.Username}",
                $"--client={connections}",
                "--jobs=1",
                $"--time={seconds}",
                $"--define=users={Math.Min(users, 10_000)}",
                $"--file={_script}",
                Name,
            ],
            environment
        );
        return exitCode == 0 && PerSecond().Match(output) is { Success: true } match
            ? double.Parse(match.Groups["tps"].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"pgbench failed:\n{output}");
    }

    [GeneratedRegex(@"^tps = (?<tps>[0-9.]+)", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PerSecond();
}
