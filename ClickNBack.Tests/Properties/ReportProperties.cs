using System.Text.Json.Nodes;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Properties;

/// <summary>
/// Whatever merchants report of orders, as messages or as files, in whatever order and bundles and however often it comes in, and
/// whenever one or two users claim them: what becomes available was approved to the cent, for one of them, and what is undisputed
/// ends where the latest report says.
/// </summary>
[Trait("Category", "Repeated")]
public sealed class ReportProperties(Reporting platform) : IClassFixture<Reporting>
{
    private const decimal Amount = 100;
    private const decimal Cashback = 10;

    private static readonly int Orders = Repetitions.Of(usual: 60, all: 1000);

    // What happens: a user claims an order, or the merchant reports it.
    private sealed record Event(string Order, JsonObject? Report = null, Person? By = null);

    [Fact]
    public async Task Reports_in_any_order_pay_only_what_was_approved()
    {
        var seed = (int)((Seed.Given ?? Seed.Any(1)[0]) % int.MaxValue);
        var again = $"make test FILTER=ReportProperties SEED={seed}";
        var random = new Random(seed);
        Person[] users = [await platform.Server.UserAsync(), await platform.Server.UserAsync()];
        var merchant = await platform.NewMerchantAsync();
        var reports = Enumerable.Range(0, Orders).ToDictionary(_ => Unique.Text(), _ => new List<JsonObject>());
        var claims = new Dictionary<string, List<Person>>();
        foreach (var (order, said) in reports)
        {
            said.AddRange(Story(order));
            random.Shuffle(users);
            claims[order] = [.. users.Take(random.Next(5) == 0 ? 2 : 1)];
        }

        var events = reports
            .SelectMany(it => it.Value.Select(report => new Event(it.Key, report)))
            .Concat(claims.SelectMany(it => it.Value.Select(user => new Event(it.Key, By: user))))
            .ToArray();
        random.Shuffle(events);
        var payee = new Dictionary<string, Person>(); // who claims first
        foreach (var bundle in events.Chunk(5))
        {
            foreach (var (order, _, user) in bundle.Where(it => it.By is not null))
            {
                (await user!.TryBuyAsync(merchant.Shop, Amount, order)).Expect(payee.TryAdd(order, user) ? 201 : 409);
            }

            if (bundle.Select(it => it.Report).OfType<JsonObject>().ToArray() is { Length: > 0 } said)
            {
                await ReportAsync(said, times: random.Next(1, 3));
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
            SELECT external_id, user_id, status,
                   EXISTS (SELECT FROM cases WHERE purchase_id = purchases.id),
                   EXISTS (SELECT FROM refused_claims WHERE purchase_id = purchases.id)
            FROM purchases WHERE merchant_id = $1
            """,
            merchant.Shop.Merchant
        );
        Assert.Equal(Orders, ends.Count);
        var balances = users.ToDictionary(it => it.Id, _ => (Pending: 0m, Available: 0m));
        foreach (var end in ends.Select(it => it.Split(' ')))
        {
            var (order, user, status) = (end[0], Guid.Parse(end[1]), end[2]);
            Assert.Equal(payee[order].Id, user);
            Assert.True(end[4] == $"{claims[order].Count == 2}", $"{order}: claimed twice? # {again}");
            Check(reports[order], status, isDisputed: end[3] is "True", claims[order].Count == 2, again);
            var (pending, available) = balances[user];
            balances[user] = (
                pending + (status == "pending" ? Cashback : 0),
                available + (status == "confirmed" ? Cashback : 0)
            );
        }

        foreach (var user in users)
        {
            var (pending, available) = balances[user.Id];
            Assert.Equal(new Balances($"{pending:0.00}", $"{available:0.00}"), await user.WalletAsync());
        }

        Assert.Equal(
            [$"{reports.Values.Sum(it => it.Count)} 0"],
            await platform.Database.RowsAsync(
                """
                SELECT count(*), count(*) FILTER (WHERE state IN ('new', 'unclaimed'))
                FROM reported_transactions WHERE merchant_id = $1
                """,
                merchant.Shop.Merchant
            )
        );

        // A message or a file that comes in twice counts once.
        async Task ReportAsync(JsonObject[] said, int times)
        {
            var (isFile, id) = (random.Next(2) == 0, Unique.Text());
            for (var time = 0; time < times; time++)
            {
                await (
                    isFile
                        ? merchant.ReportAsFileAsync(platform.Admin, said)
                        : merchant.TryReportAsync(platform.Server.Anonymous, Reporter.Body(said), id)
                );
            }
        }

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
                            random.Next(3) == 0 ? 90 : Amount
                        )
                    ),
            };

        JsonObject Say(string order, int day, string status, decimal amount = Amount) =>
            merchant.Said(order, amount, status, platform.Clock.GetUtcNow().AddDays(day - 10));
    }

    private static void Check(List<JsonObject> said, string status, bool isDisputed, bool isClaimedTwice, string again)
    {
        var story = string.Join(", ", said.Select(it => $"{it["status"]} {it["amount"]}"));
        var isApproved = said.Exists(it => $"{it["status"]}" == "approved" && (decimal)it["amount"]! == Amount);
        Assert.True(status != "confirmed" || isApproved, $"confirmed after: {story} # {again}");
        if (isClaimedTwice)
        {
            Assert.True(isDisputed, $"claimed twice and no case, after: {story} # {again}");
            return;
        }

        Assert.True(!isDisputed || said.Count > 0, $"a case of nothing # {again}");
        if (Expected(said) is { } end)
        {
            Assert.True(status == end && !isDisputed, $"{status}, disputed: {isDisputed}, after: {story} # {again}");
        }
    }

    // Where a purchase ends, however its reports come in; null if they contradict it, each other or the order of time.
    private static string? Expected(List<JsonObject> said)
    {
        var statuses = said.Select(it => $"{it["status"]}").ToList();
        var lastApproval = statuses.LastIndexOf("approved");
        return (said.TrueForAll(it => (decimal)it["amount"]! == Amount), statuses.Distinct().ToList()) switch
        {
            (_, []) => "pending",
            (false, _) => null,
            (_, ["approved"]) => "confirmed",
            (_, ["declined"]) => "rejected",
            (_, ["returned"]) => "reversed",
            (_, ["approved", "returned"]) when lastApproval < statuses.IndexOf("returned") => "reversed",
            _ => null,
        };
    }
}
