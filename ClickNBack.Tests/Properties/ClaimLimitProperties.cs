using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Properties;

/// <summary>Whatever users claim, day after day, whoever serves them: taken is exactly what fits into the limits of the day.</summary>
[Trait("Category", "Repeated")]
public sealed class ClaimLimitProperties : IAsyncLifetime
{
    private const int MaxPerDay = 4;
    private const decimal MaxAmountPerDay = 100;

    private static readonly int Claims = Repetitions.Of(usual: 300, all: 5000);

    private readonly ManualClock _clock = new();
    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync()
    {
        await _database.InvariantsHoldAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_is_taken_is_what_fits_into_the_day()
    {
        var seed = (int)((Seed.Given ?? Seed.Any(1)[0]) % int.MaxValue);
        var random = new Random(seed);
        var shop = await Shop.OpenAsync(_database);
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        var people = new[] { await one.UserAsync(), await one.UserAsync() };
        var model = new Dictionary<(Guid User, DateOnly Day), Taken>();
        for (var claim = 0; claim < Claims; claim++)
        {
            if (random.Next(12) == 0)
            {
                _clock.Advance(TimeSpan.FromHours(random.Next(1, 30)));
                people = [await AgainAsync(people[0]), await AgainAsync(people[1])];
            }

            var person = people[random.Next(people.Length)].At((random.Next(2) == 0 ? one : other).Anonymous);
            var amount = (random.Next(4) == 0 ? random.Next(1, 12_000) : random.Next(1, 3_000)) / 100m;
            if (random.Next(10) == 0)
            {
                (await person.TryBuyAsync(new Shop(Guid.Empty, Guid.Empty), amount)).Expect(422); // does not count
                continue;
            }

            var answer = await person.TryBuyAsync(shop, amount);

            var taken = model.GetValueOrDefault((person.Id, Today), new Taken(0, 0, TooMany: false, TooMuch: false));
            var (tooMany, tooMuch) = (taken.Count == MaxPerDay, taken.Amount + amount > MaxAmountPerDay);
            Assert.True(
                answer.Status == (tooMany || tooMuch ? 422 : 201),
                $"{answer} of {amount} after {taken} # make test FILTER=ClaimLimitProperties SEED={seed}"
            );
            model[(person.Id, Today)] =
                tooMany ? taken with { TooMany = true }
                : tooMuch ? taken with { TooMuch = true }
                : taken with { Count = taken.Count + 1, Amount = taken.Amount + amount };
        }

        Assert.Equal(
            model.Values.Sum(it => (it.TooMany ? 1 : 0) + (it.TooMuch ? 1 : 0)),
            await _database.ScalarAsync<long>("SELECT count(*) FROM cases WHERE user_id IS NOT NULL")
        );

        Task<Person> AgainAsync(Person person) => one.LoginAsync(person.Email, Person.UsualPassword);
    }

    private sealed record Taken(int Count, decimal Amount, bool TooMany, bool TooMuch);

    private DateOnly Today => DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime);

    private Task<ApiServer> StartAsync() =>
        ApiServer.StartAsync(
            _database,
            new ApiSetup
            {
                Clock = _clock,
                Settings = new()
                {
                    ["Claims:MaxPerDay"] = $"{MaxPerDay}",
                    ["Claims:MaxAmountPerDay"] = $"{MaxAmountPerDay}",
                },
            }
        );
}
