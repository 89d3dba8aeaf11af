using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Reports;

/// <summary>What the API's description shows of reports and cases.</summary>
internal static class ReportExamples
{
    public const string MessageId = "msg_2026-11-27_0001";

    private static readonly DateTimeOffset Morning = new(2026, 11, 27, 8, 30, 0, TimeSpan.Zero);

    public static readonly ReceiveReport.Request Message = new()
    {
        Transactions =
        [
            new()
            {
                OrderReference = PurchaseExamples.Anybodys.ExternalId,
                Amount = 100,
                Currency = "EUR",
                Status = TransactionStatus.Approved,
                ReportedAt = Morning,
            },
        ],
    };

    public static readonly ReportResponse Received = new(new Guid("0193f2a0-0000-7000-8000-000000000001"), 1);

    public static readonly NewWebhookSecretResponse NewSecret = new(
        new Guid("0193f2a0-0000-7000-8000-000000000002"),
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        Morning
    );

    public static readonly WebhookSecretResponse Secret = new(NewSecret.Id, Morning, RevokedAt: null);

    public static readonly CaseResponse Open = new(
        new Guid("0193f2a0-0000-7000-8000-000000000003"),
        CaseKind.AmountDiffers,
        PurchaseExamples.Recorded.Id,
        UserId: null,
        Day: null,
        Morning,
        DecidedAt: null,
        DecidedBy: null,
        Decision: null,
        Note: null
    );

    public static readonly CaseDetailResponse BothSides = new(
        Open.Id,
        Open.Kind,
        Open.OpenedAt,
        Open.DecidedAt,
        Open.DecidedBy,
        Open.Decision,
        Open.Note,
        Open.UserId,
        Open.Day,
        new ClaimResponse(
            PurchaseExamples.Recorded.Id,
            PurchaseExamples.Anybodys.ExternalId,
            UserExamples.Alice.Id,
            MerchantExamples.Shoply.Id,
            Amount: 100,
            "EUR",
            CashbackAmount: 5,
            PurchaseStatus.Pending,
            Morning.AddDays(-20)
        ),
        [new OtherClaimResponse(new Guid("0193f2a0-0000-7000-8000-000000000005"), Amount: 100, Morning.AddDays(-19))],
        [
            new ReportedTransactionResponse(
                new Guid("0193f2a0-0000-7000-8000-000000000004"),
                Amount: 90,
                "EUR",
                TransactionStatus.Approved,
                Morning,
                Reason: "Without the voucher.",
                MatchState.Disputed
            ),
        ],
        ExcessClaims: null
    );

    public static readonly DecideCase.Request Decide = new()
    {
        Decision = CaseDecision.Reject,
        Note = "The receipt says 90.00.",
    };

    public static readonly DecidedCaseResponse Decided = new(Open.Id, CaseDecision.Reject, PurchaseStatus.Rejected);

    public static readonly string Csv =
        "order_reference,amount,currency,status,reported_at\n"
        + $"{PurchaseExamples.Anybodys.ExternalId},100.00,EUR,approved,{Morning:yyyy-MM-ddTHH:mm:ssZ}\n";

    public static readonly ReportFileResponse File = new(
        new Guid("0193f2a0-0000-7000-8000-000000000006"),
        MerchantExamples.Shoply.Id,
        "november.csv",
        Rows: 1,
        Wrong: 0,
        UserExamples.Administrator,
        Morning,
        ReadAt: Morning.AddSeconds(2),
        ConfirmedBy: null,
        ConfirmedAt: null,
        ReportId: null
    );

    public static readonly ReportFileResponse Confirmed = File with
    {
        ConfirmedBy = UserExamples.Administrator,
        ConfirmedAt = Morning.AddMinutes(1),
        ReportId = Received.Id,
    };

    public static readonly ReportFileErrorResponse WrongLine = new(
        7,
        [new Violation("amount", "must be a finite number")]
    );

    public static readonly ReportFilePreviewResponse Preview = new(
        File with
        {
            Wrong = 1,
        },
        [
            new ReportFileRowResponse(
                2,
                PurchaseExamples.Anybodys.ExternalId,
                Amount: 100,
                "EUR",
                TransactionStatus.Approved,
                Morning,
                Reason: null
            ),
        ],
        [new ReportFileTotal(TransactionStatus.Approved, "EUR", 1, 100)],
        [WrongLine]
    );

    public static readonly ReceivedReportResponse InList = new(
        Received.Id,
        MerchantExamples.Shoply.Id,
        MessageId,
        Morning,
        Received.Transactions
    );

    public static readonly UnclaimedTransactionResponse Unclaimed = new(
        new Guid("0193f2a0-0000-7000-8000-000000000007"),
        Received.Id,
        MerchantExamples.Shoply.Id,
        PurchaseExamples.Anybodys.ExternalId,
        Amount: 100,
        "EUR",
        TransactionStatus.Approved,
        Morning,
        Reason: null
    );
}
