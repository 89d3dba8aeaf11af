using ClickNBack.Tests.Infrastructure;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>
/// The last line of defence: what an intruder or a bug in the API might try, statement by statement, as the API's role. Each
/// is refused by the named constraint, or for want of the privilege.
/// </summary>
public sealed class DatabaseGuardTests(DemoDatabase demo) : IClassFixture<DemoDatabase>
{
    private const string Privilege = PostgresErrorCodes.InsufficientPrivilege;
    private const string Alice = "'b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d'";
    private const string Bob = "'c8d3e2b1-5a4b-4c3d-8b2a-7e6f5d4c3b2a'";
    private const string Shoply = "'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d'";
    private const string ShoplysOffer = "'f0e1d2c3-b4a5-4678-9012-3456789abcde'";
    private const string QuickCartsOffer = "'a1b2c3d4-e5f6-4789-0abc-def012345678'";
    private const string Pending = "'aa000001-0000-0000-0000-000000000001'"; // Alice's, 100.00 at Shoply
    private const string Confirmed = "'aa000001-0000-0000-0000-000000000005'"; // Alice's, 300.00 at Shoply
    private const string Reversed = "'aa000001-0000-0000-0000-000000000006'"; // Bob's, 40.00 at QuickCart
    private const string New = "'99999999-0000-0000-0000-000000000001'";
    private const string NewToo = "'99999999-0000-0000-0000-000000000002'";

    public static readonly TheoryData<string, string> Thefts = new()
    {
        { "wallets are written by nobody", "UPDATE wallets SET available_balance = 1000" },
        { "not added", $"INSERT INTO wallets (user_id) VALUES ({New})" },
        { "not removed", "DELETE FROM wallets" },
        { "the ledger is append-only", "UPDATE ledger_entries SET amount = amount * 2" },
        { "entries stay", "DELETE FROM ledger_entries" },
        { "all of them", "TRUNCATE ledger_entries" },
        { "movements stay", "DELETE FROM ledger_transactions" },
        { "and what they are", "UPDATE ledger_transactions SET movement = 'payout_failed'" },
        {
            "nobody pretends to be in an earlier transaction",
            $"INSERT INTO ledger_transactions (id, movement, purchase_id, audit_log_id, occurred_at, made_by) SELECT {New}, 'cashback_confirmed', {Pending}, id, now(), '1' FROM audit_logs LIMIT 1"
        },
        { "the audit log is append-only", "UPDATE audit_logs SET action = 'NOTHING'" },
        { "audit rows stay", "DELETE FROM audit_logs" },
        { "all of those too", "TRUNCATE audit_logs CASCADE" },
        { "caps are counted by the database", "UPDATE monthly_cap_usages SET credited = 0" },
        { "and not forgotten", "DELETE FROM monthly_cap_usages" },
        { "nor anticipated", $"INSERT INTO monthly_cap_usages VALUES ({Bob}, {ShoplysOffer}, '2026-01-01', 50, 0)" },
        { "purchases stay", "DELETE FROM purchases" },
        { "with their amounts", "UPDATE purchases SET amount = 1000000" },
        { "and their buyers", $"UPDATE purchases SET user_id = {Bob}" },
        { "and their offers", $"UPDATE purchases SET offer_id = {ShoplysOffer}" },
        { "cashback stays what was promised", "UPDATE cashback_transactions SET amount = 1000" },
        { "and whose", $"UPDATE cashback_transactions SET user_id = {Bob}" },
        { "offers keep their values", "UPDATE offers SET cashback_value = 100" },
        { "and caps", "UPDATE offers SET monthly_cap = 1000000" },
        { "payouts keep their amounts", "UPDATE payouts SET amount = 1" },
        { "and destinations", "UPDATE payouts SET details = '{}'" },
        { "nobody is made an administrator", User("NEW", ", role", ", 'admin'") },
        { "nobody is promoted", "UPDATE users SET role = 'admin'" },
        { "nobody's password is set", "UPDATE users SET password_hash = 'x'" },
        { "nobody is deleted", "DELETE FROM users" },
        { "refresh tokens live no longer", "UPDATE refresh_tokens SET expires_at = 'infinity'" },
        { "the schema's history is read-only", "DELETE FROM \"__EFMigrationsHistory\"" },
        { "no table is made", "CREATE TABLE loot ()" },
        { "no temporary one either", "CREATE TEMPORARY TABLE loot ()" },
        { "no function", "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'" },
        { "no schema", "CREATE SCHEMA loot" },
        { "no table is dropped", "DROP TABLE payouts" },
        { "no constraint is dropped", "ALTER TABLE wallets DROP CONSTRAINT ck_wallets_available_balance" },
        { "no trigger is disabled", "ALTER TABLE ledger_entries DISABLE TRIGGER ALL" },
        { "nor all of them", "SET session_replication_role = replica" },
        { "nobody becomes the owner", "SET ROLE postgres" },
        { "no role is made", "CREATE ROLE thief SUPERUSER" },
        { "no program is run", "COPY users TO PROGRAM 'cat'" },
        { "no file is read", "SELECT pg_read_file('PG_VERSION')" },
    };

    [Theory]
    [MemberData(nameof(Thefts))]
    public async Task The_apis_role_has_no_right_to(string what, string sql)
    {
        Assert.NotEmpty(what);

        Assert.Equal(Privilege, await RefusalAsync(sql));
    }

    public static readonly TheoryData<string, string> InvalidRows = new()
    {
        // Purchases
        { "ck_purchases_amount", Purchase("0") },
        { "ck_purchases_amount", Purchase("-1") },
        { "ck_purchases_amount", Purchase("1.005") },
        { "ck_purchases_amount", Purchase("'NaN'") },
        { "ck_purchases_amount", Purchase("'Infinity'") },
        { "ck_purchases_amount", Purchase("10000000000") },
        { "ck_purchases_cashback_amount", Purchase("10", cashback: "-0.01") },
        { "ck_purchases_cashback_amount", Purchase("10", cashback: "0.001") },
        { "ck_purchases_cashback_amount", Purchase("10", cashback: "'NaN'") },
        { "ck_purchases_currency", Purchase("10", currency: "USD") },
        { "ck_purchases_external_id", Purchase("10", externalId: "") },
        { "ux_purchases_external_id", Purchase("10", externalId: "txn_seed_001") },
        { "ck_purchases_start", Purchase("10", status: "confirmed", resolved: "now()") },
        { "fk_purchases_user_id", Purchase("10", user: New) },
        { "fk_purchases_offer_id_merchant_id", Purchase("10", offer: QuickCartsOffer) },
        { "fk_purchases_offer_id_merchant_id", Purchase("10", offer: New) },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'pending', resolved_at = NULL WHERE id = {Confirmed}" },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'rejected' WHERE id = {Confirmed}" },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'confirmed' WHERE id = {Reversed}" },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'gone', resolved_at = now() WHERE id = {Pending}" },
        { "ck_purchases_resolved_at", $"UPDATE purchases SET status = 'confirmed' WHERE id = {Pending}" },
        {
            "ck_purchases_reversed_earns_nothing",
            $"UPDATE purchases SET status = 'reversed', resolved_at = now() WHERE id = {Pending}"
        },
        {
            "ck_purchases_verification_failures",
            $"UPDATE purchases SET verification_failures = -1 WHERE id = {Pending}"
        },
        // Cashback
        {
            "ck_cashback_transactions_step",
            $"UPDATE cashback_transactions SET status = 'pending' WHERE purchase_id = {Confirmed}"
        },
        {
            "ck_cashback_transactions_step",
            $"UPDATE cashback_transactions SET status = 'available' WHERE purchase_id = {Reversed}"
        },
        { "ck_cashback_transactions_start", Purchase("10") + ";" + Cashback("1", status: "available") },
        { "ck_cashback_transactions_amount", Purchase("10") + ";" + Cashback("1.001") },
        { "ck_cashback_transactions_amount", Purchase("10") + ";" + Cashback("-1") },
        { "fk_cashback_transactions_purchase_id_user_id", Purchase("10") + ";" + Cashback("0", user: Bob) },
        { "ux_cashback_transactions_purchase_id_user_id", Cashback("0", purchase: Pending) },
        { "ck_monthly_cap_usages_within_cap", Purchase("10000") + ";" + Cashback("50.01", user: Alice) },
        // Offers and merchants
        { "ux_offers_one_active_per_merchant", Offer() },
        {
            "ux_offers_one_active_per_merchant",
            Offer(active: "false") + $";UPDATE offers SET active = true WHERE id = {New}"
        },
        { "ck_offers_percentage", Offer(value: "100.01") },
        { "ck_offers_cashback_value", Offer(value: "0") },
        { "ck_offers_cashback_value", Offer(value: "'Infinity'", type: "fixed") },
        { "ck_offers_cashback_value", Offer(value: "'NaN'", type: "fixed") },
        { "ck_offers_cashback_type", Offer(type: "gift") },
        { "ck_offers_dates", Offer(last: "2025-12-31") },
        { "ck_offers_monthly_cap", Offer(cap: "'NaN'") },
        { "ck_offers_monthly_cap", Offer(cap: "0") },
        { "ck_offers_monthly_cap", Offer(cap: "1.001") },
        { "fk_offers_merchant_id", Offer(merchant: New) },
        { "ck_merchants_name", $"INSERT INTO merchants VALUES ({New}, '  ', 5, true, now())" },
        { "ux_merchants_name", $"INSERT INTO merchants VALUES ({New}, 'Shoply', 5, true, now())" },
        {
            "ck_merchants_default_cashback_percentage",
            $"INSERT INTO merchants VALUES ({New}, 'New', 'NaN', true, now())"
        },
        // People
        { "ux_users_normalized_email", User("ALICE@CLICKNBACK.COM") },
        { "ck_refresh_tokens_lifetime", RefreshToken("repeat('a', 64)", "now()") },
        { "ck_refresh_tokens_token_hash", RefreshToken("'the token itself'", "now() + interval '1 day'") },
        // Payouts
        { "ck_payouts_amount", Payout("0") },
        { "ck_payouts_amount", Payout("10.001") },
        { "ck_payouts_amount", Payout("'NaN'") },
        { "ck_payouts_start", Payout("10", "completed", "now()") },
        { "ck_payouts_processed_at", Payout("10", processed: "now()") },
        { "fk_payouts_user_id", Payout("10", user: New) },
        { "ck_payouts_step", "UPDATE payouts SET status = 'failed'" },
        { "ck_payouts_step", "UPDATE payouts SET status = 'requested', processed_at = NULL" },
        // Flags and audit rows
        { "ck_feature_flags_key", Flag("Not A Key", "global", "NULL") },
        { "ck_feature_flags_scope_id", Flag("key", "global", Alice) },
        { "ck_feature_flags_scope_id", Flag("key", "user", "NULL") },
        { "ck_feature_flags_scope_type", Flag("key", "country", Alice) },
        { "ux_feature_flags_key_scope_type_scope_id", Flag("purchase_auto_confirm", "global", "NULL") },
        { "ck_audit_logs_actor", Audit("system", Alice) },
        { "ck_audit_logs_actor", Audit("admin", "NULL") },
        { "ck_audit_logs_actor_type", Audit("intruder", Alice) },
        // The ledger
        { "ck_ledger_transactions_balanced", Movement() },
        { "ck_ledger_transactions_balanced", Movement(entries: [Entry("user_available", "5")]) },
        {
            "ck_ledger_transactions_balanced",
            Movement(entries: [Entry("user_pending", "-5"), Entry("user_available", "6")])
        },
        {
            "ck_ledger_entries_with_their_transaction",
            $"INSERT INTO ledger_entries SELECT id, 'user_debt', {Alice}, NULL, 5 FROM ledger_transactions LIMIT 1"
        },
        { "pk_ledger_entries", Movement(entries: [Entry("user_pending", "-5"), Entry("user_pending", "5")]) },
        { "ck_ledger_entries_amount", Movement(entries: [Entry("user_pending", "0")]) },
        { "ck_ledger_entries_amount", Movement(entries: [Entry("user_pending", "0.001")]) },
        { "ck_ledger_entries_amount", Movement(entries: [Entry("user_pending", "'NaN'")]) },
        { "ck_ledger_entries_account", Movement(entries: [Entry("my_pocket", "5")]) },
        { "ck_ledger_entries_owner", Movement(entries: [Entry("merchant_receivable", "-5")]) },
        { "ck_ledger_entries_owner", Movement(entries: [Entry("user_pending", "5", "NULL")]) },
        { "fk_ledger_entries_user_id", Movement(entries: [Entry("user_pending", "5", New)]) },
        {
            "ck_wallets_available_balance",
            Movement(entries: [Entry("user_available", "-15.01"), Entry("payout_in_transit", "15.01")])
        },
        {
            "ck_wallets_pending_balance",
            Movement(entries: [Entry("user_pending", "-100"), Entry("user_available", "100")])
        },
        { "ck_wallets_paid_balance", Movement(entries: [Entry("paid_out", "-51"), Entry("user_available", "51")]) },
        { "ck_wallets_owed_balance", Movement(entries: [Entry("user_debt", "1"), Entry("user_pending", "-1")]) },
        { "ck_ledger_transactions_movement", Movement(movement: "gift") },
        { "ck_ledger_transactions_subject", Movement(purchase: "NULL") },
        { "fk_ledger_transactions_purchase_id", Movement(purchase: New) },
        { "ux_ledger_transactions_purchase_id_movement", Movement(purchase: Confirmed) }, // a second confirmation
        {
            "ux_ledger_transactions_audit_log_id",
            $"INSERT INTO ledger_transactions (id, movement, purchase_id, audit_log_id, occurred_at) SELECT {New}, 'cashback_confirmed', {Pending}, audit_log_id, now() FROM ledger_transactions LIMIT 1"
        },
        { "ck_ledger_transactions_audited", Movement(audit: Audit("system", "NULL")) },
        { "ck_ledger_transactions_audited", Movement(audit: Audit("system", "NULL", "PURCHASE_REVERSED")) },
        {
            "ck_ledger_transactions_audited",
            Movement(audit: Audit("system", "NULL", "PURCHASE_CONFIRMED", resource: Confirmed))
        },
        {
            "ck_ledger_transactions_audited",
            Movement(audit: Audit("system", "NULL", "PURCHASE_CONFIRMED", outcome: "failure"))
        },
        { "ck_audit_logs_moved", Audit("system", "NULL", "PURCHASE_CONFIRMED") },
        { "ck_audit_logs_moved", Audit("system", "NULL", "CASHBACK_CREDITED") },
        { "ck_audit_logs_moved", Audit("system", "NULL", "WITHDRAWAL_PROCESSED") },
        {
            "fk_ledger_transactions_audit_log_id",
            $"INSERT INTO ledger_transactions (id, movement, purchase_id, audit_log_id, occurred_at) VALUES ({New}, 'cashback_confirmed', {Pending}, {New}, now())"
        },
    };

    [Theory]
    [MemberData(nameof(InvalidRows))]
    public async Task The_database_refuses_by_the_name_of(string rule, string sql)
    {
        Assert.Equal(rule, await RefusalAsync(sql));
    }

    public static readonly TheoryData<string, string> OwnersToo = new()
    {
        { "tr_ledger_entries_append_only", "UPDATE ledger_entries SET amount = amount" },
        { "tr_ledger_entries_append_only", "TRUNCATE ledger_entries" },
        { "tr_ledger_transactions_append_only", "DELETE FROM ledger_transactions" },
        { "tr_audit_logs_append_only", "DELETE FROM audit_logs WHERE false" },
        { "ck_purchases_facts", "UPDATE purchases SET amount = amount" },
        { "ck_purchases_facts", $"UPDATE purchases SET user_id = {Bob} WHERE false" },
        { "ck_cashback_transactions_facts", "UPDATE cashback_transactions SET amount = 1000" },
        { "ck_payouts_facts", "UPDATE payouts SET details = '{}'" },
        { "ck_wallets_available_balance", "UPDATE wallets SET available_balance = -0.01" },
        { "ck_wallets_available_balance", "UPDATE wallets SET available_balance = 0.001" },
        { "ck_wallets_pending_balance", "UPDATE wallets SET pending_balance = 'NaN'" },
        { "ck_monthly_cap_usages_within_cap", "UPDATE monthly_cap_usages SET credited = monthly_cap + 0.01" },
        { "fk_monthly_cap_usages_offer_id_monthly_cap", "UPDATE monthly_cap_usages SET monthly_cap = 1000000" },
        { "ck_users_role", User("NEW", ", role", ", 'owner'") },
        { "fk_purchases_user_id", $"DELETE FROM users WHERE id = 'e0e1e2e3-f4a5-4b6c-7d8e-9f0a1b2c3d4e'" },
    };

    [Theory]
    [MemberData(nameof(OwnersToo))]
    public async Task Even_the_owner_is_refused_by(string rule, string sql)
    {
        await using var owner = await demo.Database.OpenAsOwnerAsync();
        var refusal = await RefusalAsync(owner, sql);

        // Whoever is deleted is referred to by several tables; any of them may speak first.
        Assert.True(refusal == rule || (rule[..3] == "fk_" && refusal[..3] == "fk_"), $"Refused by {refusal}");
    }

    [Fact]
    public async Task What_the_api_does_is_not_refused()
    {
        Assert.Equal("nobody", await RefusalAsync(Purchase("10", cashback: "0.50") + ";" + Cashback("0.50")));
        Assert.Equal(
            "nobody",
            await RefusalAsync(Movement(entries: [Entry("user_pending", "-5"), Entry("user_available", "5")]))
        );
        Assert.Equal("nobody", await RefusalAsync(Audit("system", "NULL", "PURCHASE_CONFIRMED", outcome: "failure")));
    }

    [Fact]
    public async Task The_apis_role_can_do_nothing_to_the_server()
    {
        Assert.Equal(
            ["False False False False False"],
            await demo.Database.RowsAsync(
                "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = 'clicknback_api'"
            )
        );
        Assert.Empty(
            await demo.Database.RowsAsync("SELECT roleid FROM pg_auth_members WHERE member = 'clicknback_api'::regrole")
        );
        Assert.Empty(
            await demo.Database.RowsAsync("SELECT relname FROM pg_class WHERE relowner = 'clicknback_api'::regrole")
        );
    }

    private async Task<string> RefusalAsync(string sql)
    {
        await using var api = await demo.Database.OpenAsApiAsync();
        return await RefusalAsync(api, sql);
    }

    // By whom a statement is refused, in a transaction that leaves nothing behind.
    private static async Task<string> RefusalAsync(NpgsqlConnection connection, string sql)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await using var command = new NpgsqlCommand($"{sql}; SET CONSTRAINTS ALL IMMEDIATE", connection);
            await command.ExecuteNonQueryAsync();
            return "nobody";
        }
        catch (PostgresException refusal)
        {
            return refusal.ConstraintName ?? refusal.SqlState;
        }
    }

    private static string Purchase(
        string amount,
        string cashback = "0",
        string currency = "EUR",
        string externalId = "new",
        string status = "pending",
        string resolved = "NULL",
        string user = Alice,
        string offer = ShoplysOffer
    ) =>
        $"INSERT INTO purchases VALUES ({New}, '{externalId}', {user}, {Shoply}, {offer}, {amount}, {cashback}, '{currency}', '{status}', now(), {resolved}, 0, now())";

    private static string Cashback(
        string amount,
        string status = "pending",
        string user = Alice,
        string purchase = New
    ) => $"INSERT INTO cashback_transactions VALUES ({New}, {user}, {purchase}, {amount}, '{status}', now())";

    private static string Offer(
        string value = "5",
        string type = "percent",
        string last = "2026-12-31",
        string cap = "10",
        string active = "true",
        string merchant = Shoply
    ) =>
        $"INSERT INTO offers VALUES ({New}, {merchant}, '{type}', {value}, '2026-01-01', '{last}', {cap}, {active}, now())";

    private static string User(string normalizedEmail, string column = "", string value = "") =>
        $"INSERT INTO users (id, email, normalized_email, password_hash, active, created_at{column}) VALUES ({New}, 'new@clicknback.test', '{normalizedEmail}', 'x', true, now(){value})";

    private static string RefreshToken(string hash, string expires) =>
        $"INSERT INTO refresh_token_families VALUES ({New}, {Alice}, now(), NULL); INSERT INTO refresh_tokens VALUES ({New}, {New}, {Alice}, {hash}, now(), {expires}, NULL, 0)";

    private static string Payout(
        string amount,
        string status = "requested",
        string processed = "NULL",
        string user = Alice
    ) => $"INSERT INTO payouts VALUES ({New}, {user}, {amount}, '{status}', 'card', '{{}}', now(), {processed}, NULL)";

    private static string Flag(string key, string scope, string id) =>
        $"INSERT INTO feature_flags VALUES ({New}, '{key}', true, '{scope}', {id}, NULL, now(), now())";

    private static string Audit(
        string actorType,
        string actor,
        string action = "PURCHASE_VIEWED",
        string resource = Pending,
        string outcome = "success"
    ) =>
        $"INSERT INTO audit_logs VALUES ({NewToo}, now(), '{actorType}', {actor}, '{action}', 'purchase', {resource}, '{outcome}', NULL)";

    private static string Movement(
        string movement = "cashback_confirmed",
        string purchase = Pending,
        string[]? entries = null,
        string? audit = null
    ) =>
        string.Join(
            ';',
            [
                audit ?? Audit("system", "NULL", "PURCHASE_CONFIRMED"),
                $"INSERT INTO ledger_transactions (id, movement, purchase_id, audit_log_id, occurred_at) VALUES ({New}, '{movement}', {purchase}, {NewToo}, now())",
                .. entries ?? [],
            ]
        );

    private static string Entry(string account, string amount, string user = Alice) =>
        $"INSERT INTO ledger_entries VALUES ({New}, '{account}', {user}, NULL, {amount})";
}

/// <summary>A database with the demo in it.</summary>
public sealed class DemoDatabase : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync() => Database = await TestDatabase.CreateWithDemoAsync();

    public async Task DisposeAsync() => await Database.DisposeAsync();
}
