#if !ASPIRE
using System.Text;
using ClickNBack.AppHost.Standalone;

namespace ClickNBack.Tests.Graph;

/// <summary>
/// A small graph of real processes. Its program is the AppHost itself: with an empty manifest it is a service that answers
/// /ready, with `reset` a job that ends well, with any other word a job that fails.
/// </summary>
internal sealed class TestGraph : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource<(Runner Runner, Uri Dashboard)> ready = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly Lock gate = new();
    private readonly StringWriter output = new();

    public TestGraph()
    {
        // Open to others, for as root PostgreSQL runs as another user.
        Folder = Path.Combine(Path.GetTempPath(), $"clicknback-graph-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "empty.json"), """{"resources":{}}""");
    }

    public string Folder { get; }

    public string State => Path.Combine(Folder, "state");

    public string SecretsFile => Path.Combine(Folder, "secrets.json");

    public string Output
    {
        get
        {
            lock (gate)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>The exit code, once the run has ended.</summary>
    public Task<int> Run { get; private set; } = Task.FromResult(-1);

    public StandaloneHooks Hooks { get; init; } = new();

    /// <summary>A service of the manifest.</summary>
    public string Service(string name, string more = "") =>
        $$"""
            "{{name}}": {
              "type": "project.v0", "path": "{{Program}}",
              "env": {
                "Manifest": "{{Json(Path.Combine(Folder, "empty.json"))}}",
                "State__Directory": "{{Json(Path.Combine(Folder, name))}}",
                "Ports__dashboard": "{{{name}}.bindings.http.port}"{{more}}
              },
              "bindings": {"http": {"scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 8080} }
            }
            """;

    /// <summary>A job of the manifest: it ends well when its word is `reset`.</summary>
    public string Job(string name, string word = "reset") =>
        $$"""
            "{{name}}": {
              "type": "project.v0", "path": "{{Program}}", "args": ["{{word}}"],
              "env": {"State__Directory": "{{Json(Path.Combine(Folder, name))}}" }
            }
            """;

    public const string Postgres = """
        "postgres-password": {
          "type": "parameter.v0", "value": "{postgres-password.inputs.value}", "inputs": {"value": {"type": "string", "secret": true}}
        },
        "postgres": {
          "type": "container.v0",
          "connectionString": "Host={postgres.bindings.tcp.host};Port={postgres.bindings.tcp.port};Username=owner;Password={postgres-password.value}",
          "image": "docker.io/library/postgres:17",
          "env": {"POSTGRES_USER": "owner", "POSTGRES_PASSWORD": "{postgres-password.value}"},
          "bindings": {"tcp": {"scheme": "tcp", "protocol": "tcp", "transport": "tcp", "targetPort": 5432} }
        },
        "shop": {"type": "value.v0", "connectionString": "{postgres.connectionString};Database=shop"}
        """;

    public string[] Arguments(params string[] more) =>
        [
            $"--Manifest={Path.Combine(Folder, "aspire-manifest.json")}",
            $"--State:Directory={State}",
            $"--Secrets:File={SecretsFile}",
            "--Ports:dashboard=0",
            .. more,
        ];

    public void Write(params string[] resources) =>
        File.WriteAllText(
            Path.Combine(Folder, "aspire-manifest.json"),
            $$"""{"resources":{ {{string.Join(",\n", resources)}} } }"""
        );

    /// <summary>Starts it in this process.</summary>
    public void Begin(params string[] arguments) =>
        Run = StandaloneHost.RunAsync(
            Arguments(arguments),
            TextWriter.Synchronized(new LockedWriter(output, gate)),
            stop.Token,
            Hooks with
            {
                Ready = (runner, dashboard) => ready.TrySetResult((runner, dashboard)),
            }
        );

    /// <summary>Starts it in this process and waits until everything is ready.</summary>
    public async Task<(Runner Runner, Uri Dashboard)> StartAsync(params string[] arguments)
    {
        Begin(arguments);
        await Task.WhenAny(ready.Task, Run);
        return ready.Task.IsCompleted ? await ready.Task : throw new InvalidOperationException(Output);
    }

    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        return await Run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        await output.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>The built AppHost, to be started as a process of its own.</summary>
    public static string BuiltProgram =>
        Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(Program))!,
            "bin",
            Settings.OutputFolder,
            "ClickNBack.AppHost.dll"
        );

    private static string Program =>
        Json(Path.Combine(Settings.Load([]).Root, "ClickNBack.AppHost", "ClickNBack.AppHost.csproj"));

    private static string Json(string path) => path.Replace('\\', '/');

    private sealed class LockedWriter(StringWriter inner, Lock gate) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value)
        {
            lock (gate)
            {
                inner.Write(value);
            }
        }
    }
}
#endif
