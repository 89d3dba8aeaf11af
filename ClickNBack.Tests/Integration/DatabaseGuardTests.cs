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
    private const string Carol = "'d9f4b3c2-6b5c-5d4e-7c3b-6a5e4d3c2b1a'"; // an administrator
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
        { "the ledger is append-only", "UPDATE transfers SET amount = amount * 2" },
        { "transfers stay", "DELETE FROM transfers" },
        { "all of them", "TRUNCATE transfers" },
        { "and whose they are", $"UPDATE transfers SET user_id = {Bob}" },
        { "the audit log is append-only", "UPDATE audit_logs SET action = 'NOTHING'" },
        { "audit rows stay", "DELETE FROM audit_logs" },
        { "all of those too", "TRUNCATE audit_logs CASCADE" },
        { "caps are counted by the database", "UPDATE monthly_cap_usages SET credited = 0" },
        { "and not forgotten", "DELETE FROM monthly_cap_usages" },
        { "nor anticipated", $"INSERT INTO monthly_cap_usages VALUES ({Bob}, {ShoplysOffer}, '2026-01-01', 50, 0)" },
        { "what was claimed on a day is not forgotten", "DELETE FROM daily_claims" },
        { "nor whose it is", $"UPDATE daily_claims SET user_id = {Bob}" },
        { "evidence stays", "DELETE FROM excess_claims" },
        { "as it is", "UPDATE excess_claims SET amount = 1" },
        { "cases keep whom they are about", $"UPDATE cases SET user_id = {Bob}" },
        { "purchases stay", "DELETE FROM purchases" },
        { "with their amounts", "UPDATE purchases SET amount = 1000000" },
        { "and their buyers", $"UPDATE purchases SET user_id = {Bob}" },
        { "and their offers", $"UPDATE purchases SET offer_id = {ShoplysOffer}" },
        { "cashback stays what was promised", "UPDATE purchases SET cashback_amount = 1000" },
        { "of one purchase, too", $"UPDATE purchases SET cashback_amount = 50 WHERE id = {Pending}" },
        { "purchases start pending", $"INSERT INTO purchases (id, status) VALUES ({New}, 'confirmed')" },
        { "and unresolved", $"INSERT INTO purchases (id, resolved_at) VALUES ({New}, now())" },
        { "with no failure", $"INSERT INTO purchases (id, verification_failures) VALUES ({New}, 3)" },
        { "and in EUR", $"INSERT INTO purchases (id, currency) VALUES ({New}, 'USD')" },
        { "payouts start requested", $"INSERT INTO payouts (id, status) VALUES ({New}, 'completed')" },
        { "and unprocessed", $"INSERT INTO payouts (id, processed_at) VALUES ({New}, now())" },
        { "nobody ends a hold by hand", "UPDATE payouts SET held_for = NULL" },
        { "nor changes where a payout was known to go", "UPDATE payouts SET destination_fingerprint = NULL" },
        { "nobody says when they were paid", "UPDATE payouts SET processed_at = now()" },
        { "batches of payouts stay what they are", "UPDATE payout_exports SET payouts = 1" },
        { "payouts stay", "DELETE FROM payouts" },
        { "and their owners", $"UPDATE payouts SET user_id = {Bob}" },
        { "nobody keeps the money check from asking", "LOCK TABLE money_checks IN SHARE MODE" },
        { "nor from answering", "SELECT * FROM money_checks FOR UPDATE" },
        { "nor takes its turn", "SELECT * FROM money_check_turn FOR UPDATE" },
        { "rebuilds are the worker's", "SELECT * FROM wallet_rebuilds" },
        { "wallets are locked by a function alone", "SELECT * FROM wallets FOR UPDATE" },
        { "the sum of the ledger is the money check's", "SELECT ledger_imbalance()" },
        { "nobody keeps others from moving money", "LOCK TABLE transfers IN EXCLUSIVE MODE" },
        { "families keep their owners", $"UPDATE refresh_token_families SET user_id = {Bob}" },
        { "tokens keep their hashes", "UPDATE refresh_tokens SET token_hash = 'x'" },
        { "tokens stay", "DELETE FROM refresh_tokens" },
        { "merchants keep their names", "UPDATE merchants SET name = 'x'" },
        { "offers keep their dates", "UPDATE offers SET end_date = 'infinity'" },
        { "offers keep their values", "UPDATE offers SET cashback_value = 100" },
        { "and caps", "UPDATE offers SET monthly_cap = 1000000" },
        { "payouts keep their amounts", "UPDATE payouts SET amount = 1" },
        { "nobody is erased without a look at their money", "UPDATE users SET erased_at = now()" },
        { "nobody is made an administrator", User("NEW", ", role", ", 'admin'") },
        { "nobody is promoted", "UPDATE users SET role = 'admin'" },
        { "nobody's e-mail is changed", "UPDATE users SET normalized_email = 'x'" },
        { "nobody is deleted", "DELETE FROM users" },
        { "refresh tokens live no longer", "UPDATE refresh_tokens SET expires_at = 'infinity'" },
        { "the schema's history is read-only", "DELETE FROM \"__EFMigrationsHistory\"" },
        { "no table is made", "CREATE TABLE loot ()" },
        { "no temporary one either", "CREATE TEMPORARY TABLE loot ()" },
        { "no function", "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'" },
        { "no schema", "CREATE SCHEMA loot" },
        { "no table is dropped", "DROP TABLE payouts" },
        { "no constraint is dropped", "ALTER TABLE wallets DROP CONSTRAINT ck_wallets_available_balance" },
        { "no trigger is disabled", "ALTER TABLE transfers DISABLE TRIGGER ALL" },
        { "nor all of them", "SET session_replication_role = replica" },
        {
            "nobody becomes the owner",
            "DO $$ BEGIN EXECUTE format('SET ROLE %I', (SELECT tableowner FROM pg_tables WHERE tablename = 'users')); END $$"
        },
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
        { "ck_purchases_external_id", Purchase("10", externalId: "") },
        { "ux_purchases_external_id", Purchase("10", externalId: "txn_seed_001") },
        { "fk_purchases_user_id", Purchase("10", user: New) },
        { "fk_purchases_offer_id_merchant_id", Purchase("10", offer: QuickCartsOffer) },
        { "fk_purchases_offer_id_merchant_id", Purchase("10", offer: New) },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'pending', resolved_at = NULL WHERE id = {Confirmed}" },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'rejected' WHERE id = {Confirmed}" },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'confirmed' WHERE id = {Reversed}" },
        { "ck_purchases_step", $"UPDATE purchases SET status = 'gone', resolved_at = now() WHERE id = {Pending}" },
        { "ck_purchases_resolved_at", $"UPDATE purchases SET status = 'confirmed' WHERE id = {Pending}" },
        {
            "fk_purchases_movement",
            $"UPDATE purchases SET status = 'reversed', resolved_at = now() WHERE id = {Pending}"
        },
        {
            "fk_purchases_movement",
            $"UPDATE purchases SET status = 'confirmed', resolved_at = now() WHERE id = {Pending}"
        },
        { "fk_purchases_movement", $"UPDATE purchases SET status = 'reversed' WHERE id = {Confirmed}" },
        { "fk_purchases_movement", Purchase("10", cashback: "0.50") },
        { "fk_purchases_movement", $"SET CONSTRAINTS ALL IMMEDIATE; {Purchase("10", cashback: "0.50")}" },
        {
            "ck_purchases_verification_failures",
            $"UPDATE purchases SET verification_failures = -1 WHERE id = {Pending}"
        },
        // Claims
        { "ck_daily_claims_within_count", DailyClaims(claims: "4") },
        { "ck_daily_claims_within_amount", DailyClaims(amount: "500.01") },
        { "ck_daily_claims_claims", DailyClaims(claims: "0") },
        { "ck_daily_claims_amount", DailyClaims(amount: "0.001") },
        { "ck_daily_claims_facts", $"{DailyClaims()}; UPDATE daily_claims SET claims = 1, amount = 2" },
        { "ck_daily_claims_facts", $"{DailyClaims()}; UPDATE daily_claims SET claims = 4, amount = 1" },
        { "ck_daily_claims_within_count", $"{DailyClaims()}; UPDATE daily_claims SET claims = 4, amount = 2" },
        { "fk_daily_claims_user_id", DailyClaims(user: New) },
        { "ck_excess_claims_kind", ExcessClaim(kind: "claimed_twice") },
        { "ck_excess_claims_amount", ExcessClaim(amount: "0") },
        { "ck_cases_subject", Case("too_many_claims", "NULL", "NULL", "NULL") },
        { "ck_cases_subject", Case("payout_too_early", "NULL", Alice, "NULL") },
        { "ck_cases_subject", Case("too_many_claims", Pending, Alice, "'2026-01-01'") },
        { "ck_cases_subject", Case("claimed_twice", Pending, Alice, "NULL") },
        { "ux_cases_user_id_day_kind", $"{UserCase(New)}; {UserCase(NewToo)}" },
        {
            "ck_cases_users_dismissed",
            $"{UserCase(New)}; UPDATE cases SET decided_at = now(), decided_by = {Alice}, decision = 'confirm', note = 'x'"
        },
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
        { "ck_merchants_name", $"INSERT INTO merchants VALUES ({New}, 'Cafe\u0301', 5, true, now())" },
        { "ux_merchants_name", $"INSERT INTO merchants VALUES ({New}, 'Shoply', 5, true, now())" },
        {
            "ck_merchants_default_cashback_percentage",
            $"INSERT INTO merchants VALUES ({New}, 'New', 'NaN', true, now())"
        },
        // People
        { "ux_users_normalized_email", User("ALICE@CLICKNBACK.COM") },
        { "ck_refresh_tokens_lifetime", RefreshToken(expires: "now()") },
        { "ck_refresh_tokens_token_hash", RefreshToken("'the token itself'") },
        { "ck_refresh_tokens_over", $"{RefreshToken()}; UPDATE refresh_tokens SET used_at = NULL WHERE id = {New}" },
        { "ck_refresh_tokens_over", $"{Spent}; UPDATE refresh_tokens SET used_at = NULL WHERE id = {New}" },
        { "ck_refresh_tokens_over", $"{Spent}; UPDATE refresh_tokens SET used_at = now() WHERE id = {New}" },
        {
            "ck_refresh_token_families_over",
            $"{Revoked}; UPDATE refresh_token_families SET revoked_at = NULL WHERE id = {New}"
        },
        {
            "ck_refresh_token_families_over",
            $"{Revoked}; UPDATE refresh_token_families SET revoked_at = 'infinity' WHERE id = {New}"
        },
        // Payouts
        { "ck_payouts_amount", Payout("0") },
        { "ck_payouts_amount", Payout("10.001") },
        { "ck_payouts_amount", Payout("'NaN'") },
        { "fk_payouts_user_id", Payout("10", user: New) },
        { "ck_payouts_step", "UPDATE payouts SET status = 'failed'" },
        { "ck_payouts_step", "UPDATE payouts SET status = 'requested'" },
        { "ck_payouts_step", "UPDATE payouts SET status = 'processing'" },
        { "fk_payouts_movement", Payout("10") },
        { "ck_payouts_external_reference", "UPDATE payouts SET external_reference = ' '" },
        {
            "ck_payouts_facts",
            "UPDATE payouts SET external_reference = 'A'; UPDATE payouts SET external_reference = 'B'"
        },
        { "ck_payouts_facts", $"UPDATE payouts SET export_id = {New}" },
        { "ck_payouts_held_for", Payout("10", heldFor: "'nothing'") },
        { "ck_payouts_destination_fingerprint", Payout("10", fingerprint: "'x'") },
        { "ck_payouts_release", $"SELECT release_payout({New}, {NewToo})" },
        { "ck_payouts_release", $"{Released(Alice, "admin")}; SELECT release_payout({New}, {NewToo})" },
        { "ck_payouts_release", $"{Released("NULL", "system")}; SELECT release_payout({New}, {NewToo})" },
        { "ck_payouts_release", $"{Released(Carol, "admin")}; SELECT release_payout({Pending}, {NewToo})" },
        { "fk_payout_exports_created_by", PayoutExport(by: New) },
        { "ck_payout_exports_payouts", PayoutExport(payouts: "0") },
        { "ck_payout_exports_amount", PayoutExport(amount: "0") },
        // Flags and audit rows
        { "ck_feature_flags_key", Flag("Not A Key", "global", "NULL") },
        { "ck_feature_flags_scope_id", Flag("key", "global", Alice) },
        { "ck_feature_flags_scope_id", Flag("key", "user", "NULL") },
        { "ck_feature_flags_scope_type", Flag("key", "country", Alice) },
        { "ux_feature_flags_key_scope_type_scope_id", Flag("purchase_auto_confirm", "global", "NULL") },
        { "ck_audit_logs_actor", Audit("system", Alice) },
        { "ck_audit_logs_actor", Audit("admin", "NULL") },
        { "ck_audit_logs_actor_type", Audit("intruder", Alice) },
        { "ck_audit_logs_moved", Audit("system", "NULL", "PURCHASE_CONFIRMED") },
        { "ck_audit_logs_moved", Audit("system", "NULL", "CASHBACK_CREDITED") },
        { "ck_audit_logs_moved", Audit("system", "NULL", "WITHDRAWAL_REQUESTED") },
        { "ck_audit_logs_moved", Audit("system", "NULL", "WITHDRAWAL_PROCESSED") },
        { "ck_audit_logs_moved", $"SET CONSTRAINTS ALL IMMEDIATE; {Audit("system", "NULL", "PURCHASE_CONFIRMED")}" },
    };

    [Theory]
    [MemberData(nameof(InvalidRows))]
    public async Task The_database_refuses_by_the_name_of(string rule, string sql)
    {
        Assert.Equal(rule, await RefusalAsync(sql));
    }

    public static readonly TheoryData<string, string> OwnersToo = new()
    {
        { "tr_transfers_append_only", "UPDATE transfers SET amount = amount" },
        { "tr_transfers_append_only", "DELETE FROM transfers WHERE false" },
        { "tr_transfers_append_only", "TRUNCATE transfers CASCADE" },
        { "tr_audit_logs_append_only", "DELETE FROM audit_logs WHERE false" },
        { "ck_purchases_facts", "UPDATE purchases SET amount = amount" },
        { "ck_purchases_facts", $"UPDATE purchases SET user_id = {Bob} WHERE false" },
        { "ck_purchases_facts", "UPDATE purchases SET cashback_amount = 0 WHERE status = 'reversed'" },
        { "ck_wallets_debt", "UPDATE wallets SET owed_balance = 1, available_balance = 1" },
        { "ck_payouts_facts", "UPDATE payouts SET destination = 'x'" },
        { "ck_payouts_facts", "UPDATE payouts SET method = 'card'" },
        { "ck_payouts_facts", "UPDATE payouts SET destination_fingerprint = sha256('x')" },
        { "ck_payouts_held", "UPDATE payouts SET held_for = 'amount'" }, // one that is completed
        { "ck_users_erased", "UPDATE users SET erased_at = now()" },
        { "ck_wallets_available_balance", "UPDATE wallets SET available_balance = -0.01" },
        { "ck_wallets_available_balance", "UPDATE wallets SET available_balance = 0.001" },
        { "ck_wallets_pending_balance", "UPDATE wallets SET pending_balance = 'NaN'" },
        { "ck_monthly_cap_usages_within_cap", "UPDATE monthly_cap_usages SET credited = monthly_cap + 0.01" },
        { "fk_monthly_cap_usages_offer_id_monthly_cap", "UPDATE monthly_cap_usages SET monthly_cap = 1000000" },
        { "ck_users_email", "UPDATE users SET email = 'jose\u0301@clicknback.test'" },
        { "ck_users_role", User("NEW", ", role", ", 'owner'") },
        { "fk_purchases_user_id", $"DELETE FROM users WHERE id = 'e0e1e2e3-f4a5-4b6c-7d8e-9f0a1b2c3d4e'" },
    };

    [Theory]
    [MemberData(nameof(OwnersToo))]
    public async Task Even_the_owner_is_refused_by(string rule, string sql)
    {
        await using var owner = await demo.Database.OpenAsOwnerAsync();
        var refusal = await DemoDatabase.RefusalAsync(owner, sql);

        // Whoever is deleted is referred to by several tables; any of them may speak first.
        Assert.True(refusal == rule || (rule[..3] == "fk_" && refusal[..3] == "fk_"), $"Refused by {refusal}");
    }

    [Fact]
    public async Task What_the_api_does_is_not_refused()
    {
        Assert.Equal("nobody", await RefusalAsync(Purchase("10")));
        Assert.Equal("nobody", await RefusalAsync(Audit("system", "NULL", "PURCHASE_CONFIRMED", outcome: "failure")));
        Assert.Equal("nobody", await RefusalAsync(Spent));
        Assert.Equal("nobody", await RefusalAsync($"{DailyClaims()}; UPDATE daily_claims SET claims = 2, amount = 2"));
        Assert.Equal("nobody", await RefusalAsync(ExcessClaim()));
        Assert.Equal("nobody", await RefusalAsync(UserCase(New)));
        Assert.Equal(
            "nobody",
            await RefusalAsync($"{Released(Carol, "admin")}; SELECT release_payout({New}, {NewToo})")
        );
        Assert.Equal("nobody", await RefusalAsync(Revoked));
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

    private Task<string> RefusalAsync(string sql) => demo.RefusalAsync(sql);

    private static string Purchase(
        string amount,
        string cashback = "0",
        string externalId = "new",
        string user = Alice,
        string offer = ShoplysOffer
    ) =>
        $"INSERT INTO purchases (id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, created_at, next_verification_at) VALUES ({New}, '{externalId}', {user}, {Shoply}, {offer}, {amount}, {cashback}, now(), now())";

    private static string DailyClaims(string claims = "1", string amount = "1", string user = Alice) =>
        $"INSERT INTO daily_claims VALUES ({user}, '2026-01-01', {claims}, {amount}, 3, 500)";

    private static string ExcessClaim(string kind = "too_many_claims", string amount = "10") =>
        $"INSERT INTO excess_claims VALUES ({Alice}, '2026-01-01', '{kind}', 'new', {Shoply}, {amount}, now())";

    private static string Case(string kind, string purchase, string user, string day) =>
        $"INSERT INTO cases (id, kind, purchase_id, user_id, day, opened_at) VALUES ({New}, '{kind}', {purchase}, {user}, {day}, now())";

    private static string UserCase(string id) =>
        $"INSERT INTO cases (id, kind, user_id, day, opened_at) VALUES ({id}, 'too_many_claims', {Alice}, '2026-01-01', now())";

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

    private static string RefreshToken(string hash = "repeat('a', 64)", string expires = "now() + interval '1 day'") =>
        $"INSERT INTO refresh_token_families VALUES ({New}, {Alice}, now(), NULL); INSERT INTO refresh_tokens VALUES ({New}, {New}, {Alice}, {hash}, now(), {expires}, NULL, 0)";

    private static string Spent => $"{RefreshToken()}; UPDATE refresh_tokens SET used_at = now() WHERE id = {New}";

    private static string Revoked =>
        $"{RefreshToken()}; UPDATE refresh_token_families SET revoked_at = now() WHERE id = {New}";

    private static string Payout(
        string amount,
        string user = Alice,
        string heldFor = "NULL",
        string fingerprint = "NULL"
    ) =>
        $"INSERT INTO payouts (id, user_id, amount, method, requested_at, held_for, destination_fingerprint) VALUES ({New}, {user}, {amount}, 'card', now(), {heldFor}, {fingerprint})";

    private static string Released(string actor, string type) =>
        $"INSERT INTO audit_logs VALUES ({NewToo}, now(), '{type}', {actor}, 'WITHDRAWAL_RELEASED', 'payout', {New}, 'success', NULL)";

    private static string PayoutExport(string by = Alice, string payouts = "1", string amount = "10") =>
        $"INSERT INTO payout_exports VALUES ({New}, now(), {by}, {payouts}, {amount})";

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
}

/// <summary>A database with the demo in it.</summary>
public sealed class DemoDatabase : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync() => Database = await TestDatabase.CreateWithDemoAsync();

    public async Task DisposeAsync() => await Database.DisposeAsync();

    /// <summary>By whom a statement of the API's role is refused, in a transaction that leaves nothing behind.</summary>
    public async Task<string> RefusalAsync(string sql)
    {
        await using var api = await Database.OpenAsApiAsync();
        return await RefusalAsync(api, sql);
    }

    public static async Task<string> RefusalAsync(NpgsqlConnection connection, string sql)
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
}
