using System.Text.Json;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class LogTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task Outside_development_a_line_is_JSON_with_trace_id_request_id_and_UTC_time(string environment)
    {
        const string trace = "0af7651916cd43dd8448eb211c80319c";
        var line = await LineOfARequestAsync(environment, trace);

        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        Assert.Equal("Bought a thing", root.GetProperty("Message").GetString());
        Assert.Equal("Information", root.GetProperty("LogLevel").GetString());
        Assert.Equal(TimeSpan.Zero, root.GetProperty("Timestamp").GetDateTimeOffset().Offset);
        Assert.EndsWith("Z", root.GetProperty("Timestamp").GetString(), StringComparison.Ordinal);
        var scopes = root.GetProperty("Scopes").EnumerateArray().ToArray();
        Assert.Contains(scopes, scope => Has(scope, "TraceId", trace));
        Assert.Contains(scopes, scope => Has(scope, "SpanId", null));
        Assert.Contains(scopes, scope => Has(scope, "RequestId", null));
        Assert.DoesNotContain('\n', line.TrimEnd('\n'));
    }

    [Fact]
    public async Task In_development_a_line_is_text_with_trace_id_and_request_id()
    {
        const string trace = "1af7651916cd43dd8448eb211c80319c";
        var line = await LineOfARequestAsync("Development", trace);

        Assert.Contains($"TraceId:{trace}", line, StringComparison.Ordinal);
        Assert.Contains("RequestId:", line, StringComparison.Ordinal);
        Assert.EndsWith("Bought a thing", line.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line.TrimEnd('\n'));
    }

    [Theory]
    [InlineData("Anything", LogLevel.Information)]
    [InlineData("Microsoft.AspNetCore.Routing", LogLevel.Warning)]
    [InlineData("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Warning)]
    public void The_lowest_level_is_information_and_of_the_talkative_warning(string category, LogLevel lowest)
    {
        var builder = Programs.Worker();
        builder.AddServiceDefaults();
        using var host = builder.Build();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category);

        Assert.True(logger.IsEnabled(lowest));
        Assert.False(logger.IsEnabled(lowest - 1));
    }

    [Fact]
    public void Standard_configuration_overrides_levels_and_format()
    {
        var builder = Programs.Worker(
            ("Logging:LogLevel:Default", "Error"),
            ("Logging:Console:FormatterName", "systemd")
        );
        builder.AddServiceDefaults();
        using var host = builder.Build();

        Assert.False(host.Services.GetRequiredService<ILogger<LogTests>>().IsEnabled(LogLevel.Warning));
        Assert.Equal("systemd", host.Services.GetRequiredService<IOptions<ConsoleLoggerOptions>>().Value.FormatterName);
    }

    [Fact]
    public void A_line_is_written_in_one_piece_and_at_once()
    {
        using var pieces = new Pieces();
        using var writer = Logs.WriterOfLines(pieces);

        writer.Write(new string('a', 3000) + '\n');
        writer.Write("b\n");

        Assert.Equal([3001, 2], pieces.Sizes);
    }

    private sealed class Pieces : MemoryStream
    {
        public List<int> Sizes { get; } = [];

        public override void Write(ReadOnlySpan<byte> buffer) => Sizes.Add(buffer.Length);
    }

    private static bool Has(JsonElement scope, string name, string? value) =>
        scope.ValueKind == JsonValueKind.Object
        && scope.TryGetProperty(name, out var found)
        && (value is null || found.GetString() == value);

    private static async Task<string> LineOfARequestAsync(string environment, string trace)
    {
        var builder = Programs.Web(environment, ("Shutdown:DrainSeconds", "0"));
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<ILoggerProvider, Captured>();
        await using var app = builder.Build();
        app.MapGet("/buy", (ILogger<LogTests> logger) => logger.LogInformation("Bought a {Thing}", "thing"));
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = app.Address() };
        client.DefaultRequestHeaders.Add("traceparent", $"00-{trace}-b7ad6b7169203331-01");
        (await client.GetAsync("/buy")).Dispose();

        var captured = app.Services.GetServices<ILoggerProvider>().OfType<Captured>().Single();
        return captured.Lines.Single(line => line.Contains("Bought", StringComparison.Ordinal));
    }

    /// <summary>Writes with the formatter that the console would use.</summary>
    private sealed class Captured(IEnumerable<ConsoleFormatter> formatters, IOptions<ConsoleLoggerOptions> options)
        : ILoggerProvider,
            ISupportExternalScope
    {
        private readonly List<string> _lines = [];
        private IExternalScopeProvider? _scopes;

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose() { }

        private sealed class Logger(Captured captured, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => captured._scopes?.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter
            )
            {
                using var text = new StringWriter();
                captured.Formatter.Write(
                    new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter),
                    captured._scopes,
                    text
                );
                lock (captured._lines)
                {
                    captured._lines.Add(text.ToString());
                }
            }
        }

        private ConsoleFormatter Formatter =>
            formatters.Single(formatter => formatter.Name == options.Value.FormatterName);
    }
}
