using ClickNBack.Api.Audit;
using ClickNBack.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>The API's connection to its database.</summary>
internal static class Database
{
    public const string ConnectionName = "clicknback";

    /// <summary>Registers the database, its readiness check, and what every connection has in common.</summary>
    public static void AddDatabase(this IHostApplicationBuilder builder)
    {
        builder.Services.AddRequiredConnectionString(ConnectionName);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(Connection(Given(builder))));
        builder.Services.AddSingleton<AuditLogger>();
        builder.Services.AddDbContextPool<ClickNBackDbContext>(
            (provider, options) =>
                options
                    .UseNpgsql(provider.GetRequiredService<NpgsqlDataSource>())
                    .AddInterceptors(provider.GetRequiredService<AuditLogger>())
                    .ConfigureWarnings(LogUnhandledOnce)
        );
        // The readiness check is ours, since it also asks for the migration; retries would forbid explicit transactions. Spans and
        // metrics of the database are Telemetry's, which makes them only where somebody gets them: a span holds the whole SQL.
        builder.EnrichNpgsqlDbContext<ClickNBackDbContext>(settings =>
        {
            settings.DisableRetry = true;
            settings.DisableHealthChecks = true;
            settings.DisableTracing = true;
            settings.DisableMetrics = true;
        });
        builder.Services.AddSingleton(_ => new SchemaCheck(Connection(Given(builder))));
        var health = builder.Services.AddHealthChecks();
        health.AddCheck<SchemaCheck>("schema", tags: [HealthExtensions.ReadyTag]);
        if (!SaysWhetherToPrepare(Given(builder)))
        {
            builder.Services.AddSingleton<PoolerCheck>();
            health.AddCheck<PoolerCheck>("pooler", tags: [HealthExtensions.ReadyTag]);
        }
    }

    /// <summary>
    /// Reads, and again on a fresh connection where the one at hand was cut: after the server has ended all sessions, each that
    /// lies idle in the pool is dead, and only its use tells. Each attempt that fails takes a dead one away, so there are at most
    /// as many of them as the pool may hold. A server that cannot be reached at all fails at once.
    /// </summary>
    public static async Task<T> ReadAsync<T>(this NpgsqlDataSource database, Func<Task<T>> read)
    {
        var cuts = 0;
        while (true)
        {
            try
            {
                return await read();
            }
            catch (Exception exception) when (WasCut(exception) && ++cuts <= MaxConnections(database))
            {
                database.Clear(); // all of them at once; but nothing while another request does it
            }
        }
    }

    /// <summary>Whether a pooler stands between: it gives each client a number of its own instead of the server process's.</summary>
    public static async Task<bool> IsPooledAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var question = new NpgsqlCommand("SELECT pg_backend_pid()", connection);
        return await question.ExecuteScalarAsync(cancel) is not int process || process != connection.ProcessID;
    }

    private static int MaxConnections(NpgsqlDataSource database) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize;

    private static bool WasCut(Exception? exception) =>
        exception switch
        {
            null => false,
            PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown } =>
                true,
            NpgsqlException { InnerException: IOException } => true,
            _ => WasCut(exception.InnerException),
        };

    private static bool SaysWhetherToPrepare(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString).ShouldSerialize("Max Auto Prepare");

    private static string Given(IHostApplicationBuilder builder) =>
        builder.Configuration.GetConnectionString(ConnectionName)!;

    // A race that a constraint decides is no error; what is one is logged where nobody has handled it.
    private static void LogUnhandledOnce(WarningsConfigurationBuilder warnings) =>
        warnings.Log((RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug));

    /// <summary>
    /// The connection string with our defaults where it says nothing: nobody waits for ever (the role has limits of its own), and
    /// two API processes and the migration worker fit into PostgreSQL's 100 connections.
    /// </summary>
    public static string Connection(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        var connection = new NpgsqlConnectionStringBuilder(connectionString)
        {
            GssEncryptionMode = GssEncryptionMode.Disable, // the library is not in the image
        };
        Default("Application Name", "clicknback-api");
        Default("Maximum Pool Size", "40");
        Default("Max Auto Prepare", "100");
        Default("No Reset On Close", "true"); // no session state is ever set, so none has to be swept up each time
        Default("Command Timeout", "20");
        Default("Timeout", "15");
        Default("Keepalive", "30");
        return connection.ConnectionString;

        void Default(string key, string value)
        {
            if (!given.ShouldSerialize(key))
            {
                connection[key] = value;
            }
        }
    }
}
