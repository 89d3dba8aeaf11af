using System.Globalization;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>The scenarios about a database and its archive, one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ArchiveDefinition : ICollectionFixture<Archive>
{
    public const string Name = "Archive";
}

/// <summary>
/// A server on which nothing is deployed yet: a database with a table of marks, what restores compare, and an archive.
/// </summary>
public sealed class Archive : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("clicknback-archive-").FullName;
    private int _marks;

    internal Server Server { get; private set; } = null!;

    internal string Backups => Path.Combine(Server.Folder, "backups");

    internal string Stream => File.ReadAllText(Path.Combine(Backups, "wal", "current")).Trim();

    public async Task InitializeAsync()
    {
        Server = await Server.CreateAsync(_root, "cnb-archive");
        await Server.ClicknbackAsync("install").ExpectAsync(0);
        await Server.SqlAsync(
            """
            CREATE TABLE marks (n int);
            CREATE TABLE users (); CREATE TABLE purchases (); CREATE TABLE refresh_token_families (revoked_at timestamptz);
            CREATE TABLE payouts (id int, amount numeric, status text, processed_at timestamptz, export_id uuid, held_for text);
            CREATE TABLE audit_logs (id uuid, occurred_at timestamptz DEFAULT now(), actor_type text, action text,
                resource_type text, resource_id int, outcome text, details jsonb);
            INSERT INTO users DEFAULT VALUES;
            """
        );
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
    }

    public async Task DisposeAsync()
    {
        await Server.RemoveAsync();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Commits a mark, and ends the segment that it is in.</summary>
    internal async Task<int> MarkAsync()
    {
        await Server.SqlAsync($"INSERT INTO marks VALUES ({++_marks})");
        await Server.SqlAsync("SELECT pg_switch_wal()");
        return _marks;
    }

    /// <summary>The newest mark that the database has.</summary>
    internal async Task<int> NewestAsync() =>
        int.Parse((await Server.SqlAsync("SELECT max(n) FROM marks")).Single(), CultureInfo.InvariantCulture);

    /// <summary>The complete segments of the stream that is received, oldest first.</summary>
    internal string[] Segments() =>
        [
            .. Directory
                .GetFiles(Path.Combine(Backups, "wal", Stream))
                .Where(it => !it.EndsWith(".partial", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
}

/// <summary>What a restore makes of an archive that is not whole, and of a database that was there before.</summary>
[Collection(ArchiveDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class ArchiveScenarios(Archive archive)
{
    private Server Server => archive.Server;

    [Theory]
    [InlineData("missing")]
    [InlineData("cut off")]
    [InlineData("damaged")]
    public async Task A_hole_in_the_log_is_not_taken_for_its_end(string how)
    {
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var packed = archive.Segments().Length;
        for (var count = 0; count < 4; count++)
        {
            await archive.MarkAsync();
        }

        var newest = await archive.MarkAsync();
        await Until.TrueAsync(() => archive.Segments().Length >= packed + 4, "the log is received");
        var segment = archive.Segments()[packed + 1];
        var kept = await File.ReadAllBytesAsync(segment);
        if (how == "missing")
        {
            File.Delete(segment);
        }
        else
        {
            await using var file = File.OpenWrite(segment);
            file.SetLength(how == "cut off" ? 8192 : 0);
            file.SetLength(how == "cut off" ? 8192 : kept.Length);
        }

        try
        {
            (await Server.ClicknbackAsync("restore"))
                .Expect(1)
                .Says($"segment {Path.GetFileName(segment)}")
                .Says("the database is the one from before");
            Assert.Equal(newest, await archive.NewestAsync());
            if (how == "missing")
            {
                (await Server.ClicknbackAsync("backup", "wal"))
                    .Expect(0)
                    .Says($"segment {Path.GetFileName(segment)} of {archive.Stream} is missing")
                    .Says($"base/{archive.Stream}/");
            }
        }
        finally
        {
            await File.WriteAllBytesAsync(segment, kept);
        }
    }

    [Fact]
    public async Task What_was_copied_as_another_user_is_read_all_the_same()
    {
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var newest = 0;
        for (var count = 0; count < 3; count++)
        {
            newest = await archive.MarkAsync();
        }

        // But for the segment that is being received: it gets another name as soon as it is full.
        string[] everything =
        [
            .. Directory
                .EnumerateFiles(archive.Backups, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".partial", StringComparison.Ordinal)),
        ];
        await Server.RunAsync("chown", ["root:root", archive.Backups, .. everything]).ExpectAsync(0);
        await Server.RunAsync("chmod", ["0600", .. everything]).ExpectAsync(0);

        await Server.ClicknbackAsync("restore").ExpectAsync(0);

        Assert.Equal(newest, await archive.NewestAsync());
    }

    [Fact]
    public async Task No_volume_that_was_in_service_is_removed_by_going_to_and_fro()
    {
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var newest = await archive.MarkAsync();
        var old = Server.State("versions.env", "POSTGRES_VOLUME");
        await KilledAfterTheSwitchAsync("restore");
        var made = Server.State("versions.env", "POSTGRES_VOLUME");
        Assert.NotEqual(old, made);
        await KilledAfterTheSwitchAsync("restore", "--volume", old);

        await Server.ClicknbackAsync("restore", "--volume", made).ExpectAsync(0);

        Assert.Equal(made, Server.State("versions.env", "POSTGRES_VOLUME"));
        Assert.Equal(newest, await archive.NewestAsync());
        await Server.DockerAsync("volume", "inspect", old);
    }

    [Fact]
    [Trait("Duration", "Long")]
    public async Task A_restore_to_a_moment_that_was_killed_goes_on_to_what_must_not_happen_twice()
    {
        await archive.MarkAsync();
        await Server.SqlAsync("INSERT INTO payouts VALUES (5, 1.10, 'requested')");
        await Server.SqlAsync("INSERT INTO refresh_token_families DEFAULT VALUES");
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var moment = (await Server.SqlAsync("SELECT clock_timestamp()")).Single();
        await archive.MarkAsync();
        await KilledAfterTheSwitchAsync("restore", "--yes", moment);
        var made = Server.State("versions.env", "POSTGRES_VOLUME");

        (await Server.ClicknbackAsync("restore", "--volume", made)).Expect(0).Says("payouts are held");

        await NothingHappensTwiceAsync(Server);
    }

    [Fact]
    public async Task A_restore_to_less_than_there_was_says_by_how_much_and_has_to_be_accepted()
    {
        await archive.MarkAsync();
        await Server.SqlAsync(
            """
            INSERT INTO payouts VALUES (1, 12.30, 'completed', now()), (2, 45.60, 'requested', NULL), (3, 7.80, 'requested', NULL),
                (4, 9.10, 'requested', NULL)
            """
        );
        await Server.SqlAsync("INSERT INTO refresh_token_families DEFAULT VALUES");
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var moment = (await Server.SqlAsync("SELECT clock_timestamp()")).Single();
        await Server.SqlAsync("INSERT INTO purchases DEFAULT VALUES");
        await Server.SqlAsync("INSERT INTO audit_logs (occurred_at) SELECT now() + interval '1 minute'");
        await Server.SqlAsync("UPDATE payouts SET status = 'completed', processed_at = now() WHERE id = 2");
        await Server.SqlAsync("UPDATE payouts SET status = 'processing' WHERE id = 3");
        var there = (await Server.SqlAsync("SELECT count(*) FROM purchases")).Single();
        var newest = await archive.MarkAsync();

        (await Server.ClicknbackAsync("restore", moment))
            .Expect(1)
            .Says($"it has {int.Parse(there, CultureInfo.InvariantCulture) - 1} of {there} purchases")
            .Says("its newest change is of")
            .Says("repeat it with --yes")
            .Says("the database is the one from before");
        Assert.Equal(newest, await archive.NewestAsync());

        var restore = await Server.ClicknbackAsync("restore", "--yes", moment).ExpectAsync(0);
        restore.Says("PAYOUT 2 of 45.60 was completed");
        restore.Says("PAYOUT 3 of 7.80 was processing (under way)");
        Assert.DoesNotContain("PAYOUT 1", restore.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PAYOUT 4", restore.Output, StringComparison.Ordinal);
        restore.Says("3 payouts are held");
        await NothingHappensTwiceAsync(Server);
        Assert.True(await archive.NewestAsync() < newest);
        Assert.Contains($"to {moment[..10]}", Server.LastHistory, StringComparison.Ordinal);
    }

    [Trait("Duration", "Long")]
    [Theory]
    [InlineData("restore")]
    [InlineData("drill")]
    public async Task A_stream_without_a_base_backup_is_said_to_have_none(string command)
    {
        var bases = Path.Combine(archive.Backups, "base", archive.Stream);
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        Directory.Move(bases, $"{bases}.away");
        try
        {
            (await Server.ClicknbackAsync(command)).Expect(1).Says("base backup");
        }
        finally
        {
            Directory.Move($"{bases}.away", bases);
        }
    }

    [Trait("Duration", "Long")]
    [Fact]
    public async Task An_archive_that_ends_before_what_was_received_begins_a_stream_and_a_base_backup()
    {
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var (stream, kept) = (archive.Stream, archive.Segments());
        await archive.MarkAsync();
        await archive.MarkAsync();
        await Server.ClicknbackAsync("backup", "wal").ExpectAsync(0);
        (await Server.ClicknbackAsync("status")).Says("restorable to");
        var receiver = await Server.ContainerAsync("wal-receiver");
        await Server.DockerAsync("stop", receiver);
        foreach (var file in Directory.GetFiles(Path.Combine(archive.Backups, "wal", stream)).Except(kept))
        {
            File.Delete(file); // an older copy
        }

        await Server.DockerAsync("start", receiver);
        await Until.TrueAsync(() => archive.Stream != stream, "a new stream has begun");
        (await Server.ClicknbackAsync("status")).Says("NOTHING SINCE");

        var newest = await archive.MarkAsync();
        await Server.ClicknbackAsync("backup", "wal").ExpectAsync(0);

        (await Server.ClicknbackAsync("status")).Says("restorable to");
        await Server.ClicknbackAsync("restore").ExpectAsync(0);
        Assert.Equal(newest, await archive.NewestAsync());
    }

    [Trait("Duration", "Long")]
    [Fact]
    public async Task A_receiver_that_was_away_for_too_long_begins_a_stream_and_a_base_backup()
    {
        Server.Configure(new() { ["BACKUP_MAX_UNRECEIVED_MB"] = "16" });
        try
        {
            await Server.ClicknbackAsync("install").ExpectAsync(0);
            await Server.ClicknbackAsync("backup").ExpectAsync(0);
            var stream = archive.Stream;
            var receiver = await Server.ContainerAsync("wal-receiver");
            await Server.DockerAsync("stop", receiver);
            for (var count = 0; count < 5; count++)
            {
                await archive.MarkAsync();
            }

            await Server.SqlAsync("CHECKPOINT");
            (await Server.ClicknbackAsync("status")).Says("THE LOG HAS A GAP");
            await Server.DockerAsync("start", receiver);
            await Until.TrueAsync(() => archive.Stream != stream, "a new stream has begun");

            var newest = await archive.MarkAsync();
            await Server.ClicknbackAsync("backup", "wal").ExpectAsync(0);

            await Server.ClicknbackAsync("restore").ExpectAsync(0);
            Assert.Equal(newest, await archive.NewestAsync());
        }
        finally
        {
            Server.Configure([]);
            await Server.ClicknbackAsync("install").ExpectAsync(0);
        }
    }

    [Trait("Duration", "Long")]
    [Fact]
    public async Task A_backup_waits_for_the_one_that_is_at_work()
    {
        var holder = Operation.Start(
            Path.GetDirectoryName(Server.Folder)!,
            "flock",
            [Path.Combine(Server.Folder, "state", "backup.lock"), "sh", "-c", "echo held; exec sleep 2"]
        );
        await holder.SaysAsync("held");

        var backup = await Server.ClicknbackAsync("backup");

        (await holder.EndAsync()).Expect(0);
        backup.Expect(0).Says("waiting for another backup");
    }

    // To Docker a container that starts anew is unhealthy, and an `install` that waits for it would fail.
    [Fact]
    public async Task The_receiver_goes_on_when_the_database_starts_anew()
    {
        var receiver = await Server.ContainerAsync("wal-receiver");
        var before = await StartsAsync();

        await Server.DockerAsync("restart", await Server.ContainerAsync("postgres"));

        await Until.TrueAsync(
            async () =>
                (await Server.ClicknbackAsync("status")).Output.Contains("log received", StringComparison.Ordinal),
            "the log is received again"
        );
        Assert.Equal(before, await StartsAsync());

        Task<string> StartsAsync() =>
            Server.DockerAsync("inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}}", receiver);
    }

    [Fact]
    public async Task A_volume_has_one_installation()
    {
        var root = Path.GetDirectoryName(Server.Folder)!;
        var other = await Server.CreateAsync(root, "cnb-archive-other");
        try
        {
            File.Delete(Path.Combine(other.Folder, ".env"));
            (await other.ClicknbackAsync("install")).Expect(78).Says(".env: missing");
            other.Configure([]);
            await other.ClicknbackAsync("install").ExpectAsync(0);
            Assert.Equal($"{other.Project}-postgres", other.State("versions.env", "POSTGRES_VOLUME"));

            var versions = Path.Combine(other.Folder, "state", "versions.env");
            var volume = Server.State("versions.env", "POSTGRES_VOLUME");
            await File.WriteAllTextAsync(
                versions,
                (await File.ReadAllTextAsync(versions)).Replace(
                    $"{other.Project}-postgres",
                    volume,
                    StringComparison.Ordinal
                )
            );
            (await other.ClicknbackAsync("install")).Expect(78).Says($"the volume {volume} belongs to");
            (await other.ClicknbackAsync("restore", "--volume", volume)).Expect(78).Says("belongs to");
        }
        finally
        {
            await other.RemoveAsync();
        }
    }

    [Fact]
    public async Task A_lost_server_is_restored_on_another_one_that_has_begun_an_archive_of_its_own()
    {
        await Server.SqlAsync("INSERT INTO payouts VALUES (6, 2.10, 'requested')");
        await Server.SqlAsync("INSERT INTO refresh_token_families DEFAULT VALUES");
        await Server.ClicknbackAsync("backup").ExpectAsync(0);
        var newest = await archive.MarkAsync();
        await Server.ClicknbackAsync("backup", "wal").ExpectAsync(0);

        var other = await Server.CreateAsync(Path.GetDirectoryName(Server.Folder)!, "cnb-archive-new");
        try
        {
            foreach (var (name, value) in Server.Secrets)
            {
                other.Secrets[name] = value;
            }

            other.Configure([]);
            await Server.RunAsync("cp", "-a", archive.Backups, other.Folder).ExpectAsync(0);
            await other.ClicknbackAsync("install").ExpectAsync(0);
            await other.ClicknbackAsync("backup", "wal").ExpectAsync(0); // as its timer does

            await other.ClicknbackAsync("restore").ExpectAsync(0);

            Assert.Equal([$"{newest}"], await other.SqlAsync("SELECT max(n) FROM marks"));
            await NothingHappensTwiceAsync(other);
        }
        finally
        {
            await other.RemoveAsync();
            await Server.SqlAsync("DELETE FROM payouts WHERE id = 6");
        }
    }

    /// <summary>Nobody pays or refreshes by what a database has forgotten.</summary>
    private static async Task NothingHappensTwiceAsync(Server server)
    {
        Assert.Empty(await server.SqlAsync("SELECT 1 FROM payouts WHERE status = 'requested' AND held_for IS NULL"));
        Assert.Empty(await server.SqlAsync("SELECT 1 FROM refresh_token_families WHERE revoked_at IS NULL"));
    }

    private async Task KilledAfterTheSwitchAsync(params string[] command)
    {
        var before = Server.State("versions.env", "POSTGRES_VOLUME");
#pragma warning disable S6966 // it is killed, not awaited
        var restore = Server.Clicknback(command);
#pragma warning restore S6966
        await restore.ReachesAsync(
            () => Server.State("versions.env", "POSTGRES_VOLUME") != before,
            "its switch to another volume"
        );
        await restore.KillAsync();
    }
}
