using System.Collections.Concurrent;
using ClickNBack.Api;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>
/// The built API as a process of its own, as in production: with its verification job, on any free port. It can be killed, and
/// several of them can share a database. (<see cref="ApiServer"/> is the one to reach into.)
/// </summary>
internal sealed class ApiProcess : IAsyncDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly ChildProcess _process;
    private readonly ConcurrentQueue<string> _log;
    private readonly HttpClient _http;

    private ApiProcess(ChildProcess process, ConcurrentQueue<string> log, Uri address)
    {
        _process = process;
        _log = log;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = address };
        Anonymous = new ApiClient(_http, null);
    }

    /// <summary>Somebody who is not logged in.</summary>
    public ApiClient Anonymous { get; }

    public Uri Address => _http.BaseAddress!;

    /// <summary>Somebody with this access token.</summary>
    public ApiClient With(string? accessToken) => new(_http, accessToken);

    /// <summary>The operating system's number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>The log's lines of level error and above.</summary>
    public IEnumerable<string> ErrorLines =>
        _log.Where(line =>
            line.Contains("\"LogLevel\":\"Error\"", StringComparison.Ordinal)
            || line.Contains("\"LogLevel\":\"Critical\"", StringComparison.Ordinal)
        );

    /// <summary>Starts it and returns when it is ready.</summary>
    /// <param name="connectionString">The database, as the API's role.</param>
    /// <param name="settings">Settings that win over those of all tests.</param>
    public static async Task<ApiProcess> StartAsync(
        string connectionString,
        Dictionary<string, string?>? settings = null
    )
    {
        var log = new ConcurrentQueue<string>();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var all = new ApiSetup { Settings = settings ?? [] }.AllSettings(connectionString);
        all.TryAdd("environment", "Production");
        all.TryAdd("Logging:LogLevel:Default", "Warning");
        all.TryAdd("Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information"); // where it says its address
        var process = ChildProcess.Start(
            typeof(ClickNBackApi).Assembly,
            all.Select(it => $"--{it.Key}={it.Value}"),
            line =>
            {
                log.Enqueue(line);
                if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var start)
                {
                    var rest = line[(start + Listening.Length)..];
                    address.TrySetResult(new Uri(rest[..rest.IndexOf('"', StringComparison.Ordinal)]));
                }
            }
        );
        await Task.WhenAny(address.Task, process.Exit);
        if (!address.Task.IsCompleted)
        {
            await process.DisposeAsync();
            throw new InvalidOperationException($"The API does not start:\n{string.Join('\n', log)}");
        }

        var api = new ApiProcess(process, log, await address.Task);
        await api.ReadyAsync();
        return api;
    }

    /// <summary>Returns when it is ready.</summary>
    public Task ReadyAsync() =>
        Until.TrueAsync(async () => (await Anonymous.GetAsync("/ready")).Status == 200, "the API is ready");

    /// <summary>Ends it at this very moment, whatever it is doing.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }
}
