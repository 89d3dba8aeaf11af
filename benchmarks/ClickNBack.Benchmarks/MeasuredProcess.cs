using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Benchmarks;

/// <summary>What a process holds, in bytes.</summary>
/// <param name="Resident">Resident set: what is in RAM, pages counted as often as they are mapped.</param>
/// <param name="Proportional">The same with every page counted once, or shared out among the processes that have it.</param>
/// <param name="Heap">The part of it that is the managed heap, garbage included.</param>
/// <param name="Peak">The largest proportional set so far, looked at every second.</param>
internal sealed record MemoryUse(long Resident, long Proportional, long Heap, long Peak);

/// <summary>A server under measurement: a process of its own, in production's environment, logging into a file.</summary>
internal sealed class MeasuredProcess : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly Process _numbers;
    private readonly string _socket;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _watching;
    private long _peak;

    private MeasuredProcess(ChildProcess process, Uri address, string socket)
    {
        _process = process;
        _numbers = Process.GetProcessById(process.Id);
        _socket = socket;
        Address = address;
        _watching = WatchMemoryAsync();
    }

    public Uri Address { get; }

    /// <summary>What the process and its threads have used of the processors.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _numbers.Refresh();
            return _numbers.TotalProcessorTime;
        }
    }

    /// <summary>Starts it and returns when it is ready.</summary>
    /// <param name="name">What to call its files.</param>
    /// <param name="folder">Where to put them.</param>
    /// <param name="program">The assembly and its arguments.</param>
    /// <param name="settings">Its environment, beside what every process needs.</param>
    public static async Task<MeasuredProcess> StartAsync(
        string name,
        string folder,
        IReadOnlyList<string> program,
        IReadOnlyDictionary<string, string> settings
    )
    {
        var address = new Uri($"http://127.0.0.1:{ChildProcess.FreePort()}");
        var log = Path.Combine(folder, $"{name}.log");
        var socket = Path.Combine(folder, $"{name}.socket");
        var environment = BuiltPrograms.Environment();
        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority);
        environment["DOTNET_gcServer"] = "0"; // these two as in compose.production.yaml
        environment["DOTNET_GCgen0size"] = "0x1000000";
        environment["DOTNET_STARTUP_HOOKS"] = typeof(StartupHook).Assembly.Location;
        environment[StartupHook.SocketVariable] = socket;
        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }

        // The shell sends the log into a file: reading it through a pipe would cost this process what it measures.
        var process = ChildProcess.Start(
            ["/bin/sh", "-c", """log="$1"; shift; exec dotnet "$@" > "$log" 2>&1""", "sh", log, .. program],
            environment: environment
        );
        var server = new MeasuredProcess(process, address, socket);
        try
        {
            await server.WaitUntilReadyAsync();
            return server;
        }
        catch (Exception problem) when (problem is TimeoutException or InvalidOperationException)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException(
                $"{name} does not become ready:\n{await File.ReadAllTextAsync(log)}",
                problem
            );
        }
    }

    public MemoryUse Memory()
    {
        var (resident, proportional) = Sizes();
        return new(resident, proportional, Ask().Heap, Math.Max(_peak, proportional));
    }

    /// <summary>The largest proportional set while something is done, looked at ten times a second.</summary>
    public async Task<long> PeakOfAsync(Task done)
    {
        var peak = Sizes().Proportional;
        while (await Task.WhenAny(done, Task.Delay(100, _ending.Token)) != done)
        {
            peak = Math.Max(peak, Sizes().Proportional);
        }

        await done;
        return Math.Max(peak, Sizes().Proportional);
    }

    /// <summary>Bytes allocated on the managed heap since the process started.</summary>
    public long Allocated() => Ask().Allocated;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        await _process.DisposeAsync();
        _numbers.Dispose();
        _ending.Dispose();
    }

    private async Task WatchMemoryAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token) && !_process.Exit.IsCompleted)
            {
                _peak = Math.Max(_peak, Sizes().Proportional);
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private (long Resident, long Proportional) Sizes()
    {
        var sizes = File.ReadLines($"/proc/{_process.Id}/smaps_rollup")
            .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields is [_, _, "kB"])
            .ToDictionary(
                fields => fields[0].TrimEnd(':'),
                fields => long.Parse(fields[1], CultureInfo.InvariantCulture) * 1024,
                StringComparer.Ordinal
            );
        return (sizes["Rss"], sizes["Pss"]);
    }

    private (long Allocated, long Heap) Ask()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_socket));
        using var stream = new NetworkStream(socket);
        Span<byte> answer = stackalloc byte[16];
        stream.ReadExactly(answer);
        return (BitConverter.ToInt64(answer), BitConverter.ToInt64(answer[8..]));
    }

    private async Task WaitUntilReadyAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        var start = Stopwatch.GetTimestamp();
        while (!await IsReadyAsync(client))
        {
            if (_process.Exit.IsCompleted)
            {
                throw new InvalidOperationException("It ended.");
            }

            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException();
            }

            await Task.Delay(50, _ending.Token);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
