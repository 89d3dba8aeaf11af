using System.Text.Json;
using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>The status shows the last answer of the money invariants and its age, and never asks them itself.</summary>
public sealed class MoneyCheckTests
{
    [Fact]
    public async Task The_status_shows_what_the_last_check_found_and_when()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database, Every(1));
        var admin = await server.AdminAsync();
        var first = await CheckedAfterAsync(admin, DateTimeOffset.MinValue);
        await database.ExecuteAsync( // between two checks, and the next one is of everything, however long the first took
            $"""
            SELECT FROM money_check_turn FOR UPDATE;
            DELETE FROM money_checks;
            INSERT INTO wallets (user_id, paid_balance) VALUES ('{admin.Id}', 5)
            """
        );

        var second = await CheckedAfterAsync(admin, TimeProvider.System.GetUtcNow());

        Assert.Equal(0, first["ledger_imbalance"].GetDecimal());
        Assert.Equal(5, second["ledger_imbalance"].GetDecimal());
        Assert.All(first["money_invariants"].EnumerateObject(), it => Assert.Equal(0, it.Value.GetInt64()));
        Assert.Equal(
            [
                "paid is the sum of completed payouts",
                "the ledger sums to zero",
                "wallets are the sums of their transfers",
            ],
            second["money_invariants"]
                .EnumerateObject()
                .Where(it => it.Value.GetInt64() == 1)
                .Select(it => it.Name)
                .Order()
        );
        await Until.TrueAsync( // the answer can be read before the job that asked has said it
            () => server.ErrorLines.Any(it => it.StartsWith("Money is wrong: ", StringComparison.Ordinal)),
            "the log says it"
        );
    }

    [Fact]
    public async Task Any_number_of_processes_ask_once_an_interval()
    {
        await using var database = await TestDatabase.CreateAsync();
        var connections = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => database.OpenAsApiAsync()));

        var asked = await Task.WhenAll(connections.Select(it => CheckAsync(it, "1 hour")));
        var again = await CheckAsync(connections[0], "1 hour");

        Assert.Single(asked, it => it);
        Assert.False(again);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM money_checks"));
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("1 second", "'-infinity'", true)]
    [InlineData("10 minutes", "'-infinity'", false)]
    [InlineData("10 minutes", "NULL", true)] // about everything, which is asked by night
    public async Task A_check_rests_twenty_times_as_long_as_the_last_one_took(string took, string since, bool asks)
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            $"INSERT INTO money_checks VALUES (now() - interval '1 hour', '{took}', 0, '{{}}', {since})"
        );
        await using var api = await database.OpenAsApiAsync();

        Assert.Equal(asks, await CheckAsync(api, "1 minute"));
    }

    [Fact]
    public async Task On_a_large_database_only_what_has_moved_since_the_checkpoint_is_asked_about_until_the_night()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database, Every(3600));
        var (idle, busy) = (await server.UserAsync(), await server.UserAsync());
        await busy.BuyAsync(await Shop.OpenAsync(database), 10);
        await database.ExecuteAsync(Checkpoint("1 hour"));
        await using var api = await database.OpenAsApiAsync();

        await database.ExecuteAsync(
            $"""
            INSERT INTO wallets (user_id, paid_balance) VALUES ('{idle.Id}', 5);
            UPDATE wallets SET paid_balance = 7 WHERE user_id = '{busy.Id}'
            """
        );
        Assert.True(await CheckAsync(api, "0"));
        await database.ExecuteAsync("UPDATE money_checks SET checked_at = checked_at - interval '1 day', took = '0'");
        Assert.True(await CheckAsync(api, "0"));

        Assert.Equal(
            ["False 7 1", "True 12 2"],
            await database.RowsAsync(
                """
                SELECT since IS NULL, round(ledger_imbalance), violations -> 'wallets are the sums of their transfers'
                FROM money_checks WHERE ledger_imbalance <> 0 ORDER BY checked_at
                """
            )
        );
    }

    [Theory]
    [InlineData("0", "{}", true)]
    [InlineData("1 hour", "{}", false)]
    [InlineData("1 hour", """{"something": 0}""", false)]
    [InlineData("1 hour", """{"something": 1}""", true)]
    public async Task Everything_is_asked_about_if_that_takes_little_or_something_was_wrong(
        string took,
        string violations,
        bool whole
    )
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(Checkpoint(took, violations));
        await using var api = await database.OpenAsApiAsync();

        Assert.True(await CheckAsync(api, "0"));

        Assert.Equal(
            whole,
            await database.ScalarAsync<bool>("SELECT since IS NULL FROM money_checks ORDER BY checked_at DESC LIMIT 1")
        );
    }

    [Fact]
    public async Task Who_keeps_its_turn_cannot_keep_others_from_asking()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            "INSERT INTO money_checks VALUES (now() - interval '90 minutes', '1 ms', 0, '{}', NULL)"
        );
        await using var keeper = await database.OpenAsApiAsync();
        await using var transaction = await keeper.BeginTransactionAsync();
        await using var other = await database.OpenAsApiAsync();

        Assert.True(await CheckAsync(keeper, "1 hour"));
        Assert.False(await CheckAsync(other, "1 hour"));
        Assert.True(await CheckAsync(other, "30 minutes"));
    }

    [Theory]
    [InlineData("INSERT INTO money_checks VALUES (now(), '1 ms', 0, '{}')")]
    [InlineData("UPDATE money_checks SET violations = '{}'")]
    [InlineData("DELETE FROM money_checks")]
    public async Task The_api_cannot_forge_an_answer(string sql)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var api = await database.OpenAsApiAsync();
        await using var command = new NpgsqlCommand(sql, api);

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    // The last time that everything was asked about: now, so that no night falls in between.
    private static string Checkpoint(string took, string violations = "{}") =>
        $"INSERT INTO money_checks VALUES (now(), '{took}', 0, '{violations}', NULL)";

    private static ApiSetup Every(int seconds) =>
        new() { Settings = new Dictionary<string, string?> { ["Ledger:CheckIntervalSeconds"] = $"{seconds}" } };

    private static async Task<Answer> CheckedAfterAsync(Person admin, DateTimeOffset then)
    {
        Answer status = null!;
        await Until.TrueAsync(
            async () =>
            {
                status = (await admin.Api.GetAsync("/api/v1/system/status")).Expect(200);
                return status["money_checked_at"] is { ValueKind: JsonValueKind.String } at
                    && at.GetDateTimeOffset() > then;
            },
            "the money invariants were asked"
        );
        return status;
    }

    private static async Task<bool> CheckAsync(NpgsqlConnection connection, string every)
    {
        await using var command = new NpgsqlCommand("SELECT check_money($1::interval)", connection)
        {
            Parameters = { new() { Value = every } },
        };
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
