using System.Security.Cryptography;
using ClickNBack.MigrationService;
using Npgsql;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A database of its own, for one test class or one test.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresServer _server;
    private readonly string _name;

    private TestDatabase(PostgresServer server, string name)
    {
        _server = server;
        _name = name;
    }

    /// <summary>Migrated, with one administrator.</summary>
    public static async Task<TestDatabase> CreateAsync() => await CopyAsync(await Templates.EmptyAsync());

    /// <summary>The same with the demo.</summary>
    public static async Task<TestDatabase> CreateWithDemoAsync() => await CopyAsync(await Templates.DemoAsync());

    /// <summary>Without any table.</summary>
    public static Task<TestDatabase> CreateBlankAsync() => CopyAsync("template0");

    public string OwnerConnectionString => _server.ConnectionString(_name);

    public string ApiConnectionString =>
        new NpgsqlConnectionStringBuilder(OwnerConnectionString)
        {
            Username = ApiRole.Name,
            Password = Templates.ApiRolePassword,
        }.ConnectionString;

    public Task<NpgsqlConnection> OpenAsOwnerAsync() => OpenAsync(OwnerConnectionString);

    public Task<NpgsqlConnection> OpenAsApiAsync() => OpenAsync(ApiConnectionString);

    /// <summary>Runs a statement as the owner, who may do everything.</summary>
    public Task ExecuteAsync(string sql, params object[] parameters) =>
        ExecuteAsync(OwnerConnectionString, sql, parameters);

    /// <summary>The one value that a query answers, as the owner sees it.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var connection = await OpenAsOwnerAsync();
        await using var command = Command(connection, sql, parameters);
        return await command.ExecuteScalarAsync() is T value
            ? value
            : throw new InvalidOperationException($"No {typeof(T).Name}: {sql}");
    }

    /// <summary>The rows that a query answers, each with its values separated by blanks.</summary>
    public Task<List<string>> RowsAsync(string sql, params object[] parameters) =>
        QueryAsync(OwnerConnectionString, sql, parameters);

    /// <summary>Waits until somebody waits for a lock that a connection's transaction holds.</summary>
    public Task SomebodyWaitsForAsync(NpgsqlConnection holder) =>
        Until.TrueAsync(
            () =>
                ScalarAsync<bool>(
                    "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))",
                    holder.ProcessID
                ),
            "somebody waits for the lock"
        );

    /// <summary>Fails with the names of the money invariants that do not hold.</summary>
    public async Task InvariantsHoldAsync()
    {
        var broken = await RowsAsync("SELECT invariant, violations FROM money_invariants() WHERE violations <> 0");
        Assert.Empty(broken);
    }

    /// <summary>How many rows each table has.</summary>
    public Task<List<string>> RowCountsAsync() =>
        RowsAsync(
            """
            SELECT table_name, (xpath('/row/count/text()', query_to_xml(
                format('SELECT count(*) AS count FROM %I', table_name), false, true, '')))[1]::text
            FROM information_schema.tables
            WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1
            """
        );

    /// <summary>Closes it for everybody: all connections break, new ones are refused.</summary>
    public async Task RefuseConnectionsAsync()
    {
        await ForgetConnectionsAsync();
        var elsewhere = _server.ConnectionString("postgres");
        await ExecuteAsync(elsewhere, $"ALTER DATABASE {_name} ALLOW_CONNECTIONS false");
        await ExecuteAsync(
            elsewhere,
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'"
        );
    }

    /// <summary>Undoes <see cref="RefuseConnectionsAsync"/>.</summary>
    public Task AcceptConnectionsAsync() =>
        ExecuteAsync(_server.ConnectionString("postgres"), $"ALTER DATABASE {_name} ALLOW_CONNECTIONS true");

    public async ValueTask DisposeAsync()
    {
        await ForgetConnectionsAsync();
        await ExecuteAsync(_server.ConnectionString("postgres"), $"DROP DATABASE {_name} WITH (FORCE)");
    }

    internal static async Task ExecuteAsync(string connectionString, string sql, params object[] parameters)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = Command(connection, sql, parameters);
        await command.ExecuteNonQueryAsync();
    }

    internal static async Task<List<string>> QueryAsync(string connectionString, string sql, params object[] parameters)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = Command(connection, sql, parameters);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            var values = new object[reader.FieldCount];
            reader.GetValues(values);
            rows.Add(string.Join(' ', values));
        }

        return rows;
    }

    private async Task ForgetConnectionsAsync()
    {
        await using var pool = new NpgsqlConnection(OwnerConnectionString);
        NpgsqlConnection.ClearPool(pool);
    }

    private static async Task<TestDatabase> CopyAsync(string template)
    {
        var server = await PostgresServer.StartedAsync();
        var name = $"test_{RandomNumberGenerator.GetHexString(12, lowercase: true)}";
        await ExecuteAsync(server.ConnectionString("postgres"), $"CREATE DATABASE {name} TEMPLATE {template}");

        // Rights to a database, unlike those to its tables, are not copied.
        await ExecuteAsync(server.ConnectionString("postgres"), $"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC");
        return new TestDatabase(server, name);
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter as NpgsqlParameter ?? new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
