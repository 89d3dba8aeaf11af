using System.Diagnostics;
using System.Globalization;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>The rehearsal's tests, one after the other, on one server.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RehearsalRunDefinition : ICollectionFixture<RehearsalRun>
{
    public const string Name = "Rehearsal";
}

/// <summary>A server from nothing to its first release, and people who use it. What every scenario starts from and ends with.</summary>
public sealed class RehearsalRun : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("clicknback-rehearsal-").FullName;
    private readonly Report _report = new();
    private long _windowOpened;

    internal Server Server { get; private set; } = null!;

    internal Traffic Traffic { get; private set; } = null!;

    /// <summary>What was seen while the server was set up.</summary>
    internal FirstInstall First { get; private set; } = null!;

    /// <summary>A release that works and is not the one that serves.</summary>
    internal string Next =>
        Images.Releases[(Array.IndexOf(Images.Releases, Server.Active) + 1) % Images.Releases.Length];

    public async Task InitializeAsync()
    {
        Server = await Server.CreateAsync(_root, "cnb-rehearsal");
        await Images.BuildAsync(Server);
        First = await FirstInstall.ObserveAsync(Server, Images.Releases[0]);
        Traffic = await Traffic.PrepareAsync(Server);
        Traffic.Start();
    }

    public async Task DisposeAsync()
    {
        if (Traffic is not null)
        {
            await Traffic.DisposeAsync();
        }

        if (Server is not null)
        {
            await Server.RemoveAsync();
        }

        Directory.Delete(_root, recursive: true);
    }

    /// <summary>
    /// Plays a scenario under load and writes its row. It fails unless clients are served afterwards, the money invariants hold,
    /// and every purchase that was acknowledged is there.
    /// </summary>
    /// <param name="name">The row's name.</param>
    /// <param name="mayFail">Whether requests may fail while it lasts.</param>
    /// <param name="act">What is done; it adds to the notes.</param>
    internal async Task PlayAsync(string name, bool mayFail, Func<List<string>, Task> act)
    {
        await Traffic.RenewAsync();
        _windowOpened = Stopwatch.GetTimestamp();
        List<string> notes = [];
        var outcome = "FAILED";
        try
        {
            await act(notes);
            await ServedAsync();
            var seen = Traffic.Since(_windowOpened);
            Assert.True(
                mayFail || seen.Failures.Count == 0,
                $"Failed requests: {string.Join("; ", seen.Failures.Distinct())}"
            );
            await NothingIsLostAsync();
            outcome = "ok";
        }
        finally
        {
            _report.Add(name, outcome, Traffic.Since(_windowOpened), notes);
        }
    }

    /// <summary>Deploys that release and notes how long it took.</summary>
    internal async Task DeployAsync(string version, List<string> notes)
    {
        var deploy = await Server.ClicknbackAsync("deploy", version).ExpectAsync(0);
        Assert.Equal(version, Server.Active);
        Assert.DoesNotContain("clicknback:", deploy.Output, StringComparison.Ordinal); // it complains of nothing
        notes.Add($"deploy {Seconds(deploy)}");
    }

    internal static string Seconds(Ended command) => command.Seconds.ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>Returns when people have been served for a while.</summary>
    internal async Task ServedAsync()
    {
        var since = Stopwatch.GetTimestamp();
        await Until.TrueAsync(
            () => Traffic.Since(since) is { Sent: >= 20, Failures.Count: 0 } || Restarted(),
            "clients are served"
        );

        bool Restarted()
        {
            if (Traffic.Since(since).Failures.Count > 0)
            {
                since = Stopwatch.GetTimestamp();
            }

            return false;
        }
    }

    /// <summary>Fails if an acknowledged purchase is not in the database, or the money does not add up.</summary>
    internal async Task NothingIsLostAsync()
    {
        var acknowledged = Traffic.Acknowledged.ToArray();
        var there = (await Server.SqlAsync("SELECT external_id FROM purchases")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], acknowledged.Except(there, StringComparer.Ordinal));
        Assert.Empty(
            await Server.SqlAsync("SELECT invariant, violations FROM money_invariants() WHERE violations <> 0")
        );
    }
}
