using ClickNBack.Api.Audit;
using ClickNBack.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace ClickNBack.Api.Persistence;

/// <summary>The API's connection to its database.</summary>
public static class Database
{
    /// <summary>The connection string's name.</summary>
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
                    .ReplaceService<IModificationCommandBatchFactory, MultiRowBatchFactory>()
                    .AddInterceptors(provider.GetRequiredService<AuditLogger>())
                    .ConfigureWarnings(LogUnhandledOnce)
        );
        // The readiness check is ours, since it also asks for the migration; retries would forbid explicit transactions.
        builder.EnrichNpgsqlDbContext<ClickNBackDbContext>(settings =>
        {
            settings.DisableRetry = true;
            settings.DisableHealthChecks = true;
        });
        builder.Services.AddSingleton(_ => new SchemaCheck(Connection(Given(builder))));
        builder.Services.AddHealthChecks().AddCheck<SchemaCheck>("schema", tags: [HealthExtensions.ReadyTag]);
    }

    private static string Given(IHostApplicationBuilder builder) =>
        builder.Configuration.GetConnectionString(ConnectionName)!;

    // A race that a constraint decides is no error; what is one is logged where nobody has handled it.
    private static void LogUnhandledOnce(WarningsConfigurationBuilder warnings) =>
        warnings.Log((RelationalEventId.CommandError, LogLevel.Debug), (CoreEventId.SaveChangesFailed, LogLevel.Debug));

    /// <summary>
    /// The connection string with our defaults where it says nothing: nobody waits for ever, and two API processes and
    /// the migration worker fit into PostgreSQL's 100 connections.
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
        Default("Options", "-c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s");
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
