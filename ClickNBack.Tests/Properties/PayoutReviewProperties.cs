using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Properties;

/// <summary>Whatever is asked for, released and decided, in any order: who is paid was looked at first, where the rules say so.</summary>
[Trait("Category", "Repeated")]
public sealed class PayoutReviewProperties : IAsyncLifetime
{
    private const decimal ReviewAmount = 50;

    private static readonly int Steps = Repetitions.Of(usual: 200, all: 4000);
    private static readonly string[] Destinations =
    [
        "DE89370400440532013000",
        "GB82WEST12345698765432",
        "FR1420041010050500013M02606",
    ];

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await TestDatabase.CreateAsync();

    public async Task DisposeAsync()
    {
        await _database.InvariantsHoldAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_is_paid_what_should_have_been_looked_at()
    {
        var seed = (int)((Seed.Given ?? Seed.Any(1)[0]) % int.MaxValue);
        var random = new Random(seed);
        await using var server = await ApiServer.StartAsync(
            _database,
            new ApiSetup
            {
                Settings = new()
                {
                    ["Payouts:ReviewAmount"] = $"{ReviewAmount}",
                    ["Payouts:ReviewNewDestinations"] = "true",
                },
            }
        );
        var admin = await server.AdminAsync();
        var user = await server.UserAsync();
        (await admin.Api.ConfirmAsync(await user.BuyAsync(await Shop.OpenAsync(_database), 10_000_000))).Expect(200);
        var payouts = new List<Modelled>();
        for (var step = 0; step < Steps; step++)
        {
            var done = random.Next(5) > 1 && payouts.Count > 0 ? await DecideAsync() : await AskAsync();
            Assert.True(done is null, $"{done} # make test FILTER=PayoutReviewProperties SEED={seed}");
        }

        async Task<string?> AskAsync()
        {
            var (amount, destination) = (random.Next(1000, 7000) / 100m, random.Next(Destinations.Length));
            var answer = await user.Api.PostAsync(
                "/api/v1/users/me/payouts",
                Person.PayoutOf(amount, Destinations[destination])
            );
            var paid = payouts.Where(it => it.Status == "completed").ToList();
            var held = amount > ReviewAmount || (paid.Count > 0 && !paid.Exists(it => it.Destination == destination));
            payouts.Add(new Modelled(answer.Expect(201)["id"].GetGuid(), destination, held));
            return null;
        }

        async Task<string?> DecideAsync()
        {
            var payout = payouts[random.Next(payouts.Count)];
            var wanted = random.GetItems(["release", "processing", "completed", "failed"], 1)[0];
            var path = $"/api/v1/admin/payouts/{payout.Id}";
            var answer =
                wanted == "release"
                    ? await admin.Api.PostAsync($"{path}/release")
                    : await admin.Api.PatchAsync($"{path}/process", new { status = wanted });
            var before = $"{payout}";
            var expected = payout.Take(wanted);
            return answer.Status == 200 == (expected is null) && (answer.Status == 200 || answer.Code == expected)
                ? null
                : $"{wanted} of {before}: {answer}";
        }
    }

    private sealed record Modelled(Guid Id, int Destination, bool IsHeld)
    {
        public bool IsHeld { get; private set; } = IsHeld;

        public string Status { get; private set; } = "requested";

        /// <summary>Takes a step; answers the code of the refusal.</summary>
        public string? Take(string step)
        {
            var isOver = Status is "completed" or "failed";
            if (step == "release")
            {
                (var refusal, IsHeld) = (IsHeld && !isOver ? null : "PAYOUT_NOT_HELD", IsHeld && isOver);
                return refusal;
            }

            if (isOver || (step == "processing" && Status == "processing"))
            {
                return "INVALID_PAYOUT_TRANSITION";
            }

            if (IsHeld && step != "failed")
            {
                return "PAYOUT_HELD";
            }

            Status = step;
            return null;
        }
    }
}
