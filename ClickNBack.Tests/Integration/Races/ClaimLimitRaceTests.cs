using System.Globalization;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>Whatever one user claims at once in two processes, the limits of the day hold exactly.</summary>
[Trait("Category", "Repeated")]
public sealed class ClaimLimitRaceTests : IAsyncLifetime
{
    private static readonly int Rounds = Repetitions.Of(usual: 4, all: 20);

    private TestDatabase _database = null!;
    private Shop _shop = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _shop = await Shop.OpenAsync(_database);
    }

    public async Task DisposeAsync()
    {
        await _database.InvariantsHoldAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Of_60_claims_of_one_user_exactly_7_are_taken() =>
        await RaceAsync(
            count: "7",
            amount: "0",
            (user, _) => user.TryBuyAsync(_shop, 10),
            answers => Assert.Equal(7, answers.Count(it => it.Status == 201))
        );

    [Fact]
    public async Task Of_60_claims_of_50_exactly_those_are_taken_that_fit_into_120() =>
        await RaceAsync(
            count: "0",
            amount: "120",
            (user, _) => user.TryBuyAsync(_shop, 50),
            answers => Assert.Equal(2, answers.Count(it => it.Status == 201))
        );

    [Fact]
    public async Task Claims_with_keys_and_without_cashback_are_counted_like_any() =>
        await RaceAsync(
            count: "7",
            amount: "0",
            (user, i) =>
                user.Api.PostAsync("/api/v1/purchases/", user.PurchaseAt(_shop.Merchant, 0.01m), $"{user.Id} {i}"),
            answers => Assert.Equal(7, answers.Count(it => it.Status == 201))
        );

    // Each round another user; all is sent at once, half of it to each process.
    private async Task RaceAsync(
        string count,
        string amount,
        Func<Person, int, Task<Answer>> claim,
        Action<Answer[]> expect
    )
    {
        var limits = new Dictionary<string, string?>
        {
            ["Claims:MaxPerDay"] = count,
            ["Claims:MaxAmountPerDay"] = amount,
        };
        await using var one = await ApiProcess.StartAsync(_database.ApiConnectionString, limits);
        await using var other = await ApiProcess.StartAsync(_database.ApiConnectionString, limits);
        for (var round = 0; round < Rounds; round++)
        {
            var user = await Person.NewAsync(one.Anonymous);
            Person[] there = [user, user.At(other.Anonymous)];

            var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => claim(there[i % 2], i)));

            expect(answers);
            Assert.All(answers.Where(it => it.Status != 201), it => it.Expect(422, "DAILY_CLAIM_LIMIT"));
            Assert.Equal(
                [
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"True {answers.Length - answers.Count(it => it.Status == 201)} 1"
                    ),
                ],
                await _database.RowsAsync(
                    """
                    SELECT (SELECT sum(claims) FROM daily_claims WHERE user_id = $1) = (SELECT count(*) FROM purchases WHERE user_id = $1)
                            AND (SELECT sum(amount) FROM daily_claims WHERE user_id = $1) = (SELECT sum(amount) FROM purchases WHERE user_id = $1),
                        (SELECT count(*) FROM excess_claims WHERE user_id = $1), (SELECT count(*) FROM cases WHERE user_id = $1)
                    """,
                    user.Id
                )
            );
        }

        Assert.Empty(one.ErrorLines.Concat(other.ErrorLines));
    }
}
