using ClickNBack.Api.Persistence;
using ClickNBack.MigrationService.Seeding;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.MigrationService;

/// <summary>The migration worker, put together. A program that ends: the graph waits for its exit code.</summary>
internal static class MigrationProgram
{
    /// <summary>Runs the worker.</summary>
    /// <param name="args"><c>--rebuild-wallets [--dry-run]</c> or no command, and settings as <c>--Key:Name=value</c>.</param>
    /// <param name="output">What the command prints.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output)
    {
        string[] commands = [.. args.Where(it => !it.Contains('=', StringComparison.Ordinal))];
        MigrationCommand? command = commands switch
        {
            [] => MigrationCommand.Run,
            ["--rebuild-wallets"] => MigrationCommand.RebuildWallets,
            ["--rebuild-wallets", "--dry-run"] => MigrationCommand.CompareWallets,
            _ => null,
        };
        if (command is null)
        {
            await output.WriteLineAsync(
                "Usage: ClickNBack.MigrationService [--rebuild-wallets [--dry-run]] [--Key:Name=value …]"
            );
            return ExitCode.Usage;
        }

        var builder = Host.CreateApplicationBuilder([.. args.Where(it => it.Contains('=', StringComparison.Ordinal))]);
        builder.AddServiceDefaults();
        builder.Services.AddRequiredConnectionString(Database.ConnectionName);
        builder.Services.AddScoped(_ =>
            OwnerDatabase.CreateContext(builder.Configuration.GetConnectionString(Database.ConnectionName)!)
        );
        if (command == MigrationCommand.Run)
        {
            builder.Services.AddValidatedOptions<DatabaseOptions>("Database");
            builder.Services.AddValidatedOptions<SeedOptions>("Seed");
        }
        else
        {
            builder.Services.Configure<DatabaseOptions>(builder.Configuration.GetSection("Database")); // no password needed
        }

        builder.Services.AddScoped<Migrator>();
        builder.Services.AddScoped<MigrationWorker>();
        builder.Services.AddScoped<WalletRebuild>();
        builder.Services.AddScoped<DemoSeed>();
        builder.Services.AddScoped<AdministratorSeed>();

        using var host = builder.Build().StartTelemetry();
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        await using var scope = host.Services.CreateAsyncScope();
        try
        {
            return await scope
                .ServiceProvider.GetRequiredService<MigrationWorker>()
                .RunAsync(command.Value, output, stop.Token);
        }
        catch (Exception exception)
        {
            scope
                .ServiceProvider.GetRequiredService<ILogger<MigrationWorker>>()
                .LogCritical(exception, "The migration failed: {Reason}", exception.Message);
            return ExitCode.Failure;
        }
    }
}
