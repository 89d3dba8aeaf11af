using System.Net;
using System.Net.Sockets;
using ClickNBack.AppHost.LocalPostgres;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>
/// Two runs on the same data, where others have the usual ports: the first is killed, the second is started at once and ended by
/// Ctrl-C.
/// </summary>
public sealed class TwoRuns : IAsyncLifetime
{
    private const int ApiPort = 8080;
    private const int DashboardPort = 15080;

    private readonly string _folder = TemporaryFolders.Create();

    internal AppHostProcess First { get; private set; } = null!;

    internal AppHostProcess? Second { get; private set; }

    /// <summary>What the second run answers about a purchase of the first.</summary>
    public HttpStatusCode PurchaseOfTheFirst { get; private set; }

    /// <summary>What a third run says while the second is there.</summary>
    public (int ExitCode, string Output) Third { get; private set; }

    /// <summary>Whether PostgreSQL ended as one that had the time to: what it leaves when it is killed is not there.</summary>
    public bool HasPostgresFinished => !File.Exists(Path.Combine(_folder, "data", "postmaster.pid"));

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        using var api = Take(ApiPort);
        using var dashboard = Take(DashboardPort);
        string[] arguments = ["--Postgres:From=binaries", $"--Postgres:Folder={_folder}"];

        First = AppHostProcess.Start(arguments);
        await First.ReadyAsync();
        using var http = new HttpClient { BaseAddress = First.AddressOf("api") };
        var purchase = await Journey.PurchaseToCashbackAsync(http);
        First.Kill();

        Second = AppHostProcess.Start(arguments);
        await Second.ReadyAsync();
        using var again = new HttpClient { BaseAddress = Second.AddressOf("api") };
        await Journey.LogInAsync(again);
        using var answer = await again.GetAsync(new Uri(purchase, UriKind.Relative));
        PurchaseOfTheFirst = answer.StatusCode;
        Third = await AppHostProcess.RunAsync(new Dictionary<string, string>(), arguments);
        Second.Interrupt();
        await Second.ExitAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        await First.DisposeAsync();
        await (Second?.DisposeAsync() ?? ValueTask.CompletedTask);
        PostgresCluster.Remove(_folder);
    }

    // Nothing to do where somebody has it already.
    private static TcpListener? Take(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

/// <summary>How runs of the platform begin and end.</summary>
public sealed class PlatformRunTests(TwoRuns runs) : IClassFixture<TwoRuns>
{
    [FactWith(Requirement.PostgresPrograms)]
    public void Ports_that_somebody_has_do_not_matter()
    {
        Assert.NotEqual(8080, runs.First.AddressOf("api").Port);
        Assert.NotEqual(15080, runs.First.AddressOf("dashboard").Port);
    }

    [FactWith(Requirement.PostgresPrograms)]
    public void A_start_after_a_kill_finds_the_data() => Assert.Equal(HttpStatusCode.OK, runs.PurchaseOfTheFirst);

    [FactWith(Requirement.PostgresPrograms)]
    public Task A_killed_run_leaves_no_process_behind() => runs.First.NothingIsLeftAsync();

    [FactWith(Requirement.PostgresPrograms)]
    public async Task Ctrl_C_ends_all_that_was_started()
    {
        Assert.Equal(0, await runs.Second!.ExitAsync());
        await runs.Second.NothingIsLeftAsync();
    }

    [FactWith(Requirement.PostgresPrograms)]
    public void Ctrl_C_lets_PostgreSQL_finish() => Assert.True(runs.HasPostgresFinished);

    [FactWith(Requirement.PostgresPrograms)]
    public void A_run_on_data_that_another_uses_says_so_and_ends()
    {
        Assert.Contains("Another run uses the data", runs.Third.Output, StringComparison.Ordinal);
        Assert.Equal(1, runs.Third.ExitCode);
    }
}

/// <summary>What keeps the platform from starting.</summary>
public sealed class PlatformStartTests
{
    [Fact]
    public async Task Without_any_PostgreSQL_one_message_names_the_three_ways_to_one()
    {
        var temporary = Directory.CreateTempSubdirectory("clicknback-").FullName;

        var (exitCode, output) = await AppHostProcess.RunAsync(
            new Dictionary<string, string> { ["PATH"] = "", ["TMPDIR"] = temporary }, // no engine is found
            "--Postgres:From=container",
            "--Postgres:Keep=false"
        );

        Assert.Equal(1, exitCode);
        Assert.Contains("a container engine that answers", output, StringComparison.Ordinal);
        Assert.Contains("apt-get install postgresql", output, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__clicknback=", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(temporary, "clicknback-postgres-*")); // a folder comes with a server
        Directory.Delete(temporary, recursive: true);
    }

    [Fact]
    public async Task Data_of_a_PostgreSQL_that_is_not_installed_are_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("clicknback-").FullName;
        Directory.CreateDirectory(Path.Combine(folder, "data"));
        await File.WriteAllTextAsync(Path.Combine(folder, "data", "PG_VERSION"), "9\n");

        var (exitCode, output) = await AppHostProcess.RunAsync(
            new Dictionary<string, string>(),
            "--Postgres:From=binaries",
            $"--Postgres:Folder={folder}"
        );

        Assert.Equal(1, exitCode);
        Assert.Contains("were written by PostgreSQL 9, which is not installed", output, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
