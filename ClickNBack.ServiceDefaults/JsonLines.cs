using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClickNBack.ServiceDefaults;

/// <summary>
/// Logs one JSON object a line, with the fields of the framework's JSON console. That one wakes a thread and asks the system
/// to write for every line, which costs a request more than anything else but the database; here lines gather for a moment and
/// are written together. An error is written at once, with all that came before it.
/// </summary>
[ProviderAlias("Console")]
internal sealed class JsonLines : ILoggerProvider, ISupportExternalScope
{
    private const int MostPending = 256 * 1024; // then whoever logs writes: if nobody reads, nobody runs ahead
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? _line;

    private readonly Lock _pendingLock = new();
    private readonly Lock _outputLock = new();
    private readonly Stream _output;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ArrayBufferWriter<byte> _pending = new();
    private ArrayBufferWriter<byte> _spare = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    /// <summary>Logs to a stream, standard output for example.</summary>
    public JsonLines(Stream output, TimeProvider time)
    {
        _output = output;
        _time = time;
        _timer = time.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc/>
    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Flush();
    }

    private void Add(ReadOnlySpan<byte> line, bool atOnce)
    {
        int pending;
        lock (_pendingLock)
        {
            pending = _pending.WrittenCount;
            _pending.Write(line);
        }

        if (atOnce || pending > MostPending)
        {
            Flush();
        }
        else if (pending == 0)
        {
            _timer.Change(Moment, Timeout.InfiniteTimeSpan);
        }
    }

    private void Flush()
    {
        lock (_outputLock)
        {
            lock (_pendingLock)
            {
                (_pending, _spare) = (_spare, _pending);
            }

            if (_spare.WrittenCount > 0)
            {
                _output.Write(_spare.WrittenSpan);
                _output.Flush();
                _spare.ResetWrittenCount();
            }
        }
    }

    private sealed class Logger(JsonLines lines, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => lines._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var (buffer, json) = Line();
            json.WriteStartObject();
            json.WriteString(
                "Timestamp",
                lines._time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)
            );
            json.WriteNumber("EventId", eventId.Id);
            json.WriteString("LogLevel", Name(logLevel));
            json.WriteString("Category", category);
            json.WriteString("Message", formatter(state, exception));
            if (exception is not null)
            {
                json.WriteString("Exception", exception.ToString());
            }

            json.WritePropertyName("State");
            WriteFields(json, state);
            json.WriteStartArray("Scopes");
            lines._scopes.ForEachScope(static (scope, to) => WriteFields(to, scope), json);
            json.WriteEndArray();
            json.WriteEndObject();
            json.Flush();
            buffer.Write("\n"u8);
            lines.Add(buffer.WrittenSpan, logLevel >= LogLevel.Error);
        }

        private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) Line()
        {
            if (_line is not var (buffer, json))
            {
                buffer = new ArrayBufferWriter<byte>(1024);
                json = new Utf8JsonWriter(buffer, Options);
                _line = (buffer, json);
            }

            buffer.ResetWrittenCount();
            json.Reset(buffer);
            return (buffer, json);
        }

        private static void WriteFields(Utf8JsonWriter json, object? state)
        {
            if (state is not IEnumerable<KeyValuePair<string, object?>> fields)
            {
                json.WriteStringValue(state?.ToString());
                return;
            }

            json.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                json.WritePropertyName(name);
                WriteValue(json, value);
            }

            json.WriteEndObject();
        }

        private static void WriteValue(Utf8JsonWriter json, object? value)
        {
            switch (value)
            {
                case int number:
                    json.WriteNumberValue(number);
                    break;
                case long number:
                    json.WriteNumberValue(number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                case decimal number:
                    json.WriteNumberValue(number);
                    break;
                case bool truth:
                    json.WriteBooleanValue(truth);
                    break;
                case Guid id:
                    json.WriteStringValue(id);
                    break;
                case IFormattable other:
                    json.WriteStringValue(other.ToString(null, CultureInfo.InvariantCulture));
                    break;
                default:
                    json.WriteStringValue(value?.ToString());
                    break;
            }
        }

        private static string Name(LogLevel level) =>
            level switch
            {
                LogLevel.Trace => "Trace",
                LogLevel.Debug => "Debug",
                LogLevel.Information => "Information",
                LogLevel.Warning => "Warning",
                LogLevel.Error => "Error",
                _ => "Critical",
            };
    }
}
