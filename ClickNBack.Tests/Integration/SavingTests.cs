using ClickNBack.Api.Audit;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>How a unit of work reaches the database: alike rows by one statement, all of it or nothing.</summary>
public sealed class SavingTests : IAsyncLifetime
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 9, 15, 0, 120, 450, TimeSpan.Zero);

    private TestDatabase _database = null!;
    private ApiServer _server = null!;
    private AsyncServiceScope _scope;
    private ClickNBackDbContext _db = null!;
    private int _logs;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await ApiServer.StartAsync(_database);
        _scope = _server.Services.CreateAsyncScope();
        _db = _scope.ServiceProvider.GetRequiredService<ClickNBackDbContext>();
    }

    public async Task DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(500)]
    public async Task New_rows_of_a_table_arrive_by_one_statement(int rows)
    {
        await CountStatementsAsync("INSERT", "audit_logs");
        _db.AddRange(Enumerable.Range(0, rows).Select(_ => Log()));

        Assert.Equal(rows, await _db.SaveChangesAsync());

        Assert.Equal(1, await _database.ScalarAsync<long>("SELECT count(*) FROM statements"));
        Assert.Equal(
            rows,
            await _database.ScalarAsync<long>("SELECT count(*) FROM audit_logs WHERE action = 'TESTED'")
        );
    }

    [Fact]
    public async Task What_is_empty_in_one_row_and_not_in_the_next_arrives_as_it_is()
    {
        var somebody = Guid.CreateVersion7();
        _db.AddRange(
            Log(details: """{"a":[1,"x",null]}"""),
            Log(details: null, ActorType.User, somebody),
            Log(details: """{"b":"{}\",\\ \u00e9 NULL"}""")
        );

        await _db.SaveChangesAsync();

        Assert.Equal(
            [
                """system||2026-11-21 09:15:00.12045+00|{"a": [1, "x", null]}""",
                $"user|{somebody}|2026-11-21 09:15:00.12045+00|",
                """system||2026-11-21 09:15:00.12045+00|{"b": "{}\",\\ é NULL"}""",
            ],
            await _database.RowsAsync(
                "SELECT concat_ws('|', actor_type, coalesce(actor_id::text, ''), occurred_at AT TIME ZONE 'UTC' || '+00', coalesce(details::text, '')) FROM audit_logs WHERE action = 'TESTED' ORDER BY resource_id"
            )
        );
    }

    [Fact]
    public async Task Rows_that_change_alike_change_by_one_statement_and_each_as_it_should()
    {
        var purchases = await PurchasesAsync(3);
        await CountStatementsAsync("UPDATE", "purchases");
        foreach (var (index, purchase) in purchases.Index())
        {
            purchase.VerificationFailures = index + 1;
        }

        await _db.SaveChangesAsync();

        Assert.Equal(1, await _database.ScalarAsync<long>("SELECT count(*) FROM statements"));
        Assert.Equal(["1", "2", "3"], await FailuresAsync());
    }

    [Fact]
    public async Task Rows_that_change_otherwise_keep_what_the_others_change()
    {
        var purchases = await PurchasesAsync(3);
        purchases[0].VerificationFailures = 1;
        purchases[1].NextVerificationAt = At;
        purchases[2].VerificationFailures = 3;

        await _db.SaveChangesAsync();

        Assert.Equal(["1", "0", "3"], await FailuresAsync());
        Assert.Equal(
            ["false", "true", "false"],
            await _database.RowsAsync(
                "SELECT (next_verification_at = '2026-11-21T09:15:00.12045Z')::text FROM purchases ORDER BY created_at, id"
            )
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_row_that_somebody_else_has_changed_meanwhile_is_saved_by_nobody_and_nor_are_the_others(int rows)
    {
        var purchases = await PurchasesAsync(rows);
        await _database.ExecuteAsync(
            "UPDATE purchases SET status = 'rejected', resolved_at = now() WHERE id = $1",
            purchases[^1].Id
        );
        purchases.ForEach(it => it.VerificationFailures = 5);

        var refusal = await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => _db.SaveChangesAsync());

        Assert.Contains($"{rows - 1} of {rows} rows of purchases", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat("0", rows), await FailuresAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_refused_row_names_its_rule_and_nothing_is_saved(int rows)
    {
        _db.AddRange(Enumerable.Range(1, rows - 1).Select(_ => Log()));
        _db.Add(Log(details: null, ActorType.System, Guid.CreateVersion7()));

        var refusal = await Assert.ThrowsAsync<DbUpdateException>(() => _db.SaveChangesAsync());

        Assert.Equal("ck_audit_logs_actor", Assert.IsType<PostgresException>(refusal.InnerException).ConstraintName);
        Assert.Equal(rows, refusal.Entries.Count);
        Assert.Equal(0, await _database.ScalarAsync<long>("SELECT count(*) FROM audit_logs WHERE action = 'TESTED'"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_text_that_is_too_long_is_refused_and_not_cut(int rows)
    {
        _db.AddRange(
            Enumerable.Range(0, rows).Select(it => NewMerchant($"{it}{new string('x', Merchant.MaxNameLength)}"))
        );

        var refusal = await Assert.ThrowsAsync<DbUpdateException>(() => _db.SaveChangesAsync());

        Assert.Equal(
            PostgresErrorCodes.StringDataRightTruncation,
            Assert.IsType<PostgresException>(refusal.InnerException).SqlState
        );
    }

    [Fact]
    public async Task Rows_are_not_deleted_one_by_one()
    {
        _db.Add(NewMerchant("gone"));
        await _db.SaveChangesAsync();
        _db.Remove(await _db.Merchants.SingleAsync());

        await Assert.ThrowsAsync<NotSupportedException>(() => _db.SaveChangesAsync());
    }

    private AuditLog Log(string? details = null, ActorType actor = ActorType.System, Guid? actorId = null) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            OccurredAt = At,
            ActorType = actor,
            ActorId = actorId,
            Action = "TESTED",
            ResourceType = "purchase",
            ResourceId = new Guid(++_logs, 0, 0, new byte[8]),
            Details = details,
        };

    private static Merchant NewMerchant(string name) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Name = name,
            DefaultCashbackPercentage = 1.5m,
            CreatedAt = At,
        };

    private async Task<List<Purchase>> PurchasesAsync(int count)
    {
        var user = await _server.UserAsync();
        var shop = await Shop.OpenAsync(_database);
        for (var i = 0; i < count; i++)
        {
            await user.BuyAsync(shop, 100);
        }

        return await _db.Purchases.OrderBy(it => it.CreatedAt).ThenBy(it => it.Id).ToListAsync();
    }

    private Task<List<string>> FailuresAsync() =>
        _database.RowsAsync("SELECT verification_failures::text FROM purchases ORDER BY created_at, id");

    private Task CountStatementsAsync(string kind, string table) =>
        _database.ExecuteAsync(
            $"""
            CREATE TABLE statements (at timestamptz);
            CREATE FUNCTION count_statement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                'BEGIN INSERT INTO public.statements VALUES (clock_timestamp()); RETURN NULL; END';
            CREATE TRIGGER tr_count_statement AFTER {kind} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION count_statement();
            """
        );
}
