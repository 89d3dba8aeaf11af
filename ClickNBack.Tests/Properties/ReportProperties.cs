using System.Text.Json.Nodes;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Properties;

/// <summary>
/// Whatever merchants report of orders, in whatever order and bundles it comes in, and whenever users claim them: what becomes
/// available was approved to the cent, and what is undisputed ends where the latest report says.
/// </summary>
[Trait("Category", "Repeated")]
public sealed class ReportProperties(Reporting platform) : IClassFixture<Reporting>
{
    private static readonly int Orders = Repetitions.Of(usual: 60, all: 1000);

    private sealed record Event(string Order, JsonObject? Report);

    [Fact]
    public async Task Reports_in_any_order_pay_only_what_was_approved()
    {
        var seed = (int)((Seed.Given ?? Seed.Any(1)[0]) % int.MaxValue);
        var random = new Random(seed);
        var user = await platform.Server.UserAsync();
        var merchant = await platform.NewMerchantAsync();
        var reports = Enumerable.Range(0, Orders).ToDictionary(_ => Unique.Text(), _ => new List<JsonObject>());
        foreach (var (order, said) in reports)
        {
            said.AddRange(Story(order));
        }

        var events = reports
            .SelectMany(it => it.Value.Select(report => new Event(it.Key, report)).Append(new Event(it.Key, null)))
            .ToArray();
        random.Shuffle(events);
        foreach (var bundle in events.Chunk(5))
        {
            foreach (var claim in bundle.Where(it => it.Report is null))
            {
                await user.BuyAsync(merchant.Shop, 100, claim.Order);
            }

            if (bundle.Select(it => it.Report).OfType<JsonObject>().ToArray() is { Length: > 0 } said)
            {
                await merchant.ReportAsync(platform.Server.Anonymous, said);
            }

            if (random.Next(2) == 0)
            {
                await platform.Server.VerifyAsync();
            }
        }

        while (await platform.Server.VerifyAsync() > 0)
        {
            // A purchase takes one step a round.
        }

        var ends = await platform.Database.RowsAsync(
            """
            SELECT external_id, status, EXISTS (SELECT FROM cases WHERE purchase_id = purchases.id) FROM purchases WHERE user_id = $1
            """,
            user.Id
        );
        foreach (var end in ends.Select(it => it.Split(' ')))
        {
            Check(
                reports[end[0]],
                end[1],
                isDisputed: end[2] is "True",
                $"make test FILTER=ReportProperties SEED={seed}"
            );
        }

        Assert.Equal(
            0,
            await platform.Database.ScalarAsync<long>(
                "SELECT count(*) FROM reported_transactions WHERE state IN ('new', 'unclaimed') AND merchant_id = $1",
                merchant.Shop.Merchant
            )
        );

        // What a merchant may say of an order: most often what makes sense, sometimes anything.
        IEnumerable<JsonObject> Story(string order) =>
            random.Next(6) switch
            {
                0 => [],
                1 => [Say(order, 0, "approved")],
                2 => [Say(order, 0, "approved"), Say(order, 1, "returned")],
                3 => [Say(order, 0, "declined")],
                4 => [Say(order, 0, "approved"), Say(order, 0, "approved")],
                _ => Enumerable
                    .Range(0, random.Next(1, 5))
                    .Select(it =>
                        Say(
                            order,
                            it,
                            random.GetItems(["approved", "declined", "returned"], 1)[0],
                            random.Next(3) == 0 ? 90 : 100
                        )
                    ),
            };

        JsonObject Say(string order, int day, string status, decimal amount = 100) =>
            merchant.Said(order, amount, status, platform.Clock.GetUtcNow().AddDays(day - 10));
    }

    private static void Check(List<JsonObject> said, string status, bool isDisputed, string again)
    {
        var story = string.Join(", ", said.Select(it => $"{it["status"]} {it["amount"]}"));
        var isApproved = said.Exists(it => $"{it["status"]}" == "approved" && (decimal)it["amount"]! == 100);
        Assert.True(status != "confirmed" || isApproved, $"confirmed after: {story} # {again}");
        Assert.True(!isDisputed || said.Count > 0, "a case of nothing");
        var end =
            said.Count == 0
                ? "pending"
                : story switch
                {
                    "approved 100" or "approved 100, approved 100" => "confirmed",
                    "approved 100, returned 100" => "reversed",
                    "declined 100" => "rejected",
                    _ => null,
                };
        if (end is not null)
        {
            Assert.True(status == end && !isDisputed, $"{status}, disputed: {isDisputed}, after: {story} # {again}");
        }
    }
}
