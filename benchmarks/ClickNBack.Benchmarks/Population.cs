using Npgsql;

namespace ClickNBack.Benchmarks;

/// <summary>Fills an empty platform, by Population.sql.</summary>
internal static class Population
{
    /// <summary>Loads so many users and purchases, of which that part is pending, as the database's owner.</summary>
    public static async Task LoadAsync(NpgsqlDataSource owner, int users, int purchases, double pending)
    {
        await using var connection = await owner.OpenConnectionAsync(); // one session: the script makes temporary tables
        await using (
            var size = new NpgsqlCommand(
                "CREATE TEMP TABLE size (users int, purchases int, pending float8)",
                connection
            )
        )
        {
            await size.ExecuteNonQueryAsync();
            size.CommandText = "INSERT INTO size VALUES ($1, $2, $3)";
            size.Parameters.Add(new() { Value = users });
            size.Parameters.Add(new() { Value = purchases });
            size.Parameters.Add(new() { Value = pending });
            await size.ExecuteNonQueryAsync();
        }

        await using var script = new NpgsqlCommand(await Resources.TextAsync("Population.sql"), connection)
        {
            CommandTimeout = 0,
        };
        await script.ExecuteNonQueryAsync();
    }
}
