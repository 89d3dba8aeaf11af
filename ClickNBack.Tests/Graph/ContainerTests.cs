#if !ASPIRE
using System.Text.Json;
using ClickNBack.AppHost.Standalone;
using Npgsql;

namespace ClickNBack.Tests.Graph;

/// <summary>A machine with a container engine and without PostgreSQL of its own.</summary>
public class ContainerTests
{
    private static readonly string Postgres = TestGraph.Postgres.Replace(
        """ "env": {""",
        """
         "volumes": [{"name": "shop-data", "target": "/var/lib/postgresql/data", "readOnly": false}],
          "env": {"POSTGRES_INITDB_ARGS": "--auth-host=scram-sha-256",
        """,
        StringComparison.Ordinal
    );

    [Fact]
    public async Task Nobody_else_reaches_the_container_and_no_secret_is_in_the_command_line()
    {
        await using var graph = new TestGraph();
        graph.Write(Postgres);
        var arguments = ArgumentsOf(graph, "one", out var port);
        var line = string.Join(' ', arguments);

        Assert.Contains($"--publish 127.0.0.1:{port}:5432", line);
        Assert.Single(arguments, "--publish");
        Assert.Contains("--env POSTGRES_PASSWORD ", line);
        Assert.DoesNotContain("hidden-password", line);
        Assert.Equal("docker.io/library/postgres:17", arguments[^1]);

        string[] other = [.. ArgumentsOf(graph, "two", out _)];
        Assert.NotEqual(After("--name", arguments), After("--name", other));
        Assert.NotEqual(After("--volume", arguments), After("--volume", other));
        Assert.Equal(arguments.Count, other.Length);
    }

    [FactWithContainers]
    public async Task The_data_outlive_container_and_password_until_the_reset()
    {
        await using var graph = new TestGraph();
        graph.Write(Postgres);

        await RunAsync(graph, shop => ExecuteAsync(shop, "CREATE TABLE kept AS SELECT 42 AS answer"));
        Assert.Equal("", await ListAsync("ps", "--all"));

        File.Delete(graph.SecretsFile);
        await RunAsync(graph, async shop => Assert.Equal(42, await ExecuteAsync(shop, "SELECT answer FROM kept")));

        Assert.NotEqual("", await ListAsync("volume", "ls"));
        using var output = new StringWriter();
        Assert.Equal(0, await StandaloneHost.RunAsync(["reset", .. graph.Arguments()], output, CancellationToken.None));
        Assert.Equal("", await ListAsync("volume", "ls"));

        async Task<string> ListAsync(params string[] what)
        {
            var engine = (await ContainerEngine.FindAsync())!;
            var filter = $"name={StateFolder.IdOf(graph.State)}";
            return (await engine.RunAsync([.. what, "--quiet", "--filter", filter])).Output;
        }
    }

    [FactWithContainers]
    public async Task An_image_that_cannot_be_had_is_one_clear_message()
    {
        await using var graph = new TestGraph { Hooks = WithoutPrograms };
        graph.Write(Postgres.Replace("docker.io/library", "localhost:1/nowhere", StringComparison.Ordinal));

        graph.Begin("--Ports:postgres=0");

        Assert.Equal(1, await graph.Run);
        Assert.Contains("The image localhost:1/nowhere/postgres:17 is not on this machine", graph.Output);
        using var output = new StringWriter();
        Assert.Equal(0, await StandaloneHost.RunAsync(["reset", .. graph.Arguments()], output, CancellationToken.None));
    }

    private static StandaloneHooks WithoutPrograms { get; } =
        new() { FindPostgres = () => Task.FromResult<PostgresBinaries?>(null) };

    private static IReadOnlyList<string> ArgumentsOf(TestGraph graph, string state, out int port)
    {
        var settings = Settings.Load(
            graph.Arguments("--Ports:postgres=0", "--Parameters:postgres-password=hidden-password")
        );
        using var folder = StateFolder.Open(Path.Combine(graph.Folder, state));
        var plan = new RunPlan(settings, Manifest.Load(settings.ManifestFile));
        var context = new RunContext(settings, plan, new(), new(TextWriter.Null), folder, TimeProvider.System);
        port = plan.FindEndpoint("postgres", "tcp")!.Port;
        return new ContainerResource(context, plan.Active.Single(), new("engine")).RunArguments();
    }

    private static string After(string name, IReadOnlyList<string> arguments) =>
        arguments[arguments.ToList().IndexOf(name) + 1];

    private static async Task RunAsync(TestGraph graph, Func<string, Task> use)
    {
        using var stop = new CancellationTokenSource();
        await using var output = new StringWriter();
        var ready = new TaskCompletionSource<Runner>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = StandaloneHost.RunAsync(
            graph.Arguments("--Ports:postgres=0"),
            TextWriter.Synchronized(output),
            stop.Token,
            WithoutPrograms with
            {
                Ready = (runner, _) => ready.TrySetResult(runner),
            }
        );
        await Task.WhenAny(ready.Task, run);
        try
        {
            Assert.True(ready.Task.IsCompleted, output.ToString());
            using var secrets = JsonDocument.Parse(await File.ReadAllTextAsync(graph.SecretsFile));
            var server = (await ready.Task).Find("postgres")!.Addresses.Single();
            await use(
                new NpgsqlConnectionStringBuilder
                {
                    Host = server.Host,
                    Port = server.Port,
                    Username = "owner",
                    Password = secrets.RootElement.GetProperty("Parameters:postgres-password").GetString(),
                    Database = "shop",
                    Pooling = false,
                }.ConnectionString
            );
        }
        finally
        {
            await stop.CancelAsync();
            await run;
        }

        Assert.Equal(0, await run);
    }

    private static async Task<object?> ExecuteAsync(string database, string statement)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        return await command.ExecuteScalarAsync();
    }
}
#endif
