using System.Collections.Concurrent;
using System.Text.Json;
using ClickNBack.AppHost;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>The AppHost as a process of its own, as <c>make run</c> starts it.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private const string Mark = "CLICKNBACK_TEST_RUN";
    private static readonly string Folder = Path.Combine(PlatformGraph.Root, "ClickNBack.AppHost");
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // Where the tests run in the background, Ctrl-C is ignored, and what they start inherits that.
    private static readonly string[] InterruptibleBy = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];

    private readonly string _run = Guid.CreateVersion7().ToString("N");
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChildProcess _process;

    private AppHostProcess(IReadOnlyDictionary<string, string> variables, string[] arguments)
    {
        var environment = LaunchProfile();
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        environment[Mark] = _run;
        _process = ChildProcess.Start(
            [
                .. InterruptibleBy,
                Environment.ProcessPath!,
                PlatformRun.ProgramOf(Path.Combine(Folder, "ClickNBack.AppHost.csproj")) + ".dll",
                "--Parameters:postgres-password=of-the-tests", // given: a generated one would go to the user's secrets
                "--Parameters:api-database-password=of-the-tests",
                "--Parameters:jwt-signing-key=0123456789012345678901234567890-of-a-test",
                .. arguments,
            ],
            Received,
            environment
        );
    }

    /// <summary>What it has written.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>Completes with the exit code.</summary>
    public Task<int> ExitAsync() => _process.Exit.WaitAsync(Patience);

    /// <summary>Starts it.</summary>
    public static AppHostProcess Start(params string[] arguments) => new(new Dictionary<string, string>(), arguments);

    /// <summary>Runs it to its end, with variables of its own.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        IReadOnlyDictionary<string, string> variables,
        params string[] arguments
    )
    {
        await using var process = new AppHostProcess(variables, arguments);
        var exitCode = await process.ExitAsync();
        return (exitCode, process.Output);
    }

    /// <summary>Returns when it says that the platform is ready.</summary>
    public async Task ReadyAsync()
    {
        await Task.WhenAny(_ready.Task, _process.Exit).WaitAsync(Patience);
        Assert.True(_ready.Task.IsCompleted, $"It is not ready: {Output}");
    }

    /// <summary>The first address of a resource in the table that it prints.</summary>
    public Uri AddressOf(string resource) =>
        new(
            _lines
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .First(words => words is [var name, _, _, ..] && name == resource)[2]
        );

    /// <summary>Does what Ctrl-C does in its terminal.</summary>
    public void Interrupt() => _process.Interrupt();

    /// <summary>Ends it alone at this very moment.</summary>
    public void Kill() => _process.KillAlone();

    /// <summary>Returns when no process is left of all that it has started.</summary>
    public Task NothingIsLeftAsync() =>
        Until.TrueAsync(() => Task.FromResult(!Processes().Any()), "all processes of the run have ended");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // Whatever it starts, and the orchestrator that it detaches from itself, inherit its variables.
    private IEnumerable<string> Processes() =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]))
            .Where(folder => ReadOrEmpty(Path.Combine(folder, "environ")).Contains(_run, StringComparison.Ordinal));

    private static string ReadOrEmpty(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return ""; // it has just ended, or is another user's
        }
    }

    private void Received(string line)
    {
        _lines.Enqueue(line);
        if (line.Contains("Ctrl-C stops it all", StringComparison.Ordinal)) // the last line of what it says then
        {
            _ready.TrySetResult();
        }
    }

    private static Dictionary<string, string> LaunchProfile()
    {
        var file = Path.Combine(Folder, "Properties", "launchSettings.json");
        using var settings = JsonDocument.Parse(File.ReadAllText(file));
        var profile = settings.RootElement.GetProperty("profiles").GetProperty("http");
        var environment = Environment
            .GetEnvironmentVariables()
            .Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(it => (string)it.Key, it => (string)it.Value!, StringComparer.Ordinal);
        foreach (var variable in profile.GetProperty("environmentVariables").EnumerateObject())
        {
            environment[variable.Name] = variable.Value.GetString()!;
        }

        environment["ASPNETCORE_URLS"] = profile.GetProperty("applicationUrl").GetString()!;
        return environment;
    }
}
