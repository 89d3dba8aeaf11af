using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace ClickNBack.MerchantSimulator;

/// <summary>An order that a user claims.</summary>
/// <param name="MerchantId">Where.</param>
/// <param name="ExternalId">The merchant's reference.</param>
/// <param name="Amount">EUR.</param>
/// <param name="CreatedAt">When it was claimed.</param>
internal sealed record ClaimedOrder(Guid MerchantId, string ExternalId, decimal Amount, DateTimeOffset CreatedAt);

/// <summary>What a merchant says of an order; the platform's field names.</summary>
internal sealed record Transaction(
    string OrderReference,
    decimal Amount,
    string Currency,
    string Status,
    DateTimeOffset ReportedAt,
    string? Reason
);

/// <summary>A message of one transaction.</summary>
/// <param name="Id">The <c>webhook-id</c>.</param>
/// <param name="MerchantId">Whose.</param>
/// <param name="SendAt">When it leaves the merchant.</param>
/// <param name="Transaction">What it says.</param>
internal sealed record ReportMessage(string Id, Guid MerchantId, DateTimeOffset SendAt, Transaction Transaction);

/// <summary>All that a merchant reports of an order, and when: by chance, and the same for the same seed and order.</summary>
internal static class OrderReports
{
    /// <summary>The messages, in no order.</summary>
    public static IReadOnlyList<ReportMessage> Of(ClaimedOrder order, SimulatorOptions options)
    {
        var random = new Random(options.Seed ^ BinaryPrimitives.ReadInt32LittleEndian(Hash(order.ExternalId)));
        var decidedAt = order.CreatedAt + Delay();
        var approval = Say("approved", decidedAt);
        List<ReportMessage> messages = [];

        var kind = random.Next(100);
        if ((kind -= options.DeclinedPercent) < 0)
        {
            messages.Add(Say("declined", decidedAt, "The order was cancelled."));
        }
        else if ((kind -= options.AmendedPercent) < 0)
        {
            messages.Add(With(approval, approval.Transaction with { Amount = Amended() }));
        }
        else if (kind - options.ReturnedPercent < 0)
        {
            var returned = Say("returned", decidedAt + Delay(), "The goods came back.");
            messages.Add(returned);
            messages.Add(
                Happens(options.ReorderedPercent) ? approval with { SendAt = returned.SendAt + Delay() } : approval
            );
        }
        else
        {
            messages.Add(approval);
        }

        if (Happens(options.UnclaimedPercent))
        {
            messages.Add(With(approval, approval.Transaction with { OrderReference = $"{order.ExternalId}-next" }));
        }

        var repeated = messages.FindAll(_ => Happens(options.RepeatedPercent));
        return [.. messages, .. repeated.Select(it => it with { SendAt = it.SendAt + Delay() })];

        bool Happens(int percent) => random.Next(100) < percent;

        // Most are quick, some are late.
        TimeSpan Delay()
        {
            var part = random.NextDouble();
            return TimeSpan.FromSeconds(
                options.ShortestDelaySeconds
                    + Math.Floor(part * part * (options.LongestDelaySeconds - options.ShortestDelaySeconds + 1))
            );
        }

        // Something was taken out of the basket.
        decimal Amended() => Math.Max(0.01m, decimal.Round(order.Amount * random.Next(50, 95) / 100, 2));

        ReportMessage Say(string status, DateTimeOffset at, string? reason = null) =>
            With(
                new ReportMessage("", order.MerchantId, at, null!),
                new Transaction(order.ExternalId, order.Amount, "EUR", status, at, reason)
            );
    }

    private static ReportMessage With(ReportMessage message, Transaction transaction) =>
        message with
        {
            Id = $"msg_{Convert.ToHexStringLower(Hash($"{transaction}"))}",
            Transaction = transaction,
        };

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
