using System.Reflection;
using ClickNBack.Api;
using ClickNBack.Api.Persistence;
using ClickNBack.MigrationService;
using ClickNBack.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace ClickNBack.Tests.Integration;

public sealed class MigrationTests
{
    private const string History = "\"__EFMigrationsHistory\"";

    [Fact]
    public async Task Two_workers_at_once_both_succeed()
    {
        await using var database = await TestDatabase.CreateBlankAsync();

        var runs = await Task.WhenAll(
            Enumerable
                .Range(0, 2)
                .Select(_ => Templates.MigrateAsync(database.OwnerConnectionString, [], Templates.Demo))
        );

        Assert.All(runs, it => Assert.Equal(0, it.ExitCode));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM users WHERE email LIKE 'alice@%'"));
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_worker_waits_for_another_one_and_nobody_else_can_make_it_wait()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var worker = await database.OpenAsOwnerAsync();
        await using var transaction = await worker.BeginTransactionAsync();
        await using var turn = new NpgsqlCommand("LOCK TABLE worker_turn IN EXCLUSIVE MODE", worker);
        await turn.ExecuteNonQueryAsync();

        var waiting = Templates.MigrateAsync(database.OwnerConnectionString, []);
        await database.SomebodyWaitsForAsync(worker);
        await transaction.RollbackAsync();

        Assert.Equal(0, (await waiting).ExitCode);
        await using var api = await database.OpenAsApiAsync();
        await using var theft = new NpgsqlCommand("BEGIN; LOCK TABLE worker_turn IN ACCESS SHARE MODE", api);
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => theft.ExecuteNonQueryAsync());
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    [Fact]
    public async Task Workers_of_several_databases_of_one_server_do_not_get_into_each_others_way()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TestDatabase.CreateAsync()));

        for (var round = 0; round < 5; round++)
        {
            var runs = await Task.WhenAll(databases.Select(it => Templates.MigrateAsync(it.OwnerConnectionString, [])));

            Assert.All(runs, it => Assert.Equal(0, it.ExitCode));
        }

        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_second_run_changes_nothing()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        var before = await database.RowCountsAsync();
        var admin = await AdminAsync();

        var (exitCode, _) = await Templates.MigrateAsync(
            database.OwnerConnectionString,
            [],
            [.. Templates.Demo, ("Seed:AdminEmail", Templates.AdminEmail), ("Seed:AdminPassword", "An0ther!One")]
        );

        Assert.Equal(0, exitCode);
        Assert.Equal(before, await database.RowCountsAsync());
        Assert.Equal(admin, await AdminAsync());

        Task<List<string>> AdminAsync() =>
            database.RowsAsync("SELECT * FROM users WHERE email = $1", Templates.AdminEmail);
    }

    [Fact]
    public async Task A_run_takes_back_what_the_apis_role_was_given_by_hand()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync("GRANT UPDATE, DELETE ON purchases, wallets TO clicknback_api");
        await database.ExecuteAsync("GRANT UPDATE (amount) ON payouts TO clicknback_api");
        await using (var api = await database.OpenAsApiAsync())
        {
            await using var command = api.CreateCommand();
            command.CommandText =
                "DO $$ BEGIN EXECUTE format('ALTER ROLE clicknback_api IN DATABASE %I SET search_path = pg_temp', current_database()); END $$";
            await command.ExecuteNonQueryAsync();
        }

        await Templates.MigrateAsync(database.OwnerConnectionString, []);

        Assert.Empty(
            await database.RowsAsync(
                "SELECT setconfig::text FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database() AND setrole = 'clicknback_api'::regrole"
            )
        );

        Assert.Equal(
            ["False False False"],
            await database.RowsAsync(
                """
                SELECT has_table_privilege('clicknback_api', 'purchases', 'DELETE'),
                       has_table_privilege('clicknback_api', 'wallets', 'UPDATE'),
                       has_column_privilege('clicknback_api', 'payouts', 'amount', 'UPDATE')
                """
            )
        );
    }

    [Fact]
    public async Task Two_logins_of_the_api_have_passwords_of_their_own_and_the_same_rights()
    {
        const string Login = "clicknback_api_second";
        const string Password = "of-the-second-login";
        await using var database = await TestDatabase.CreateAsync();

        var (exitCode, _) = await RunWorkerAsync(
            $"--ConnectionStrings:clicknback={database.OwnerConnectionString}",
            $"--Database:ApiLogin={Login}",
            $"--Database:ApiRolePassword={Password}"
        );

        Assert.Equal(0, exitCode);
        var second = new NpgsqlConnectionStringBuilder(database.ApiConnectionString)
        {
            Username = Login,
            Password = Password,
            Pooling = false,
        }.ConnectionString;
        foreach (var connection in (string[])[database.ApiConnectionString, second])
        {
            Assert.Equal(
                ["True False 15s"],
                await TestDatabase.QueryAsync(
                    connection,
                    "SELECT has_table_privilege('users', 'SELECT'), has_table_privilege('users', 'DELETE'), current_setting('statement_timeout')"
                )
            );
        }
    }

    [Fact]
    public async Task A_database_of_a_later_release_that_only_added_stays_as_it_is()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync($"INSERT INTO {History} VALUES ('29991231000000_Future', '99.0')");
        await database.ExecuteAsync("CREATE TABLE futures (); GRANT SELECT ON futures TO clicknback_api");

        var (exitCode, output) = await RunWorkerAsync(
            $"--ConnectionStrings:clicknback={database.OwnerConnectionString}",
            $"--Database:ApiRolePassword={Templates.ApiRolePassword}"
        );

        Assert.Equal(0, exitCode);
        Assert.Contains("29991231000000_Future", output);
        Assert.Equal(
            ["True"],
            await database.RowsAsync("SELECT has_table_privilege('clicknback_api', 'futures', 'SELECT')")
        );
    }

    [Fact]
    public async Task A_statement_may_take_longer_than_the_connection_string_says()
    {
        await using var database = await TestDatabase.CreateBlankAsync();
        await database.ExecuteAsync(
            """
            CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); END $$;
            CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION slow();
            """
        );

        var (exitCode, output) = await RunWorkerAsync(
            $"--ConnectionStrings:clicknback={database.OwnerConnectionString};Command Timeout=1",
            $"--Database:ApiRolePassword={Templates.ApiRolePassword}"
        );

        Assert.True(exitCode == 0, output);
    }

    [Fact]
    public async Task A_database_newer_than_the_worker_is_left_alone()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync($"INSERT INTO {History} VALUES ('29991231000000_ContractFuture', '99.0')");

        var (exitCode, output) = await RunWorkerAsync(
            $"--ConnectionStrings:clicknback={database.OwnerConnectionString}",
            $"--Database:ApiRolePassword={Templates.ApiRolePassword}"
        );

        Assert.Equal(1, exitCode);
        Assert.Contains("29991231000000_ContractFuture", output);
        Assert.Contains("newer than this build", output);
    }

    [Fact]
    public async Task The_worker_waits_for_a_database_that_is_not_there_yet()
    {
        var (exitCode, output) = await RunWorkerAsync(
            "--ConnectionStrings:clicknback=Host=127.0.0.1;Port=1;Username=nobody", // nothing listens there
            "--Database:WaitSeconds=1",
            "--Database:ApiRolePassword=a password of the tests"
        );

        Assert.Equal(1, exitCode);
        Assert.Contains("Waiting for the database", output);
    }

    [Fact]
    public async Task A_migration_that_does_not_get_its_lock_fails_soon_names_who_holds_it_and_succeeds_later()
    {
        await using var database = await TestDatabase.CreateBlankAsync();
        await using (var owner = OwnerDatabase.CreateContext(database.OwnerConnectionString))
        {
            await owner.GetService<IHistoryRepository>().CreateIfNotExistsAsync();
        }

        await using (var reporting = await database.OpenAsOwnerAsync())
        {
            await using var transaction = await reporting.BeginTransactionAsync();
            await using var query = new NpgsqlCommand($"LOCK TABLE {History} IN ACCESS SHARE MODE", reporting);
            await query.ExecuteNonQueryAsync();

            var (exitCode, output) = await RunWorkerAsync(
                $"--ConnectionStrings:clicknback={database.OwnerConnectionString}",
                $"--Database:ApiRolePassword={Templates.ApiRolePassword}",
                "--Database:LockTimeoutSeconds=1"
            );

            Assert.Equal(1, exitCode);
            Assert.Contains("trying again", output);
            Assert.Contains($"process {reporting.ProcessID} ", output);
            Assert.Contains("__EFMigrationsHistory", output);
        }

        var later = await Templates.MigrateAsync(database.OwnerConnectionString, []);
        Assert.Equal(0, later.ExitCode);
    }

    [Theory]
    [InlineData("--invalid")]
    [InlineData("--rebuild-wallets", "--invalid")]
    public async Task An_unknown_command_is_a_usage_error(params string[] commands)
    {
        var (exitCode, output) = await Templates.MigrateAsync("Host=nowhere", commands);

        Assert.Equal(64, exitCode);
        Assert.Contains("Usage", output);
    }

    [Fact]
    public async Task The_worker_names_every_setting_that_is_wrong()
    {
        var (exitCode, output) = await RunWorkerAsync(
            "--Database:ApiRolePassword=short",
            "--Database:WaitSeconds=-1",
            "--Seed:AdminEmail=invalid"
        );

        Assert.Equal(78, exitCode);
        Assert.Contains("ConnectionStrings:clicknback", output);
        Assert.Contains("Database:ApiRolePassword", output);
        Assert.Contains("Database:WaitSeconds", output);
        Assert.DoesNotContain("short", output);
    }

    [Fact]
    public async Task The_api_names_every_setting_that_is_wrong()
    {
        var (exitCode, output) = await RunAsync(
            typeof(ClickNBackApi).Assembly,
            "--Authentication:SigningKey=short",
            "--Verification:IntervalSeconds=0",
            "--Verification:Mode=trusting"
        );

        Assert.Equal(78, exitCode);
        Assert.Contains("ConnectionStrings:clicknback", output);
        Assert.Contains("Authentication:SigningKey", output);
        Assert.Contains("Verification:IntervalSeconds", output);
        Assert.Contains("Verification:Mode: given \"trusting\", expected one of reports, manual, simulated", output);
        Assert.DoesNotContain("short", output);
    }

    [Theory]
    [InlineData("Development")]
    [InlineData("Staging")]
    [InlineData("Production")]
    public async Task Nobody_simulates_verification_by_accident(string environment)
    {
        var (exitCode, output) = await RunAsync(
            typeof(ClickNBackApi).Assembly,
            $"--environment={environment}",
            "--ConnectionStrings:clicknback=Host=127.0.0.1;Port=1",
            $"--Authentication:SigningKey={ApiSetup.SigningKey}",
            "--Verification:Mode=simulated"
        );

        Assert.Equal(78, exitCode);
        Assert.Contains("Verification:AllowSimulation", output);
    }

    [Fact]
    public async Task The_demo_has_its_documented_balances_all_backed_by_the_ledger()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();

        Assert.Equal(
            [
                "alice 19.05 15.00 50.00 0.00",
                "bob 10.88 6.00 0.00 0.00",
                "carol 12.00 0.00 0.00 0.00",
                "dave 10.50 0.00 0.00 0.00",
            ],
            await database.RowsAsync(
                """
                SELECT split_part(email, '@', 1), round(pending_balance, 2), round(available_balance, 2),
                       round(paid_balance, 2), round(owed_balance, 2)
                FROM wallets JOIN users ON users.id = user_id ORDER BY email
                """
            )
        );
        await database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task Everybody_of_the_demo_can_log_in()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var server = await ApiServer.StartAsync(database);

        foreach (
            var (name, role) in new[] { ("alice", "user"), ("carol", "admin"), ("jero", "admin"), ("dave", "user") }
        )
        {
            var person = await server.LoginAsync($"{name}@clicknback.com", "Str0ng!Pass");
            Assert.Equal(role, (await person.Api.GetAsync("/api/v1/users/me"))["role"].GetString());
        }
    }

    [Theory]
    [InlineData("Production", "Th3-demo's-own", "Seed:Demo:")]
    [InlineData("Staging", "", "Seed:DemoPassword:")]
    [InlineData("Staging", "weak", "Seed:DemoPassword:")]
    [InlineData("Staging", "Str0ng!Pass", "Seed:DemoPassword:")]
    public async Task Nobody_seeds_administrators_whose_password_everybody_knows(
        string environment,
        string password,
        string named
    )
    {
        var (exitCode, output) = await RunWorkerAsync(
            $"--environment={environment}",
            "--ConnectionStrings:clicknback=Host=127.0.0.1;Port=1",
            $"--Database:ApiRolePassword={Templates.ApiRolePassword}",
            "--Seed:Demo=true",
            $"--Seed:DemoPassword={password}"
        );

        Assert.Equal(78, exitCode);
        Assert.StartsWith(named, output, StringComparison.Ordinal);
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_demo_of_staging_has_the_password_that_staging_gave_it()
    {
        const string password = "Th3-demo's-own";
        await using var database = await TestDatabase.CreateBlankAsync();

        var (exitCode, _) = await Templates.MigrateAsync(
            database.OwnerConnectionString,
            [],
            [.. Templates.Demo, ("environment", "Staging"), ("Seed:DemoPassword", password)]
        );

        Assert.Equal(0, exitCode);
        await using var server = await ApiServer.StartAsync(database);
        var carol = await server.LoginAsync("carol@clicknback.com", password);
        (await carol.Api.GetAsync("/api/v1/users/me")).Expect(200);
        (await server.Anonymous.LoginAsync("carol@clicknback.com", "Str0ng!Pass")).Expect(401);
    }

    [Fact]
    public async Task Without_a_seed_there_is_nobody()
    {
        await using var database = await TestDatabase.CreateBlankAsync();

        await Templates.MigrateAsync(database.OwnerConnectionString, []);

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM users"));
    }

    [Fact]
    public async Task The_api_expects_the_newest_migration()
    {
        await using var context = OwnerDatabase.CreateContext("Host=nowhere");

        Assert.Equal(SchemaVersion.Expected, context.Database.GetMigrations().Last());
    }

    [Fact]
    public async Task The_migrations_make_the_model_of_the_api()
    {
        await using var context = OwnerDatabase.CreateContext("Host=nowhere");

        Assert.False(context.Database.HasPendingModelChanges());
    }

    [Fact]
    public async Task The_migrations_make_the_schema_that_the_model_describes()
    {
        await using var described = await TestDatabase.CreateBlankAsync();
        await using var migrated = await TestDatabase.CreateAsync();
        await using var context = OwnerDatabase.CreateContext(described.OwnerConnectionString);
        await described.ExecuteAsync(context.Database.GenerateCreateScript());

        var schema = await described.RowsAsync(Schema);

        Assert.NotEmpty(schema);
        Assert.Empty(schema.Except(await migrated.RowsAsync(Schema)));
    }

    /// <summary>Another release of an operating system sorts texts otherwise, and an index then hides what it holds.</summary>
    [Fact]
    public async Task No_index_has_text_with_another_collation_than_C()
    {
        string[] fixedWords =
        [
            "__EFMigrationsHistory.MigrationId",
            "cases.kind",
            "excess_claims.kind",
            "feature_flags.scope_type",
            "payouts.status",
            "purchases.status",
            "transfers.follows",
            "transfers.movement",
        ];
        await using var database = await TestDatabase.CreateAsync();

        var indexed = await database.RowsAsync(
            """
            SELECT DISTINCT format('%s.%s %s', relname, attname, collname)
            FROM pg_index
            JOIN pg_class ON pg_class.oid = indrelid
            JOIN pg_attribute ON attrelid = indexrelid
            JOIN pg_collation ON pg_collation.oid = attcollation
            WHERE relnamespace = 'public'::regnamespace
            """
        );

        Assert.Contains("reported_transactions.order_reference C", indexed);
        Assert.Equal(
            fixedWords,
            indexed
                .Where(it => !it.EndsWith(" C", StringComparison.Ordinal))
                .Select(it => it.Split(' ')[0])
                .Order(StringComparer.Ordinal)
        );
    }

    // Columns, constraints and indexes. A migration makes more of each: what the model cannot say.
    private const string Schema = """
        SELECT format('%s.%s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
        UNION ALL
        SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        """;

    private static Task<(int ExitCode, string Output)> RunWorkerAsync(params string[] arguments) =>
        RunAsync(typeof(MigrationProgram).Assembly, arguments);

    // As a process of its own, for what it tells whoever started it.
    private static Task<(int ExitCode, string Output)> RunAsync(Assembly program, params string[] arguments) =>
        ChildProcess.RunAsync(program, arguments);
}
