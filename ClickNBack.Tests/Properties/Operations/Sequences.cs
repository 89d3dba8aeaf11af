using ClickNBack.Tests.Properties.Model;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Properties.Operations;

/// <summary>Random sequences of operations: of three users (0 to 2) and two administrators (3 and 4).</summary>
internal static class Sequences
{
    /// <summary>How many accounts a model needs: the first are users, the others administrators.</summary>
    public const int Users = 3;
    public const int Accounts = 5;

    private static readonly Gen<int> User = Gen.Frequency(
        (5, Gen.Constant(0)),
        (4, Gen.Choose(1, 2)),
        (1, Gen.Choose(3, 4))
    );

    // Now and then somebody who may not.
    private static readonly Gen<int> Admin = Gen.Frequency(
        (48, Gen.Choose(3, 4)),
        (1, Gen.Choose(0, 2)),
        (1, Gen.Constant(-1))
    );

    private static readonly Gen<int> Recent = Gen.Frequency(
        (12, Gen.Choose(0, 3)),
        (10, Gen.Choose(0, 15)),
        (1, Gen.Constant(-1))
    );

    private static readonly Gen<int> Known = Gen.Choose(0, 5);

    private static readonly Gen<decimal> Amount = Gen.Frequency(
        (6, Gen.Choose(1, 60_000).Select(cents => cents / 100m)),
        (3, Gen.Elements(100.50m, 100.70m, 0.10m, 0.30m, 49.50m, 0.01m, 33.33m, 10, 50, 250)),
        (1, Gen.Elements(9_999_999_999.99m, 1_000_000, 123_456_789.01m))
    );

    private static readonly Gen<Paging> Page =
        from offset in Gen.Frequency(
            (4, Gen.Constant<int?>(null)),
            (3, Gen.Choose(0, 12).Select(it => (int?)it)),
            (1, Gen.Elements<int?>(-1, 1000))
        )
        from limit in Gen.Frequency(
            (4, Gen.Constant<int?>(null)),
            (3, Gen.Choose(1, 6).Select(it => (int?)it)),
            (1, Gen.Elements<int?>(0, 100, 101))
        )
        select new Paging(offset, limit);

    private static readonly Gen<Flaw> Flaw = Gen.Frequency(
        (30, Gen.Constant(Operations.Flaw.None)),
        (1, Gen.Elements(Enum.GetValues<Flaw>()))
    );

    // Few, so that they are used again.
    private static readonly Gen<string?> Key = Gen.Frequency(
        (8, Gen.Constant<string?>(null)),
        (1, Gen.Choose(1, 4).Select(it => (string?)$"key {it}"))
    );

    // Few amounts and few identifiers under a key, so that whole requests are repeated.
    private static readonly Gen<Operation> Ingest = Key.SelectMany(key =>
        from who in User
        from elsewhere in Gen.Frequency((30, Gen.Constant(0)), (1, Gen.Choose(1, 2)))
        from merchant in Recent
        from amount in key is null ? Amount : Gen.Elements(20m, 100.50m)
        from asText in Gen.Elements(true, false)
        from externalId in Gen.Choose(1, key is null ? 400 : 2)
        from currency in Gen.Frequency(
            (40, Gen.Constant("EUR")),
            (2, Gen.Constant("eur")),
            (1, Gen.Elements("USD", "EURO"))
        )
        from flaw in Flaw
        select (Operation)
            new Ingest(
                who,
                who + elsewhere,
                key is null ? merchant : 0,
                amount,
                asText && key is null,
                key is null ? $"x{externalId}" : $"{key} {externalId}",
                currency,
                key,
                flaw
            )
    );

    private static readonly Gen<string?> PurchaseStatus = Gen.Elements<string?>(
        null,
        null,
        "pending",
        "confirmed",
        "rejected",
        "reversed",
        "paid"
    );

    private static readonly Gen<string?> PayoutStatus = Gen.Elements<string?>(
        null,
        null,
        "requested",
        "processing",
        "completed",
        "failed",
        "paid"
    );

    private static readonly Gen<string> Activity = Gen.Frequency(
        (6, Gen.Constant("active")),
        (3, Gen.Constant("inactive")),
        (1, Gen.Constant("off"))
    );

    private static readonly Gen<Operation> Withdraw = Key.SelectMany(key =>
        from who in User
        from share in Gen.Frequency((5, Gen.Constant(Share.Amount)), (3, Gen.Elements(Enum.GetValues<Share>())))
        from amount in key is null ? Gen.Choose(1000, 4000).Select(it => it / 100m) : Gen.Elements(10m, 12m)
        from toCard in Gen.Elements(true, false)
        from flaw in Flaw
        select (Operation)
            new Withdraw(who, key is null ? share : Share.Amount, amount, toCard && key is null, key, flaw)
    );

    private static readonly Gen<Operation> CreateOffer =
        from who in Admin
        from place in Recent
        from isPercent in Gen.Frequency((3, Gen.Constant(true)), (1, Gen.Constant(false)))
        from value in isPercent
            ? Gen.Elements(5, 2.5m, 12.345m, 20, 0.001m, 20.001m, 10)
            : Gen.Elements(3, 2.505m, 0.004m, 0, 15, 2.515m)
        from startsIn in Gen.Frequency((20, Gen.Constant(0)), (3, Gen.Choose(1, 3)), (1, Gen.Constant(-1)))
        from days in Gen.Frequency((20, Gen.Choose(20, 90)), (5, Gen.Choose(0, 2)), (1, Gen.Constant(-1)))
        from cap in Gen.Frequency(
            (4, Gen.Elements(1_000_000m, 50_000_000_00m)),
            (4, Gen.Elements(30, 7.77m, 100)),
            (1, Gen.Elements(0.01m, 0, -5))
        )
        select (Operation)new CreateOffer(who, place, isPercent, value, startsIn, days, cap);

    private static readonly Gen<Operation> CreateMerchant =
        from who in Admin
        from name in Gen.Frequency((40, Gen.Choose(1, 60).Select(it => $"m{it:000}")), (1, Gen.Constant(" ")))
        from percentage in Gen.Frequency((30, Gen.Elements(0, 5, 3.5m, 20)), (1, Gen.Elements(-0.1m, 20.5m)))
        from active in Gen.Frequency((6, Gen.Constant(true)), (1, Gen.Constant(false)))
        select (Operation)new CreateMerchant(who, name, percentage, active);

    private static readonly Gen<Operation> Wait = Gen.Frequency(
            (6, Gen.Elements(30, 61, 3600, 43_200).Select(it => (Moment.Then, it))),
            (4, Gen.Elements(86_400, 10 * 86_400).Select(it => (Moment.Then, it))),
            (3, Gen.Constant((Moment.Midnight, 0))),
            (1, Gen.Constant((Moment.NextMonth, 0)))
        )
        .Select(it => (Operation)new Wait(TimeSpan.FromSeconds(it.Item2), it.Item1));

    /// <summary>
    /// What a user or an administrator may do next: of the model's own things only, so that any number of models can share
    /// a database. Whether and when purchases are verified is not in it.
    /// </summary>
    private static readonly (int, Gen<Operation>)[] Shared =
    [
        (60, Ingest),
        (20, Two(Admin, Recent, (who, which) => new Confirm(who, which))),
        (16, Two(Admin, Recent, (who, which) => new Reverse(who, which))),
        (22, Withdraw),
        (
            22,
            Three(
                Admin,
                Recent,
                Gen.Frequency(
                    (4, Gen.Constant("completed")),
                    (3, Gen.Constant("failed")),
                    (3, Gen.Constant("processing")),
                    (1, Gen.Elements("requested", "paid"))
                ),
                (who, which, status) => new Process(who, which, status)
            )
        ),
        (5, CreateMerchant),
        (5, Three(Admin, Recent, Activity, (who, which, status) => new SetMerchant(who, which, status))),
        (9, CreateOffer),
        (7, Three(Admin, Recent, Activity, (who, which, status) => new SetOffer(who, which, status))),
        (3, Two(User, Recent, (who, which) => new GetOffer(who, which))),
        (3, Three(User, Known, Page, (who, place, page) => new ListOffers(who, place, null, page))),
        (2, Three(User, Known, Activity, (who, place, status) => new ListOffers(who, place, status, new(null, null)))),
        (6, Two(User, Recent, (who, which) => new GetPurchase(who, which))),
        (6, User.Select(it => (Operation)new GetWallet(it))),
        (5, Three(User, PurchaseStatus, Page, (who, status, page) => new ListMyPurchases(who, status, page))),
        (4, Two(User, Page, (who, page) => new ListCashback(who, page))),
        (3, Three(User, PayoutStatus, Page, (who, status, page) => new ListMyPayouts(who, status, page))),
        (
            3,
            from who in Admin
            from of in User
            from status in PurchaseStatus
            from page in Page
            select (Operation)new ListPurchases(who, of, status, page)
        ),
        (
            2,
            from who in Admin
            from of in User
            from status in PayoutStatus
            from page in Page
            select (Operation)new ListPayouts(who, of, status, page)
        ),
        .. Flags(Gen.Frequency((30, Gen.Constant("dark_mode")), (1, Gen.Constant("Dark mode")))),
    ];

    /// <summary>The next operation of somebody who shares the database with others.</summary>
    public static Gen<Operation> AmongOthers { get; } =
        OneOf([
            .. Shared,
            (3, Ingest.Select(it => (Operation)((Ingest)it with { Where = Operations.Ingest.WhereNothingIsVerified }))),
        ]);

    /// <summary>The next operation where nobody else is: the clock, the job and what concerns everybody are its own.</summary>
    private static readonly Gen<Operation> Alone = OneOf([
        .. Shared,
        (16, Gen.Constant<Operation>(new Verify())),
        (14, Wait),
        .. Flags(Gen.Constant("purchase_auto_confirm")),
        (3, Two(User, Page, (who, page) => new ListActiveOffers(who, page))),
        (
            2,
            Three(
                Admin,
                Gen.Elements<bool?>(null, true, false),
                Page,
                (who, active, page) => new ListMerchants(who, active, page)
            )
        ),
    ]);

    /// <summary>Merchants with offers, the first of them the one that is never verified.</summary>
    private static readonly Gen<Operation[]> Beginning =
        from cap in Gen.Elements(40m, 500, 1_000_000)
        from value in Gen.Elements(5, 12.345m, 20)
        select new Operation[]
        {
            new CreateOffer(3, 0, IsPercent: true, 5, 0, 60, 1_000_000),
            new CreateMerchant(3, "m100", 5, Active: true),
            new CreateOffer(3, 0, IsPercent: true, value, 0, 90, cap),
            new CreateMerchant(4, "m101", 5, Active: true),
            new CreateOffer(4, 0, IsPercent: false, 2.505m, 0, 40, 1_000),
        };

    /// <summary>A beginning and that many operations after it; shrinks to a part of itself.</summary>
    public static Arbitrary<Operation[]> Of(int length) =>
        Arb.From(
            from beginning in Beginning
            from rest in Gen.ArrayOf(Alone, length)
            select beginning.Concat(rest).ToArray(),
            Parts
        );

    /// <summary>The start of a sequence that never ends.</summary>
    public static Gen<Operation[]> Start { get; } = Beginning;

    // Leaves out a half, a quarter, … and at last single operations.
    private static IEnumerable<Operation[]> Parts(Operation[] all)
    {
        for (var length = all.Length / 2; length > 0; length /= 2)
        {
            for (var start = 0; start < all.Length; start += length)
            {
                yield return [.. all[..start], .. all[Math.Min(start + length, all.Length)..]];
            }
        }
    }

    private static (int, Gen<Operation>)[] Flags(Gen<string> keys)
    {
        var target =
            from key in keys
            from scope in Gen.Elements("global", "user", "user", "merchant", "merchant")
            from isWhole in Gen.Frequency((30, Gen.Constant(true)), (1, Gen.Constant(false)))
            from of in Gen.Choose(0, 3)
            select new FlagTarget(key, scope, (scope != "global") == isWhole ? of : null);
        var description = Gen.Elements<string?>(null, null, "why");
        return
        [
            (
                4,
                from who in Admin
                from it in target
                from enabled in Gen.Elements(true, true, false)
                from text in description
                select (Operation)new SetFlag(who, it, enabled, text)
            ),
            (4, Two(Admin, target, (who, it) => new DeleteFlag(who, it))),
            (2, Two(Admin, target, (who, it) => new EvaluateFlag(who, it))),
            (1, Three(Admin, target, Page, (who, it, page) => new ListFlags(who, it, page))),
        ];
    }

    private static Gen<Operation> OneOf((int, Gen<Operation>)[] weighted) => Gen.Frequency(weighted);

    private static Gen<Operation> Two<T1, T2>(Gen<T1> first, Gen<T2> second, Func<T1, T2, Operation> of) =>
        from one in first
        from two in second
        select of(one, two);

    private static Gen<Operation> Three<T1, T2, T3>(
        Gen<T1> first,
        Gen<T2> second,
        Gen<T3> third,
        Func<T1, T2, T3, Operation> of
    ) => from one in first from two in second from three in third select of(one, two, three);
}
