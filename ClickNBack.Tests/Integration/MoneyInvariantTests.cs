using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>
/// The money invariants notice what they are for. Nothing that reaches the database through its rules violates one, so each
/// violation is made as no role of the platform could: with the triggers off and the constraint dropped.
/// </summary>
public sealed class MoneyInvariantTests(DemoDatabase demo) : IClassFixture<DemoDatabase>
{
    private const string Alice = "'b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d'";
    private const string Pending = "'aa000001-0000-0000-0000-000000000001'"; // Alice's
    private const string Confirmed = "'aa000001-0000-0000-0000-000000000005'"; // Alice's
    private const string Audited = "every money movement is audited exactly once, as what it is";
    private const string Happened = "every audited money movement happened";

    public static readonly TheoryData<string, string> Violations = new()
    {
        { "the ledger sums to zero", $"UPDATE wallets SET paid_balance = paid_balance + 0.01 WHERE user_id = {Alice}" },
        {
            "wallets are the sums of their transfers",
            $"UPDATE wallets SET pending_balance = pending_balance - 0.01 WHERE user_id = {Alice}"
        },
        { "wallets are the sums of their transfers", $"DELETE FROM wallets WHERE user_id = {Alice}" },
        { "wallets are the sums of their transfers", "UPDATE transfers SET amount = amount + 1" },
        {
            "what moves is the cashback of the purchase or the amount of the payout",
            $"UPDATE purchases SET cashback_amount = cashback_amount + 1 WHERE id = {Confirmed}"
        },
        {
            "what moves is the cashback of the purchase or the amount of the payout",
            "UPDATE transfers SET amount = amount + 1 WHERE movement = 'payout_completed'"
        },
        {
            "every debt has its cause",
            $"INSERT INTO transfers SELECT 'debt_netted', 'user_available', 'user_debt', 99, user_id, merchant_id, purchase_id, NULL, audit_log_id, now() FROM transfers WHERE purchase_id = {Confirmed} AND movement = 'cashback_confirmed'"
        },
        {
            "no balance is negative",
            """
                ALTER TABLE wallets DROP CONSTRAINT ck_wallets_available_balance;
                UPDATE wallets SET available_balance = -0.01
                """
        },
        {
            "pending is the sum of pending cashback",
            $"UPDATE purchases SET cashback_amount = cashback_amount + 1 WHERE id = {Pending}"
        },
        {
            "available less owed is available cashback less payouts that did not fail",
            $"UPDATE purchases SET cashback_amount = cashback_amount + 1 WHERE id = {Confirmed}"
        },
        { "paid is the sum of completed payouts", "UPDATE payouts SET amount = amount + 1" },
        {
            "nobody owes and has at once",
            $"ALTER TABLE wallets DROP CONSTRAINT ck_wallets_debt; UPDATE wallets SET owed_balance = 1 WHERE user_id = {Alice}"
        },
        {
            "every purchase with cashback made the movements of its status",
            $"UPDATE purchases SET status = 'confirmed', resolved_at = now() WHERE id = {Pending}"
        },
        {
            "every purchase with cashback made the movements of its status",
            $"DELETE FROM transfers WHERE purchase_id = {Confirmed} AND movement = 'cashback_earned'"
        },
        {
            "every payout made the movements of its status",
            "DELETE FROM transfers WHERE movement = 'payout_completed'"
        },
        {
            "every payout made the movements of its status",
            "UPDATE payouts SET status = 'requested', processed_at = NULL"
        },
        { "no monthly cap is exceeded", $"UPDATE purchases SET cashback_amount = 50.01 WHERE id = {Pending}" },
        { Audited, "DELETE FROM audit_logs WHERE action = 'PURCHASE_CONFIRMED'" },
        { Audited, "UPDATE audit_logs SET action = 'PURCHASE_REJECTED' WHERE action = 'PURCHASE_CONFIRMED'" },
        { Audited, "UPDATE audit_logs SET resource_type = 'payout' WHERE action = 'PURCHASE_CONFIRMED'" },
        { Audited, $"UPDATE audit_logs SET resource_id = {Pending} WHERE action = 'PURCHASE_CONFIRMED'" },
        { Audited, $"UPDATE audit_logs SET resource_id = {Pending} WHERE action = 'CASHBACK_CREDITED'" },
        { Audited, "UPDATE audit_logs SET outcome = 'failure' WHERE action = 'WITHDRAWAL_REQUESTED'" },
        { Audited, """UPDATE audit_logs SET details = '{"status": "failed"}' WHERE action = 'WITHDRAWAL_PROCESSED'""" },
        {
            Audited,
            $"""
                UPDATE transfers SET audit_log_id = (
                    SELECT min(id::text)::uuid FROM audit_logs WHERE action = 'CASHBACK_CREDITED' AND resource_id = {Alice})
                WHERE user_id = {Alice} AND movement = 'cashback_earned'
                """
        },
        { Happened, "DELETE FROM transfers WHERE movement = 'cashback_reversed'" },
        { Happened, "DELETE FROM transfers WHERE movement = 'payout_requested'" },
        { Happened, AuditRow("PURCHASE_CONFIRMED", Confirmed) },
        { Happened, AuditRow("PURCHASE_REVERSED", Alice) }, // no purchase at all
        { Happened, AuditRow("CASHBACK_CREDITED", Alice) },
        { Happened, AuditRow("WITHDRAWAL_PROCESSED", Alice, """'{"status": "completed"}'""") },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_noticed(string invariant, string sql)
    {
        Assert.Contains(invariant, await BrokenAsync(sql));
    }

    [Fact]
    public async Task Every_invariant_is_shown_to_notice_a_violation()
    {
        var all = await demo.Database.RowsAsync("SELECT invariant FROM money_invariants()");

        Assert.Equal(all.Order(), Violations.Select(it => (string)it[0]).Distinct().Order());
    }

    [Fact]
    public async Task What_moves_no_money_violates_nothing()
    {
        Assert.Empty(await BrokenAsync("SELECT 1"));
        Assert.Empty(await BrokenAsync(AuditRow("MERCHANT_ACTIVATED", Alice)));
        Assert.Empty(await BrokenAsync(AuditRow("WITHDRAWAL_PROCESSED", Alice, """'{"status": "processing"}'""")));
        Assert.Empty(
            await BrokenAsync(
                $"""
                UPDATE purchases SET cashback_amount = 0 WHERE id = {Pending};
                UPDATE wallets SET pending_balance = pending_balance - 5 WHERE user_id = {Alice};
                WITH unmade AS (DELETE FROM transfers WHERE purchase_id = {Pending} RETURNING audit_log_id)
                DELETE FROM audit_logs USING unmade WHERE id = audit_log_id;
                {AuditRow("PURCHASE_REVERSED", Pending)}
                """
            )
        );
    }

    // Which invariants do not hold after that statement, which leaves nothing behind: asked about everything, and about what has
    // moved since the beginning.
    private async Task<List<string>> BrokenAsync(string sql)
    {
        await using var owner = await demo.Database.OpenAsOwnerAsync();
        await using var transaction = await owner.BeginTransactionAsync();
        await using var violation = new NpgsqlCommand($"SET LOCAL session_replication_role = replica; {sql}", owner);
        await violation.ExecuteNonQueryAsync();
        var broken = await AskAsync(owner, "NULL");
        Assert.Equal(broken, await AskAsync(owner, "'-infinity'"));
        return broken;
    }

    private static async Task<List<string>> AskAsync(NpgsqlConnection owner, string since)
    {
        await using var question = new NpgsqlCommand(
            $"SELECT invariant FROM money_invariants({since}) WHERE violations <> 0",
            owner
        );
        await using var reader = await question.ExecuteReaderAsync();
        var broken = new List<string>();
        while (await reader.ReadAsync())
        {
            broken.Add(reader.GetString(0));
        }

        return broken;
    }

    private static string AuditRow(string action, string resource, string details = "NULL") =>
        $"INSERT INTO audit_logs VALUES (gen_random_uuid(), now(), 'system', NULL, '{action}', 'purchase', {resource}, 'success', {details})";
}
