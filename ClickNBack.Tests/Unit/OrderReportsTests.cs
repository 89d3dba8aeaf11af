using ClickNBack.MerchantSimulator;

namespace ClickNBack.Tests.Unit;

/// <summary>What the demo's merchants say of orders.</summary>
public sealed class OrderReportsTests
{
    private static readonly DateTimeOffset Claimed = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    private static readonly SimulatorOptions Plain = new()
    {
        DeclinedPercent = 0,
        AmendedPercent = 0,
        ReturnedPercent = 0,
        ReorderedPercent = 0,
        RepeatedPercent = 0,
        UnclaimedPercent = 0,
    };

    [Fact]
    public void The_same_order_has_the_same_reports_and_another_seed_others()
    {
        var options = new SimulatorOptions();

        Assert.Equal(Many(options), Many(options));
        Assert.NotEqual(Many(options), Many(options with { Seed = 2 }));
    }

    [Fact]
    public void An_order_is_approved_within_the_longest_delay() =>
        Assert.All(
            Many(Plain),
            it =>
            {
                Assert.Equal(("approved", 100m), (it.Transaction.Status, it.Transaction.Amount));
                Assert.Equal(it.SendAt, it.Transaction.ReportedAt);
                Assert.InRange(it.SendAt - Claimed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
            }
        );

    [Fact]
    public void An_amended_order_is_approved_with_less() =>
        Assert.All(
            Many(Plain with { AmendedPercent = 100 }),
            it =>
            {
                Assert.Equal("approved", it.Transaction.Status);
                Assert.InRange(it.Transaction.Amount, 50, 95);
            }
        );

    [Fact]
    public void A_declined_order_says_why() =>
        Assert.All(
            Many(Plain with { DeclinedPercent = 100 }),
            it => Assert.Equal(("declined", "The order was cancelled."), (it.Transaction.Status, it.Transaction.Reason))
        );

    [Theory]
    [InlineData(0, true)]
    [InlineData(100, false)]
    public void A_returned_order_was_approved_before_whatever_arrives_first(int reordered, bool isApprovalFirst)
    {
        var orders = Many(Plain with { ReturnedPercent = 100, ReorderedPercent = reordered })
            .GroupBy(it => it.Transaction.OrderReference);
        Assert.All(
            orders,
            it =>
            {
                var approval = it.Single(message => message.Transaction.Status == "approved");
                var returned = it.Single(message => message.Transaction.Status == "returned");
                Assert.True(approval.Transaction.ReportedAt < returned.Transaction.ReportedAt);
                Assert.Equal(isApprovalFirst, approval.SendAt < returned.SendAt);
            }
        );
    }

    [Fact]
    public void A_repeated_message_keeps_its_identifier_and_what_it_says()
    {
        var messages = Many(Plain with { RepeatedPercent = 100 }).GroupBy(it => it.Id).ToList();

        Assert.Equal(Orders, messages.Count);
        Assert.All(messages, it => Assert.Equal(2, it.Count()));
        Assert.All(messages, it => Assert.Single(it.Select(message => message.Transaction).Distinct()));
    }

    [Fact]
    public void Some_orders_are_nobodys()
    {
        var messages = Many(Plain with { UnclaimedPercent = 100 });

        Assert.Equal(
            Orders,
            messages.Count(it => it.Transaction.OrderReference.EndsWith("-next", StringComparison.Ordinal))
        );
        Assert.Equal(2 * Orders, messages.Select(it => it.Id).Distinct().Count());
    }

    private const int Orders = 100;

    private static List<ReportMessage> Many(SimulatorOptions options) =>
        [
            .. Enumerable
                .Range(0, Orders)
                .SelectMany(it => OrderReports.Of(new ClaimedOrder(Guid.Empty, $"order-{it}", 100, Claimed), options)),
        ];
}
