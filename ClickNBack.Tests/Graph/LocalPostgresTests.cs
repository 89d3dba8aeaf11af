using ClickNBack.AppHost.LocalPostgres;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>The data of a PostgreSQL that runs from this machine's programs.</summary>
public sealed class LocalPostgresTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clicknback-local-").FullName;

    [FactWith(Requirement.PostgresPrograms)]
    public async Task What_an_interrupted_start_left_mends_itself()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "unfinished", "base"));
        using (var first = NewCluster())
        {
            await first.PrepareAsync("owner", "one", ["shop"], CancellationToken.None);
        }

        await using (var ended = ChildProcess.Start(["true"]))
        {
            await ended.Exit;
            await File.WriteAllTextAsync(Path.Combine(_folder, "data", "postmaster.pid"), $"{ended.Id}\nstale\n1\n");
        }

        using var second = NewCluster();
        await second.PrepareAsync("owner", "another", ["shop"], CancellationToken.None);

        Assert.False(File.Exists(Path.Combine(_folder, "data", "postmaster.pid")));
    }

    [FactWith(Requirement.PostgresPrograms)]
    public async Task Two_runs_never_share_their_data()
    {
        using var first = NewCluster();
        await first.PrepareAsync("owner", "one", ["shop"], CancellationToken.None);
        using var second = NewCluster();

        var problem = await Assert.ThrowsAsync<DistributedApplicationException>(() =>
            second.PrepareAsync("owner", "one", ["shop"], CancellationToken.None)
        );

        Assert.Contains("Another run uses the data", problem.Message, StringComparison.Ordinal);
        Assert.Throws<DistributedApplicationException>(() => PostgresCluster.Remove(_folder));
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private PostgresCluster NewCluster() => new(_folder, PostgresBinaries.Find()!, keep: true);
}
