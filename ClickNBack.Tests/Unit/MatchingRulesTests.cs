using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;

namespace ClickNBack.Tests.Unit;

/// <summary>What follows from a reported transaction.</summary>
public sealed class MatchingRulesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private const string Table = """
        reported           | pending       | confirmed     | rejected      | reversed
        approved 100 EUR   | Confirm       | Settle        | DisputeStatus | DisputeStatus
        approved 99.99 EUR | DisputeAmount | DisputeAmount | DisputeStatus | DisputeStatus
        approved 100 USD   | DisputeAmount | DisputeAmount | DisputeStatus | DisputeStatus
        declined 100 EUR   | Reject        | DisputeStatus | Settle        | Settle
        declined 100.01 EUR| DisputeAmount | DisputeAmount | Settle        | Settle
        returned 100 EUR   | Reverse       | Reverse       | Settle        | Settle
        returned 40 EUR    | DisputeAmount | DisputeAmount | Settle        | Settle
        returned 100 USD   | DisputeAmount | DisputeAmount | Settle        | Settle
        """;

    public static TheoryData<string, string, string> Cells
    {
        get
        {
            var rows = Table.Split('\n').Select(it => it.Split('|', StringSplitOptions.TrimEntries)).ToArray();
            var data = new TheoryData<string, string, string>();
            foreach (var row in rows.Skip(1))
            {
                foreach (var (status, outcome) in rows[0].Zip(row).Skip(1))
                {
                    data.Add(row[0], status, outcome);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_report_has_one_consequence_wherever_the_purchase_stands(
        string reported,
        string status,
        string outcome
    ) => Assert.Equal(Enum.Parse<MatchOutcome>(outcome), Decide(status, Parse(reported)));

    [Fact]
    public void An_approval_that_the_return_of_the_order_has_overtaken_is_no_news()
    {
        var returned = Parse("returned 100 EUR") with { ReportedAt = Noon.AddDays(1) };

        Assert.Equal(MatchOutcome.Settle, Decide("reversed", Parse("approved 100 EUR"), returned));
        Assert.Equal(
            MatchOutcome.DisputeStatus,
            Decide("reversed", Parse("approved 100 EUR") with { ReportedAt = Noon.AddDays(2) }, returned)
        );
    }

    private static MatchOutcome Decide(string status, Said said, params Said[] earlier) =>
        MatchingRules.Decide(Enum.Parse<PurchaseStatus>(status, ignoreCase: true), 100, said, earlier);

    private static Said Parse(string text)
    {
        var words = text.Split(' ');
        var status = Enum.Parse<TransactionStatus>(words[0], ignoreCase: true);
        return new Said(
            status,
            decimal.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture),
            words[2],
            Noon
        );
    }
}
