#if !ASPIRE
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ClickNBack.AppHost.Standalone;

namespace ClickNBack.Tests.Graph;

public class StandaloneRunTests
{
    [Fact]
    public async Task Jobs_end_before_services_start_and_everything_stops_on_demand()
    {
        await using var graph = new TestGraph();
        graph.Write(graph.Service("web"), graph.Job("setup"));

        var (runner, _) = await graph.StartAsync("--Ports:web=0");

        Assert.Equal(ResourceState.Completed, runner.Find("setup")!.State);
        Assert.Equal("ready", runner.Find("web")!.StateText);
        var address = runner.Find("web")!.Addresses.Single();
        using var http = new HttpClient();
        Assert.Equal("ready", await http.GetStringAsync(new Uri(address, "/ready")));

        Assert.Equal(0, await graph.StopAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri(address, "/ready")));
        Assert.Contains("Ctrl-C stops it all", graph.Output);
    }

    [Fact]
    public async Task A_failed_job_ends_the_run_and_says_why()
    {
        await using var graph = new TestGraph();
        graph.Write(graph.Job("setup", "nonsense"), graph.Service("web"));

        graph.Begin("--Ports:web=0");

        Assert.Equal(1, await graph.Run);
        Assert.Contains("setup has failed with exit code 2. Its last lines:", graph.Output);
        Assert.Contains("    \"nonsense\" is no command.", graph.Output);
        Assert.DoesNotContain("web        |", graph.Output); // it has never been started
    }

    [Fact]
    public async Task A_service_that_ends_on_its_own_ends_the_run()
    {
        await using var graph = new TestGraph();
        graph.Write(graph.Service("web"));
        await graph.StartAsync("--Ports:web=0");

        Assert.True(UnixSignals.Send(ProcessOf(graph, "web"), UnixSignal.Kill));

        Assert.Equal(1, await graph.Run);
        Assert.Contains("web has ended on its own with exit code 137.", graph.Output);
    }

    [Fact]
    public async Task A_service_that_ends_before_it_is_ready_ends_the_run()
    {
        await using var graph = new TestGraph();
        graph.Write(
            graph.Service("web", """, "Ready__Timeout": "x", "Ports__other": "x", "State__Directory": "/dev/null" """)
        );

        graph.Begin("--Ports:web=0");

        Assert.Equal(1, await graph.Run);
        Assert.Contains("web has ended with exit code 1 before it was ready. Its last lines:", graph.Output);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_message()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var graph = new TestGraph();
        graph.Write(graph.Service("web"));

        graph.Begin($"--Ports:web={port}");
        Assert.Equal(1, await graph.Run);
        Assert.Contains($"Port {port} is in use, and \"web\" needs it", graph.Output);
        Assert.Contains("--Ports:web=", graph.Output);

        graph.Begin("--Ports:web=0", $"--Ports:dashboard={port}");
        Assert.Equal(1, await graph.Run);
        Assert.Contains("--Ports:dashboard=", graph.Output);
    }

    [Fact]
    public async Task Without_PostgreSQL_and_container_engine_it_says_what_to_install()
    {
        await using var graph = new TestGraph
        {
            Hooks = new()
            {
                FindPostgres = () => Task.FromResult<PostgresBinaries?>(null),
                FindEngine = () => Task.FromResult<ContainerEngine?>(null),
            },
        };
        graph.Write(TestGraph.Postgres);

        graph.Begin();

        Assert.Equal(1, await graph.Run);
        Assert.Contains("needs Docker or Podman, running or PostgreSQL 15 or newer", graph.Output);
    }

    [Fact]
    public async Task A_project_that_is_not_built_is_a_clear_error()
    {
        await using var graph = new TestGraph();
        graph.Write("""  "job": {"type": "project.v0", "path": "Nowhere/Nowhere.csproj"}  """);

        graph.Begin();

        Assert.Equal(1, await graph.Run);
        Assert.Contains("build first", graph.Output);
    }

    [Fact]
    public async Task What_a_killed_run_left_behind_is_ended_by_the_next_one()
    {
        await using var graph = new TestGraph();
        graph.Write(TestGraph.Postgres, graph.Service("web", """, "Shop": "{shop.connectionString}" """));
        await using (var killed = await StartProgramAsync(graph))
        {
            UnixSignals.Send(killed.Id, UnixSignal.Kill);
            await killed.Exit;
        }

        await graph.StartAsync("--Ports:web=0", "--Ports:postgres=0");

        Assert.Contains("Ended web, left over from an earlier run.", graph.Output);
        Assert.Contains("Ended postgres, left over from an earlier run.", graph.Output);
    }

    [Fact]
    public async Task Ctrl_C_stops_everything_and_is_no_error()
    {
        await using var graph = new TestGraph();
        graph.Write(graph.Service("web"));
        await using var program = await StartProgramAsync(graph);
        var web = ProcessOf(graph, "web");

        UnixSignals.Send(program.Id, UnixSignal.Interrupt);

        // Whoever starts the tests may have them ignore Ctrl-C (a shell does that to what it runs in the background).
        Assert.Equal(0, await program.Exit.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.Null(LocalProcess.IdentityOf(web));
    }

    [Fact]
    public async Task Only_one_run_at_a_time_and_no_reset_meanwhile()
    {
        await using var graph = new TestGraph();
        graph.Write(graph.Service("web"));
        await graph.StartAsync("--Ports:web=0");
        using var output = new StringWriter();

        Assert.Equal(
            1,
            await StandaloneHost.RunAsync(graph.Arguments("--Ports:web=0"), output, CancellationToken.None)
        );
        Assert.Equal(1, await StandaloneHost.RunAsync(["reset", .. graph.Arguments()], output, CancellationToken.None));

        Assert.Contains("running from this clone already", output.ToString());
    }

    [FactWithPostgresPrograms]
    public async Task Data_stay_from_run_to_run_until_the_reset()
    {
        await using var graph = new TestGraph();
        graph.Write(TestGraph.Postgres);
        await graph.StartAsync("--Ports:postgres=0");
        await graph.StopAsync();
        var written = File.GetCreationTimeUtc(Path.Combine(graph.State, "postgres", "PG_VERSION"));
        File.Delete(graph.SecretsFile); // a new password will be generated: the data must take it

        await using (var again = new SecondRun(graph))
        {
            await again.ReadyAsync();
        }

        Assert.Equal(written, File.GetCreationTimeUtc(Path.Combine(graph.State, "postgres", "PG_VERSION")));

        using var output = new StringWriter();
        Assert.Equal(0, await StandaloneHost.RunAsync(["reset", .. graph.Arguments()], output, CancellationToken.None));
        Assert.False(Directory.Exists(graph.State));
        Assert.Equal(0, await StandaloneHost.RunAsync(["reset", .. graph.Arguments()], output, CancellationToken.None));
        Assert.Contains("Nothing to reset", output.ToString());
    }

    private static int ProcessOf(TestGraph graph, string name)
    {
        using var children = JsonDocument.Parse(File.ReadAllText(Path.Combine(graph.State, "children.json")));
        return children
            .RootElement.EnumerateArray()
            .Single(child => child.GetProperty("Name").GetString() == name)
            .GetProperty("Id")
            .GetInt32();
    }

    // The real program, as a process of its own.
    private static async Task<LocalProcess> StartProgramAsync(TestGraph graph)
    {
        var ready = new TaskCompletionSource();
        var lines = new List<string>();
        var program = LocalProcess.Start(
            new("dotnet", [TestGraph.BuiltProgram, .. graph.Arguments("--Ports:web=0", "--Ports:postgres=0")])
            {
                OnLine = line =>
                {
                    lock (lines)
                    {
                        lines.Add(line);
                    }

                    if (line.Contains("Ctrl-C stops it all") && !line.Contains('|'))
                    {
                        ready.TrySetResult();
                    }
                },
            }
        );
        await Task.WhenAny(ready.Task, program.Exit);
        Assert.True(ready.Task.IsCompleted, string.Join('\n', lines));
        return program;
    }

    private sealed class SecondRun(TestGraph graph) : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private Task<int> run = Task.FromResult(-1);

        public async Task ReadyAsync()
        {
            var ready = new TaskCompletionSource();
            var hooks = new StandaloneHooks { Ready = (_, _) => ready.TrySetResult() };
            run = StandaloneHost.RunAsync(graph.Arguments("--Ports:postgres=0"), TextWriter.Null, stop.Token, hooks);
            await Task.WhenAny(ready.Task, run);
            Assert.True(ready.Task.IsCompleted);
        }

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            Assert.Equal(0, await run);
            stop.Dispose();
        }
    }
}
#endif
