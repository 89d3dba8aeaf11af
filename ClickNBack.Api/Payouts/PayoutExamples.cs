using System.Text.Json;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Payouts;

/// <summary>What the API's description shows of payouts.</summary>
internal static class PayoutExamples
{
    public static readonly RequestPayout.Request Request = new()
    {
        Amount = 12.50m,
        Method = PayoutMethod.BankTransfer,
        Details = new PayoutDestination.BankTransfer
        {
            Iban = "DE89370400440532013000",
            AccountHolder = "Alice Example",
        },
    };

    public static readonly RequestedPayoutResponse Requested = new(
        new Guid("dd000001-0000-4000-8000-000000000001"),
        PayoutStatus.Requested,
        Request.Amount,
        new DateTimeOffset(2026, 11, 21, 8, 30, 0, 250, 100, TimeSpan.Zero)
    );

    public static readonly PayoutResponse Paid = new(
        Requested.Id,
        UserExamples.Alice.Id,
        PayoutStatus.Completed,
        Requested.Amount,
        PayoutMethod.BankTransfer,
        Requested.RequestedAt,
        ProcessedAt: Requested.RequestedAt.AddDays(1),
        ExternalReference: null
    );

    public static readonly AdminPayoutResponse Anybodys = new(
        Requested.Id,
        UserExamples.Alice.Id,
        PayoutStatus.Requested,
        Requested.Amount,
        PayoutMethod.BankTransfer,
        Requested.RequestedAt,
        ProcessedAt: null,
        ExternalReference: null,
        HoldReason.NewDestination
    );

    public static readonly PayoutStatusResponse Released = new(Requested.Id, PayoutStatus.Requested);

    public static readonly PayoutDestinationResponse Destination = new(
        Requested.Id,
        UserExamples.Alice.Id,
        PayoutMethod.BankTransfer,
        JsonSerializer.SerializeToElement(new { iban = "DE89370400440532013000", account_holder = "Alice Example" })
    );

    public static readonly ProcessPayout.Request Process = new() { Status = PayoutStep.Completed };

    public static readonly PayoutStatusResponse Processed = new(Requested.Id, PayoutStatus.Completed);
}
