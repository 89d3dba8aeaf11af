using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Users;
using Npgsql;

namespace ClickNBack.Api.Console;

/// <summary>One purchase with all that happened to it, and what an administrator may do about it.</summary>
internal static class PurchaseDetail
{
    /// <summary>Why it is reversed.</summary>
    internal sealed record Reversal
    {
        [StringLength(500, MinimumLength = 1), Required(ErrorMessage = "must not be blank")]
        public required string Reason { get; init; }
    }

    internal sealed record Claim(
        Guid Id,
        string Reference,
        Guid UserId,
        string Email,
        Guid MerchantId,
        string Merchant,
        decimal Amount,
        decimal Cashback,
        PurchaseStatus Status,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ResolvedAt,
        Guid? OpenCase
    );

    internal sealed record Moved(Movement Movement, Account From, Account To, decimal Amount, DateTimeOffset At);

    internal sealed record Said(
        TransactionStatus Status,
        decimal Amount,
        string Currency,
        string? Reason,
        MatchState State,
        DateTimeOffset At
    );

    internal sealed record Done(string Action, ActorType Type, string? Actor, string? Details, DateTimeOffset At);

    internal sealed record Model(Claim Claim, List<Moved> Moved, List<Said> Said, List<Done> Done);

    private const string FindClaim = """
        SELECT purchases.id, external_id, users.id, email, merchant_id, merchants.name, amount, cashback_amount, status,
            purchases.created_at, resolved_at, cases.id
        FROM purchases JOIN users ON users.id = purchases.user_id JOIN merchants ON merchants.id = merchant_id
        LEFT JOIN cases ON cases.purchase_id = purchases.id AND decided_at IS NULL
        WHERE purchases.id = $1
        """;

    private const string FindMoved = """
        SELECT movement, from_account, to_account, amount, occurred_at FROM transfers WHERE subject_id = $1 ORDER BY occurred_at
        """;

    private const string FindSaid = """
        SELECT said.status, said.amount, said.currency, said.reason, said.state, said.reported_at
        FROM purchases JOIN reported_transactions AS said
            ON said.merchant_id = purchases.merchant_id AND said.order_reference = purchases.external_id
        WHERE purchases.id = $1 ORDER BY said.id
        """;

    private const string FindDone = """
        SELECT action, actor_type, email, details::text, occurred_at
        FROM audit_logs LEFT JOIN users ON users.id = actor_id
        WHERE resource_type = 'purchase' AND resource_id = $1 ORDER BY occurred_at, audit_logs.id
        """;

    public static string PathOf(Guid id) => $"{PurchaseList.Path}/{id}";

    public static async Task<IResult> ShowAsync(string id, NpgsqlDataSource database, CancellationToken cancel)
    {
        if (!Ids.TryParse(id, out var purchaseId))
        {
            return PurchaseErrors.NotFound.With(id);
        }

        await using var batch = database.CreateBatch();
        foreach (var statement in (string[])[FindClaim, FindMoved, FindSaid, FindDone])
        {
            batch.Add(statement, it => it.AddValue(purchaseId));
        }

        await using var row = await batch.ExecuteReaderAsync(cancel);
        var claims = await row.ReadAllAsync(
            it => new Claim(
                it.GetGuid(0),
                it.GetString(1),
                it.GetGuid(2),
                it.GetString(3),
                it.GetGuid(4),
                it.GetString(5),
                it.GetDecimal(6),
                it.GetDecimal(7),
                it.GetChoice<PurchaseStatus>(8),
                it.GetFieldValue<DateTimeOffset>(9),
                it.GetFieldValue<DateTimeOffset?>(10),
                it.GetFieldValue<Guid?>(11)
            ),
            cancel
        );
        if (claims is not [var claim])
        {
            return PurchaseErrors.NotFound.With(id);
        }

        var moved = await row.ReadAllAsync(
            it => new Moved(
                it.GetChoice<Movement>(0),
                it.GetChoice<Account>(1),
                it.GetChoice<Account>(2),
                it.GetDecimal(3),
                it.GetFieldValue<DateTimeOffset>(4)
            ),
            cancel
        );
        var said = await row.ReadAllAsync(
            it => new Said(
                it.GetChoice<TransactionStatus>(0),
                it.GetDecimal(1),
                it.GetString(2),
                it.IsDBNull(3) ? null : it.GetString(3),
                it.GetChoice<MatchState>(4),
                it.GetFieldValue<DateTimeOffset>(5)
            ),
            cancel
        );
        var done = await row.ReadAllAsync(
            it => new Done(
                it.GetString(0),
                it.GetChoice<ActorType>(1),
                it.IsDBNull(2) ? null : it.GetString(2),
                it.IsDBNull(3) ? null : it.GetString(3),
                it.GetFieldValue<DateTimeOffset>(4)
            ),
            cancel
        );
        return Page.Of<PurchaseDetailPage>(new Model(claim, moved, said, done));
    }

    public static async Task<IResult> ConfirmAsync(
        Guid id,
        Caller caller,
        Flash flash,
        NpgsqlDataSource database,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    ) =>
        flash.Then(
            await ConfirmPurchase.HandleAsync($"{id}", caller, database, audit, verification, time, cancel),
            "The purchase is confirmed: its cashback is available.",
            PathOf(id)
        );

    public static async Task<IResult> ReverseAsync(
        Guid id,
        Form<Reversal> form,
        Caller caller,
        Flash flash,
        NpgsqlDataSource database,
        AuditLogger audit,
        VerificationSignal verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        if (form.Violations.Count > 0)
        {
            flash.Failed(HttpErrors.Malformed.With(form.Violations));
            return TypedResults.LocalRedirect(PathOf(id));
        }

        var reason = form.Value.Reason;
        return flash.Then(
            await ReversePurchase.ReverseAsync($"{id}", reason, caller, database, audit, verification, time, cancel),
            "The purchase is reversed.",
            PathOf(id)
        );
    }
}
