using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging.Console;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// Logs on standard output: one JSON object a line, except in Development, where a person reads them. Every line of a
/// request carries trace id, span id and request id. All of it are defaults of the standard <c>Logging</c> section.
/// </summary>
internal static class Logs
{
    public static void AddConsoleLogs(this IHostApplicationBuilder builder)
    {
        // First source, lowest precedence: appsettings.json and the environment override it.
        builder.Configuration.Sources.Insert(
            0,
            new MemoryConfigurationSource { InitialData = Defaults(builder.Environment.IsDevelopment()) }
        );
        builder.Logging.AddConsole().Configure(TrackActivity);
    }

    /// <summary>Writes each line in one piece; the console's own writer does so by 256 characters.</summary>
    public static TextWriter WriterOfLines(Stream output) =>
        new StreamWriter(output, bufferSize: 16 * 1024) { AutoFlush = true };

    /// <summary>For what goes wrong outside a host.</summary>
    public static ILoggerFactory CreateFactory()
    {
        var environment =
            Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")
            ?? Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT");
        var isDevelopment = string.Equals(environment, Environments.Development, StringComparison.OrdinalIgnoreCase);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(Defaults(isDevelopment)).Build();
        return LoggerFactory.Create(logging =>
            logging.AddConfiguration(settings.GetSection("Logging")).AddConsole().Configure(TrackActivity)
        );
    }

    private static void TrackActivity(LoggerFactoryOptions options) =>
        options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId;

    private static Dictionary<string, string?> Defaults(bool isDevelopment) =>
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["Logging:LogLevel:Default"] = "Information",
            ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
            ["Logging:LogLevel:Microsoft.EntityFrameworkCore.Database.Command"] = "Warning",
            // It logs every failed check of every probe; Readiness logs each change once.
            ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "None",
            ["Logging:Console:FormatterName"] = isDevelopment
                ? ConsoleFormatterNames.Simple
                : ConsoleFormatterNames.Json,
            ["Logging:Console:FormatterOptions:SingleLine"] = "true",
            ["Logging:Console:FormatterOptions:IncludeScopes"] = "true",
            ["Logging:Console:FormatterOptions:UseUtcTimestamp"] = "true",
            ["Logging:Console:FormatterOptions:TimestampFormat"] = isDevelopment
                ? "HH:mm:ss.fff "
                : "yyyy-MM-ddTHH:mm:ss.fffZ",
        };
}
