using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using ClickNBack.Tests.Contract;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>A server as an operator has one: the content of deploy/ in a folder, a .env, and a container engine.</summary>
internal sealed class Server
{
    private static readonly ConcurrentDictionary<string, FileStream> s_owned = new(StringComparer.Ordinal);

    private readonly string _logs;

    private Server(string project, string folder, string logs)
    {
        Project = project;
        Folder = folder;
        _logs = logs;
        Front = new Uri($"http://127.0.0.1:{FreePort()}");
        SecureFront = new Uri($"https://127.0.0.1:{FreePort()}");
    }

    /// <summary>Names containers, networks and volumes.</summary>
    public string Project { get; }

    /// <summary>What would be /opt/clicknback.</summary>
    public string Folder { get; }

    /// <summary>Where clients reach it.</summary>
    public Uri Front { get; }

    /// <summary>The same where the site has a domain.</summary>
    public Uri SecureFront { get; }

    /// <summary>The secrets of its .env by their names.</summary>
    public Dictionary<string, string> Secrets { get; } =
        new(StringComparer.Ordinal)
        {
            ["POSTGRES_PASSWORD"] = Secret(),
            ["API_DATABASE_PASSWORD"] = Secret(),
            ["JWT_SIGNING_KEY"] = Secret(),
            ["DATA_ENCRYPTION_KEY"] = Secret(),
            ["ADMIN_PASSWORD"] = $"Aa1_{Secret()}",
            ["BACKUP_ENCRYPTION_KEY"] = Secret(),
        };

    public const string AdminEmail = "operator@clicknback.test";

    /// <summary>The version that serves; empty if none does.</summary>
    public string Active => State("versions.env", "ACTIVE_VERSION");

    /// <summary>The colour that serves: blue, green or none.</summary>
    public string Colour => State("versions.env", "ACTIVE");

    /// <summary>The step that an unfinished command is in; empty if nothing is unfinished.</summary>
    public string Step => State("attempt.env", "STEP");

    /// <summary>A new server without anything that an earlier rehearsal left behind.</summary>
    /// <param name="root">Where its folder is made.</param>
    /// <param name="project">Names containers, networks and volumes; each server of a machine has one of its own.</param>
    public static async Task<Server> CreateAsync(string root, string project)
    {
        var folder = Path.Combine(root, project);
        var logs = Directory.CreateDirectory(Path.Combine(root, "logs")).FullName;
        var server = new Server(project, folder, logs);
        s_owned.GetOrAdd(project, Own);
        await server.RemoveAsync();
        await server.RunAsync("make", "-C", Committed.Root, "archive", "TAG=0.0.0").ExpectAsync(0);
        var archive = Path.Combine(Committed.Root, "artifacts", "clicknback-deploy-0.0.0.tar.gz");
        Directory.CreateDirectory(folder);
        await server.RunAsync("tar", "-xzf", archive, "-C", folder).ExpectAsync(0);
        await server.GiveStateADiskAsync();
        server.Configure([]);
        return server;
    }

    /// <summary>Writes .env as an operator does from the example, with these changes; null leaves a line out.</summary>
    public void Configure(Dictionary<string, string?> changes)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["SITE_ADDRESS"] = ":80",
            ["IMAGE_REGISTRY"] = Images.Registry,
            ["ADMIN_EMAIL"] = AdminEmail,
            ["COMPOSE_PROFILES"] = "backup",
            ["COMPOSE_PROJECT_NAME"] = Project,
            ["HTTP_BIND"] = Front.Authority,
            ["HTTPS_BIND"] = SecureFront.Authority,
            ["RATE_LIMIT_CREDENTIALS_PER_MINUTE"] = "100000",
            ["RATE_LIMIT_REQUESTS_PER_MINUTE"] = "1000000",
            ["CLAIM_MAX_PER_DAY"] = "0", // a few users make all the traffic
            ["CLAIM_MAX_AMOUNT_PER_DAY"] = "0",
            ["PAYOUT_ACCOUNT_AGE_DAYS"] = "0",
            ["PAYOUT_REVIEW_AMOUNT"] = "0",
            ["VERIFICATION_MODE"] = "simulated",
            ["VERIFICATION_ALLOW_SIMULATION"] = "true",
            ["VERIFICATION_INTERVAL_SECONDS"] = "5",
            ["READY_SECONDS"] = "40",
            ["DRAIN_SECONDS"] = "1",
            ["WATCH_SECONDS"] = "2",
            ["CANARY_SECONDS"] = "8",
            ["WATCH_MAX_P95_MS"] = "20000", // a busy machine is no bad release
            ["IMAGES_KEPT"] = "100", // nobody could pull them again
        };
        foreach (var (name, value) in Secrets)
        {
            settings[name] = value;
        }

        foreach (var (name, value) in changes)
        {
            settings[name] = value;
        }

        var file = Path.Combine(Folder, ".env");
        File.WriteAllLines(file, settings.Where(it => it.Value is not null).Select(it => $"{it.Key}={it.Value}"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Runs the operator's command to its end.</summary>
    public Task<Ended> ClicknbackAsync(params string[] arguments) => Clicknback(arguments).EndAsync();

    /// <summary>Starts the operator's command.</summary>
    public Operation Clicknback(params string[] arguments) =>
        Operation.Start(_logs, Path.Combine(Folder, "clicknback"), arguments);

    /// <summary>Runs any command to its end.</summary>
    public Task<Ended> RunAsync(string program, params string[] arguments) =>
        Operation.Start(_logs, program, arguments).EndAsync();

    /// <summary>Runs docker; fails if that fails.</summary>
    public async Task<string> DockerAsync(params string[] arguments) =>
        (await RunAsync("docker", arguments).ExpectAsync(0)).Output.Trim();

    /// <summary>The beginning of a compose command about this server, with these files.</summary>
    public string[] Compose(params string[] files) =>
        [
            "compose",
            "--project-directory",
            Folder,
            "--project-name",
            Project,
            "--env-file",
            Path.Combine(Folder, ".env"),
            "--env-file",
            Path.Combine(Folder, "state", "versions.env"),
            .. files.SelectMany(it => (string[])["--file", Path.Combine(Folder, it)]),
        ];

    /// <summary>The identifier of a service's container; empty if there is none.</summary>
    public Task<string> ContainerAsync(string service) =>
        DockerAsync(
            "ps",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            $"label=com.docker.compose.project={Project}",
            "--filter",
            $"label=com.docker.compose.service={service}"
        );

    /// <summary>Asks the database, as its owner.</summary>
    public async Task<string[]> SqlAsync(string sql)
    {
        var psql = await DockerAsync(
            "exec",
            "--env",
            $"PGPASSWORD={Secrets["POSTGRES_PASSWORD"]}",
            await ContainerAsync("postgres"),
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-U",
            "clicknback",
            "-d",
            "clicknback",
            "-c",
            sql
        );
        return psql.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>A value of a file in state/; empty if there is none.</summary>
    public string State(string file, string key)
    {
        try
        {
            var line = File.ReadLines(Path.Combine(Folder, "state", file))
                .LastOrDefault(it => it.StartsWith($"{key}=", StringComparison.Ordinal));
            return line?[(key.Length + 1)..] ?? "";
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    /// <summary>The line of the history that was written last.</summary>
    public string LastHistory => File.ReadLines(Path.Combine(Folder, "state", "history.jsonl")).Last();

    /// <summary>
    /// Leaves no byte free where <c>clicknback</c> keeps its state, until what this gives is disposed of.
    /// </summary>
    public IAsyncDisposable FillDisk() => new Filler(Path.Combine(Folder, "state", "filler"));

    /// <summary>Removes all containers, networks and volumes of the rehearsal.</summary>
    public async Task RemoveAsync()
    {
        foreach (var project in (string[])[Project, $"{Project}-drill"])
        {
            var label = $"label=com.docker.compose.project={project}";
            await EachAsync(["ps", "--all", "--quiet", "--filter", label], ["rm", "--force", "--volumes"]);
            await EachAsync(["network", "ls", "--quiet", "--filter", label], ["network", "rm"]);
            await EachAsync(["volume", "ls", "--quiet", "--filter", label], ["volume", "rm"]);
        }

        foreach (var mount in File.ReadLines("/proc/mounts").Select(it => it.Split(' ')).Where(it => it[0] == Project))
        {
            await RunAsync("umount", "--lazy", mount[1]).ExpectAsync(0);
        }

        async Task EachAsync(string[] list, string[] remove)
        {
            foreach (var name in (await DockerAsync(list)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await DockerAsync([.. remove, name]);
            }
        }
    }

    // Two rehearsals on one machine would remove each other's containers. A lock ends with its process.
    private static FileStream Own(string project)
    {
        try
        {
            var file = Path.Combine(Path.GetTempPath(), $"{project}.lock");
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new InvalidOperationException($"Another rehearsal of {project} runs on this machine.", taken);
        }
    }

    // A small one, so that it can be full.
    private async Task GiveStateADiskAsync()
    {
        var state = Directory.CreateDirectory(Path.Combine(Folder, "state")).FullName;
        await RunAsync("mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", Project, state).ExpectAsync(0);
    }

    /// <summary>A value as the guide has an operator make one.</summary>
    public static string Secret() =>
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(36)).Replace('+', '-').Replace('/', '_');

    /// <summary>A port that nobody listens at.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>
/// A file that takes all the space there is, and what becomes free later: a state file that is replaced leaves the place of the
/// one before it, which would be enough for the next.
/// </summary>
internal sealed class Filler : IAsyncDisposable
{
    private readonly FileStream _file;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _staying;

    public Filler(string file)
    {
        _file = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        Fill();
        _staying = StayFullAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _staying;
        _ending.Dispose();
        await _file.DisposeAsync();
        File.Delete(_file.Name);
    }

    private void Fill()
    {
        try
        {
            while (true)
            {
                _file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // It is full.
        }
    }

    private async Task StayFullAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                Fill();
            }
        }
        catch (OperationCanceledException)
        {
            // It may have room again.
        }
    }
}

/// <summary>Expectations about what has yet to end.</summary>
internal static class EndedExtensions
{
    public static async Task<Ended> ExpectAsync(this Task<Ended> ended, int exitCode) => (await ended).Expect(exitCode);
}
