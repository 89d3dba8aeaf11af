using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using ClickNBack.Api.Retention;
using ClickNBack.Tests.Contract;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>What has had its time goes, in batches, and nothing else does.</summary>
public sealed class RetentionTests
{
    private const string Keys = "SELECT count(*) FROM idempotency_keys";
    private const string Tokens = "SELECT count(*) FROM refresh_tokens";
    private const string Logins = "SELECT string_agg(left(id::text, 1), '' ORDER BY id) FROM refresh_token_families";

    [Fact]
    public async Task The_api_deletes_what_has_had_its_time()
    {
        await using var database = await FilledAsync();
        var settings = new Dictionary<string, string?> { ["Retention:RefreshTokenDays"] = "7" };

        await using var server = await ApiServer.StartAsync(database, new ApiSetup { Settings = settings });

        await Until.TrueAsync(
            async () =>
                await database.ScalarAsync<long>(Keys) == 1000
                && await database.ScalarAsync<long>(Tokens) == 3
                && await database.ScalarAsync<string>(Logins) == "bcd",
            "what is too old is gone"
        );
    }

    [Fact]
    public async Task Nothing_of_use_is_deleted_whatever_is_asked_for()
    {
        await using var database = await FilledAsync();
        await using var api = await database.OpenAsApiAsync();

        Assert.Equal(2500, await DeleteAsync(api, "idempotency_keys", 100_000, "infinity"));
        Assert.Equal(1502, await DeleteAsync(api, "refresh_tokens", 100_000, "infinity"));

        Assert.Equal(1000, await database.ScalarAsync<long>(Keys));
        Assert.Equal("bd", await database.ScalarAsync<string>(Logins));
        Assert.Equal(0, await DeleteAsync(api, "idempotency_keys", 100_000, "infinity"));
        Assert.Equal(0, await DeleteAsync(api, "refresh_tokens", 100_000, "infinity"));
    }

    [Fact]
    public async Task A_batch_takes_the_oldest_and_passes_by_what_somebody_else_deletes()
    {
        await using var database = await FilledAsync();
        await using var one = await database.OpenAsApiAsync();
        await using var other = await database.OpenAsApiAsync();
        await using var transaction = await one.BeginTransactionAsync();

        Assert.Equal(10, await DeleteAsync(one, "idempotency_keys", 10));
        Assert.Equal(10, await DeleteAsync(other, "idempotency_keys", 10));
        await transaction.CommitAsync();

        Assert.Equal(
            "2480",
            Assert.Single(await database.RowsAsync("SELECT max(key::int) FROM idempotency_keys WHERE key::int <= 2500"))
        );
    }

    [Fact]
    public async Task Answers_of_the_money_invariants_are_kept_for_30_days()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            "INSERT INTO money_checks SELECT now() - days * interval '1 day', '1 ms', 0, '{}' FROM generate_series(20, 40) AS days"
        );
        await using var api = await database.OpenAsApiAsync();

        Assert.Equal(11, await DeleteAsync(api, "money_checks", 100));

        Assert.Equal(10, await database.ScalarAsync<long>("SELECT count(*) FROM money_checks"));
    }

    [Fact]
    public async Task What_was_claimed_on_a_day_is_forgotten_after_two()
    {
        await using var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            """
            INSERT INTO daily_claims (user_id, day, claims, amount)
            SELECT id, (now() AT TIME ZONE 'UTC')::date - age, 1, 1 FROM users, generate_series(0, 9) AS age
            """
        );
        await using var api = await database.OpenAsApiAsync();

        Assert.Equal(7, await DeleteAsync(api, "daily_claims", 100, "infinity"));

        Assert.Equal(3, await database.ScalarAsync<long>("SELECT count(*) FROM daily_claims"));
    }

    [Theory]
    [InlineData("users")]
    [InlineData("audit_logs")]
    [InlineData("transfers")]
    public async Task Of_other_tables_nothing_is_deleted(string table)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var api = await database.OpenAsApiAsync();

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => DeleteAsync(api, table, 10));

        Assert.Equal("20000", refusal.SqlState); // case_not_found
    }

    [Fact]
    public async Task Of_every_table_it_is_decided_how_long_it_is_kept()
    {
        await using var database = await TestDatabase.CreateAsync();
        var decided = Regex
            .Matches(
                Committed.Read("docs/adr/0012-what-is-kept-and-for-how-long.md"),
                @"^\|( `(?<table>\w+)`,?)+ \|",
                RegexOptions.ExplicitCapture | RegexOptions.Multiline,
                TimeSpan.FromSeconds(1)
            )
            .SelectMany(it => it.Groups["table"].Captures)
            .Select(it => it.Value);

        var tables = await database.RowsAsync(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        );

        Assert.Equal(tables.Order(), decided.Order());
    }

    [Fact]
    public async Task How_long_ago_it_was_done_is_known()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var api = NpgsqlDataSource.Create(database.ApiConnectionString);
        await using var nobody = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody");

        Assert.Equal(0, await AgeAfterARoundAsync(api, expectedErrors: 0));
        Assert.Equal(90, await AgeAfterARoundAsync(nobody, expectedErrors: 6));
    }

    // The process started 90 seconds before its first round.
    private static async Task<double> AgeAfterARoundAsync(NpgsqlDataSource database, int expectedErrors)
    {
        var clock = new ManualClock();
        var lines = new LogLines();
        using var services = new ServiceCollection()
            .AddMetrics()
            .AddLogging(logging => logging.AddProvider(lines))
            .BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var job = new RetentionJob(
            database,
            new RetentionOptions(),
            meters,
            clock,
            services.GetRequiredService<ILogger<RetentionJob>>()
        );
        clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(90, Gauge.Read(meters, "clicknback.retention.age"));

        await job.StartAsync(default);
        await Until.TrueAsync(
            () =>
                expectedErrors > 0
                    ? lines.All.Count == expectedErrors
                    : Gauge.Read(meters, "clicknback.retention.age") < 90,
            "the first round is over"
        );
        var age = Gauge.Read(meters, "clicknback.retention.age");
        await job.StopAsync(default);
        return age;
    }

    // 2,500 keys that are too old (the higher its number, the older), 1,000 that are not; logins whose tokens have expired long
    // ago (a), of which one token has (b), whose token has expired a moment ago (c) and whose token is good (d).
    private static async Task<TestDatabase> FilledAsync()
    {
        var database = await TestDatabase.CreateAsync();
        await database.ExecuteAsync(
            """
            INSERT INTO idempotency_keys (user_id, key, fingerprint, status_code, body, created_at)
            SELECT users.id, i, decode(repeat('00', 40), 'hex'), 201, '', now() - i * interval '1 second'
                   - CASE WHEN i <= 2500 THEN interval '24 hours' ELSE interval '0' END
            FROM users, generate_series(1, 3500) AS i;
            INSERT INTO refresh_token_families (id, user_id, created_at)
            SELECT (login || '0000000-0000-0000-0000-000000000000')::uuid, users.id, now() - interval '90 days'
            FROM users, unnest(ARRAY['a', 'b', 'c', 'd']) AS login;
            INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, issued_at, expires_at, rotation_count)
            SELECT gen_random_uuid(), (login || '0000000-0000-0000-0000-000000000000')::uuid, users.id,
                   encode(sha256((login || days || i)::bytea), 'hex'), now() - interval '90 days', now() + days * interval '1 day', i
            FROM users, (VALUES ('a', -8, 1500), ('b', -8, 1), ('b', 1, 1), ('c', -1, 1), ('d', 1, 1)) AS token (login, days, count),
                 generate_series(1, count) AS i
            """
        );
        return database;
    }

    private static async Task<long> DeleteAsync(
        NpgsqlConnection connection,
        string table,
        int most,
        string before = "now"
    )
    {
        await using var command = new NpgsqlCommand("SELECT delete_expired($1, $2::timestamptz, $3)", connection)
        {
            Parameters =
            {
                new() { Value = table },
                new() { Value = before },
                new() { Value = most },
            },
        };
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
