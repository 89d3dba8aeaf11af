namespace ClickNBack.Tests.Integration;

/// <summary>
/// Money that a bug or an intruder in the API might move otherwise than the rules say, as the API's role and whatever its session
/// sets: each attempt is refused by name.
/// </summary>
public sealed class TransferGuardTests(DemoDatabase demo) : IClassFixture<DemoDatabase>
{
    private const string Alice = "'b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d'"; // has 15.00 available
    private const string Bob = "'c8d3e2b1-5a4b-4c3d-8b2a-7e6f5d4c3b2a'";
    private const string Shoply = "'a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d'";
    private const string QuickCart = "'b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d6e'";
    private const string Pending = "'aa000001-0000-0000-0000-000000000001'"; // Alice's at Shoply, earns 5.00
    private const string Pending2 = "'aa000001-0000-0000-0000-000000000002'"; // Alice's at Shoply, earns 2.50
    private const string Confirmed = "'aa000001-0000-0000-0000-000000000005'"; // Alice's at Shoply, earned 15.00
    private const string Reversed = "'aa000001-0000-0000-0000-000000000006'"; // Bob's at QuickCart, had earned 3.00
    private const string PaidOut = "(SELECT id FROM payouts)"; // Alice's, 50.00
    private const string New = "'99999999-0000-0000-0000-000000000001'";
    private const string NewToo = "'99999999-0000-0000-0000-000000000002'";
    private const string A1 = "'88888888-0000-0000-0000-000000000001'"; // audit rows
    private const string A2 = "'88888888-0000-0000-0000-000000000002'";

    /// <summary>A transfer: the confirmation of Alice's pending purchase, unless said otherwise.</summary>
    private sealed record Row(
        string Movement = "cashback_confirmed",
        string From = "user_pending",
        string To = "user_available"
    )
    {
        public string Amount { get; init; } = "5";
        public string User { get; init; } = Alice;
        public string Merchant { get; init; } = Shoply;
        public string Purchase { get; init; } = Pending;
        public string Payout { get; init; } = "NULL";
        public string Audit { get; init; } = A1;

        public override string ToString() =>
            $"('{Movement}', '{From}', '{To}', {Amount}, {User}, {Merchant}, {Purchase}, {Payout}, {Audit}, now())";
    }

    private static readonly Row Confirm = new();
    private static readonly Row Reject = new("cashback_rejected", To: "merchant_receivable");
    private static readonly Row Reverse = new("cashback_reversed", To: "merchant_receivable");
    private static readonly Row ReverseConfirmed = new("cashback_reversed", "user_available", "merchant_receivable")
    {
        Purchase = Confirmed,
        Amount = "15",
    };
    private static readonly Row Earn = new("cashback_earned", "merchant_receivable", "user_pending")
    {
        Purchase = New,
        Amount = "1",
    };
    private static readonly Row Request = OfPayout("payout_requested", "user_available", "payout_in_transit");
    private static readonly Row Complete = OfPayout("payout_completed", "payout_in_transit", "paid_out");
    private static readonly Row Fail = OfPayout("payout_failed", "payout_in_transit", "user_available");
    private static readonly Row Incur = new("debt_incurred", "user_debt", "user_available") { Amount = "1" };
    private static readonly Row Net = new("debt_netted", "user_available", "user_debt") { Amount = "1" };

    public static readonly TheoryData<string, string> Forgeries = new()
    {
        // a movement that there is not, or that goes another way
        { "ck_transfers_way", Moved(Confirm with { Movement = "gift" }) },
        { "ck_transfers_way", Moved(Confirm with { From = "merchant_receivable" }) },
        { "ck_transfers_way", Moved(Confirm with { From = "user_available", To = "user_pending" }) },
        { "ck_transfers_way", Moved(Confirm with { From = "user_debt" }) },
        { "ck_transfers_way", Moved(Confirm with { From = "payout_in_transit" }) },
        { "ck_transfers_way", Moved(Confirm with { To = "paid_out" }) },
        { "ck_transfers_way", Moved(Confirm with { To = "user_pending" }) },
        { "ck_transfers_way", Moved(Confirm with { To = "my_pocket" }) },
        { "ck_transfers_way", Moved(Reject with { From = "user_available" }) },
        { "ck_transfers_way", Moved(Reverse with { From = "user_debt" }) },
        { "ck_transfers_way", Moved(Reverse with { To = "user_available" }) },
        { "ck_transfers_way", Bought("1", Earn with { To = "user_available" }) },
        { "ck_transfers_way", Bought("1", Earn with { From = "user_debt" }) },
        { "ck_transfers_way", Moved(Incur with { From = "user_available", To = "user_debt" }) },
        { "ck_transfers_way", Moved(Net with { From = "user_debt", To = "user_available" }) },
        { "ck_transfers_way", Asked("10", Request with { To = "paid_out" }) },
        { "ck_transfers_way", Asked("10", Request with { From = "user_pending" }) },
        { "ck_transfers_way", Moved(Complete with { Payout = PaidOut, From = "user_available" }) },
        // another amount
        { "ck_transfers_amount", Moved(Confirm with { Amount = "0" }) },
        { "ck_transfers_amount", Moved(Confirm with { Amount = "-5" }) },
        { "ck_transfers_amount", Moved(Confirm with { Amount = "5.001" }) },
        { "ck_transfers_amount", Moved(Confirm with { Amount = "'NaN'" }) },
        { "ck_transfers_amount", Moved(Confirm with { Amount = "'Infinity'" }) },
        { "ck_transfers_amount", Moved(Confirm with { Amount = "10000000000" }) },
        { "fk_transfers_purchase", Moved(Confirm with { Amount = "1000000" }) },
        { "fk_transfers_purchase", Moved(Confirm with { Amount = "4.99" }) },
        { "fk_transfers_purchase", Moved(Reject with { Amount = "0.01" }) },
        { "fk_transfers_purchase", Moved(Reverse with { Amount = "5.01" }) },
        { "fk_transfers_purchase", Moved(ReverseConfirmed with { Amount = "14.99" }) },
        { "fk_transfers_purchase", Bought("1", Earn with { Amount = "500000" }) },
        { "fk_transfers_payout", Asked("10", Request with { Amount = "5" }) },
        { "fk_transfers_payout", $"{Asked("10", Request)}; {Moved(Complete with { Amount = "500", Audit = A2 })}" },
        { "ck_monthly_cap_usages_within_cap", Bought("50.01", Earn with { Amount = "50.01" }) },
        { "ck_wallets_available_balance", Asked("15.01", Request with { Amount = "15.01" }) },
        // somebody else's money
        { "fk_transfers_purchase", Moved(Confirm with { User = Bob }) },
        { "fk_transfers_purchase", Moved(Reject with { User = Bob }) },
        { "fk_transfers_purchase", Moved(ReverseConfirmed with { User = Bob }) },
        { "fk_transfers_purchase", Moved(Confirm with { Merchant = QuickCart }) },
        { "fk_transfers_follows", Moved(Confirm with { Purchase = NewToo }) },
        { "fk_transfers_purchase", Bought("1", Earn with { User = Bob }) },
        { "fk_transfers_payout", Asked("10", Request with { User = Bob }) },
        { "fk_transfers_payout", Moved(Request with { Payout = NewToo }) },
        { "23502", Moved(Confirm with { User = "NULL" }) },
        { "23502", Moved(Confirm with { Audit = "NULL" }) },
        // of nothing, or of two things
        { "23502", Moved(Confirm with { Purchase = "NULL" }) },
        { "ck_transfers_subject", Moved(Confirm with { Merchant = "NULL" }) },
        { "ck_transfers_subject", Moved(Confirm with { Payout = PaidOut }) },
        { "ck_transfers_subject", Moved(Confirm with { Purchase = "NULL", Merchant = "NULL", Payout = PaidOut }) },
        { "ck_transfers_subject", Moved(Complete with { Payout = "NULL", Purchase = Pending, Merchant = Shoply }) },
        { "ck_transfers_subject", Moved(Incur with { Purchase = "NULL", Merchant = "NULL", Payout = PaidOut }) },
        // twice, or out of turn
        { "pk_transfers", Moved(Confirm with { Purchase = Confirmed, Amount = "15" }) },
        { "pk_transfers", Moved(Confirm, Confirm) },
        { "pk_transfers", $"{Moved(Confirm)}; {Moved(Confirm with { Audit = A2 })}" },
        { "pk_transfers", Moved(Complete with { Payout = PaidOut, Amount = "50" }) },
        { "pk_transfers", Moved(Reverse with { Purchase = Reversed, Amount = "3", User = Bob, Merchant = QuickCart }) },
        { "ux_transfers_subject_id_follows", Moved(Reject with { Purchase = Confirmed, Amount = "15" }) },
        { "ux_transfers_subject_id_follows", Moved(Reverse with { Purchase = Confirmed, Amount = "15" }) },
        { "ux_transfers_subject_id_follows", $"{Moved(Confirm)}; {Moved(Reject with { Audit = A2 })}" },
        { "ux_transfers_subject_id_follows", Moved(Confirm, Reverse with { Audit = A2 }) },
        { "ux_transfers_subject_id_follows", Moved(Fail with { Payout = PaidOut, Amount = "50" }) },
        { "fk_transfers_follows", Moved(Reverse with { From = "user_available" }) },
        { "fk_transfers_follows", Bought("1", Confirm with { Purchase = New, Amount = "1" }) },
        { "fk_transfers_follows", Bought("1", Reject with { Purchase = New, Amount = "1" }) },
        { "fk_transfers_follows", Asked("10", Complete) },
        { "fk_transfers_follows", Asked("10", Fail) },
        // a debt without its cause, another's, or of another amount than is missing
        { "ck_transfers_debt", Moved(Incur) },
        { "ck_transfers_debt", Moved(Net) },
        { "ck_transfers_debt", $"{Moved(Confirm)}; {Moved(Net with { Audit = A2 })}" },
        { "ck_transfers_debt", $"{Moved(ReverseConfirmed)}; {Moved(Incur with { Purchase = Confirmed, Audit = A2 })}" },
        { "ck_transfers_debt", Moved(Confirm, Incur) },
        { "ck_transfers_debt", Moved(Reverse, Incur) },
        { "ck_transfers_debt", Moved(ReverseConfirmed, Net with { Purchase = Confirmed }) },
        { "ck_transfers_debt", Moved(ReverseConfirmed, Incur with { Purchase = Confirmed, Amount = "15.01" }) },
        { "ck_transfers_debt", Moved(ReverseConfirmed, Incur with { Purchase = Confirmed, User = Bob }) },
        { "ck_transfers_debt", Moved(ReverseConfirmed, Incur with { Purchase = Pending2, Audit = A2 }) },
        { "ck_wallets_debt", Moved(ReverseConfirmed, Incur with { Purchase = Confirmed }) },
        { "ck_wallets_debt", Moved(Confirm, Net) },
        { "ck_wallets_available_balance", $"{Asked("10", Request)}; {Moved(ReverseConfirmed with { Audit = A2 })}" },
        // a payout that the same statement covers by a debt
        {
            "ck_transfers_payout_alone",
            $"{NewPayout("25")}; {Moved(Request with { Amount = "25" }, ReverseConfirmed with { Audit = A2 }, Incur with { Purchase = Confirmed, Audit = A2, Amount = "15" })}"
        },
        { "ck_transfers_payout_alone", $"{NewPayout("10")}; {Moved(Request, Confirm with { Audit = A2 })}" },
        // an audit row that is missing or tells of something else
        { "fk_transfers_audit_log_id", $"{Inserted(Confirm)}" },
        { "ck_transfers_audited", $"{Told(Confirm, action: "PURCHASE_REVERSED")}; {Inserted(Confirm)}" },
        { "ck_transfers_audited", $"{Told(Confirm, action: "PURCHASE_VIEWED")}; {Inserted(Confirm)}" },
        { "ck_transfers_audited", $"{Told(Confirm, resource: Confirmed)}; {Inserted(Confirm)}" },
        { "ck_transfers_audited", $"{Told(Confirm, outcome: "failure")}; {Inserted(Confirm)}" },
        { "ck_transfers_audited", $"{Told(Confirm, type: "payout")}; {Inserted(Confirm)}" },
        { "ck_transfers_audited", $"{NewPurchase("1")}; {Told(Earn, details: "NULL")}; {Inserted(Earn)}" },
        {
            "ck_transfers_audited",
            $"{NewPurchase("1")}; {Told(Earn, details: $"jsonb_build_object('purchase_id', {Pending})")}; {Inserted(Earn)}"
        },
        {
            "ck_transfers_audited",
            Inserted(Confirm with { Audit = "(SELECT id FROM audit_logs ORDER BY occurred_at LIMIT 1)" })
        },
        { "ck_audit_logs_moved", $"{Moved(Confirm)}; {Told(Confirm with { Audit = A2 })}" },
        // whatever the session sets
        { "ck_audit_logs_moved", $"SET CONSTRAINTS ALL IMMEDIATE; {Moved(Confirm)}" },
        { "fk_transfers_purchase", $"SET CONSTRAINTS ALL IMMEDIATE; {Inserted(Confirm with { Amount = "1000000" })}" },
        { "fk_transfers_purchase", $"SET CONSTRAINTS ALL DEFERRED; {Moved(Confirm with { User = Bob })}" },
        { "fk_purchases_movement", $"SET CONSTRAINTS ALL IMMEDIATE; {Bought("1", Earn)}" },
        { "42501", $"SET session_replication_role = replica; {Moved(Confirm with { User = Bob })}" },
        {
            "fk_transfers_purchase",
            $"SET row_security = off; SET search_path = public; {Moved(Confirm with { User = Bob })}"
        },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task A_forged_movement_is_refused_by(string rule, string sql) =>
        Assert.Equal(rule, await demo.RefusalAsync(sql));

    public static readonly TheoryData<string> Rightful =
    [
        Bought("1", Earn),
        Moved(Confirm),
        Moved(Reject),
        Moved(Reverse),
        Moved(ReverseConfirmed),
        $"{Moved(Confirm)}; {Moved(Reverse with { From = "user_available", Audit = A2 })}",
        Asked("10", Request),
        $"{Asked("10", Request)}; {Moved(Complete with { Audit = A2 })}",
        $"{Asked("10", Request)}; {Moved(Fail with { Audit = A2 })}",
        // 10.00 of 15.00 are gone: reversing 15.00 leaves a debt of 10.00, of which 5.00 are netted
        $"{Asked("10", Request)}; {Moved(ReverseConfirmed with { Audit = A2 }, Incur with { Purchase = Confirmed, Amount = "10", Audit = A2 })}; {Moved(Confirm with { Audit = NewToo }, Net with { Amount = "5", Audit = NewToo })}",
    ];

    [Theory]
    [MemberData(nameof(Rightful))]
    public async Task A_rightful_movement_is_refused_by_nobody(string sql) =>
        Assert.Equal("nobody", await demo.RefusalAsync(sql));

    private static Row OfPayout(string movement, string from, string to) =>
        new(movement, from, to)
        {
            Purchase = "NULL",
            Merchant = "NULL",
            Payout = New,
            Amount = "10",
        };

    private static string Bought(string cashback, Row row) => $"{NewPurchase(cashback)}; {Moved(row)}";

    private static string Asked(string amount, Row row) => $"{NewPayout(amount)}; {Moved(row)}";

    private static string NewPurchase(string cashback) =>
        $"INSERT INTO purchases (id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, created_at, next_verification_at) VALUES ({New}, 'new', {Alice}, {Shoply}, 'f0e1d2c3-b4a5-4678-9012-3456789abcde', 10, {cashback}, now(), now())";

    private static string NewPayout(string amount) =>
        $"INSERT INTO payouts (id, user_id, amount, method, requested_at) VALUES ({New}, {Alice}, {amount}, 'card', now())";

    // Transfers in one statement, each with the audit row that tells of it.
    private static string Moved(params Row[] rows) =>
        string.Join("; ", [.. rows.DistinctBy(it => it.Audit).Select(it => Told(it)), Inserted(rows)]);

    private static string Inserted(params Row[] rows) =>
        $"INSERT INTO transfers (movement, from_account, to_account, amount, user_id, merchant_id, purchase_id, payout_id, audit_log_id, occurred_at) VALUES {string.Join<Row>(", ", rows)}";

    private static string Told(
        Row row,
        string? action = null,
        string? type = null,
        string? resource = null,
        string outcome = "success",
        string? details = null
    )
    {
        var subject = new[] { row.Purchase, row.Payout, Pending }.First(it => it != "NULL");
        var (tells, of, which, with) = row.Movement switch
        {
            "cashback_earned" => (
                "CASHBACK_CREDITED",
                "wallet",
                row.User,
                $"jsonb_build_object('purchase_id', {row.Purchase})"
            ),
            "cashback_rejected" => ("PURCHASE_REJECTED", "purchase", row.Purchase, "NULL"),
            "cashback_reversed" => ("PURCHASE_REVERSED", "purchase", row.Purchase, "NULL"),
            "payout_requested" => ("WITHDRAWAL_REQUESTED", "payout", subject, "NULL"),
            "payout_completed" => ("WITHDRAWAL_PROCESSED", "payout", subject, """'{"status": "completed"}'"""),
            "payout_failed" => ("WITHDRAWAL_PROCESSED", "payout", subject, """'{"status": "failed"}'"""),
            "debt_incurred" or "debt_netted" => ("TESTED", "purchase", subject, "NULL"),
            _ => ("PURCHASE_CONFIRMED", "purchase", subject, "NULL"),
        };
        var id = row.Audit == "NULL" ? A1 : row.Audit;
        return $"INSERT INTO audit_logs VALUES ({id}, now(), 'system', NULL, '{action ?? tells}', '{type ?? of}', {resource ?? which}, '{outcome}', {details ?? with})";
    }
}
