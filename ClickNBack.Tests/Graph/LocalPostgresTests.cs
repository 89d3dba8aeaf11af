#if !ASPIRE
using ClickNBack.AppHost.Standalone;
using Npgsql;

namespace ClickNBack.Tests.Graph;

public class LocalPostgresTests
{
    [FactWithPostgresPrograms]
    public async Task A_temporary_server_has_its_databases_and_leaves_nothing_behind()
    {
        var options = new PostgresClusterOptions
        {
            User = "owner",
            Password = "it's \"odd\"",
            Databases = ["one", "Two"],
            Settings = new Dictionary<string, string> { ["fsync"] = "off" },
        };
        int process;
        await using (var cluster = await PostgresCluster.StartAsync(options))
        {
            process = cluster.Server.Id;
            var connection = new NpgsqlConnectionStringBuilder(
                cluster.ConnectionString("Two").Replace($"Password={cluster.Password};", "")
            )
            {
                Password = cluster.Password,
                Pooling = false,
            };
            await using var database = new NpgsqlConnection(connection.ConnectionString);
            await database.OpenAsync();
            await using var command = new NpgsqlCommand(
                "SELECT current_user || ' ' || current_setting('fsync')",
                database
            );
            Assert.Equal("owner off", await command.ExecuteScalarAsync());

            connection.Password = "wrong";
            await using var stranger = new NpgsqlConnection(connection.ConnectionString);
            await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync());
        }

        Assert.Null(LocalProcess.IdentityOf(process));
    }

    [Fact]
    public async Task The_newest_usable_version_is_found()
    {
        var all = await PostgresBinaries.FindAllAsync();

        Assert.All(all, found => Assert.True(found.Major >= PostgresBinaries.OldestMajor));
        Assert.Equal(all.Count == 0 ? null : all[0], await PostgresBinaries.FindAsync());
        Assert.Null(await PostgresBinaries.FindAsync(major: 9));
        Assert.Null(await PostgresBinaries.InspectAsync(Path.GetTempPath()));
    }

    [Fact]
    public async Task Data_of_another_version_are_a_clear_error()
    {
        var data = Directory.CreateTempSubdirectory("clicknback-old-");
        await File.WriteAllTextAsync(Path.Combine(data.FullName, "PG_VERSION"), "9\n");

        var problem = await Assert.ThrowsAsync<SetupException>(() =>
            PostgresCluster.StartAsync(new() { DataDirectory = data.FullName })
        );

        Assert.Contains("written by PostgreSQL 9", problem.Message);
        data.Delete(recursive: true);
    }
}
#endif
