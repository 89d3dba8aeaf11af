using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A platform where merchants verify purchases, without the verification job, and with a clock of its own.</summary>
public sealed class Reporting : IAsyncLifetime, IAsyncDisposable
{
    public TestDatabase Database { get; private set; } = null!;

    public ApiServer Server { get; private set; } = null!;

    public Person Admin { get; private set; } = null!;

    internal ManualClock Clock { get; } = new();

    public async Task InitializeAsync()
    {
        Database = await TestDatabase.CreateAsync();
        Server = await ApiServer.StartAsync(
            Database,
            new ApiSetup
            {
                Clock = Clock,
                Settings = new() { ["Verification:Mode"] = "reports" },
            }
        );
        Admin = await Server.AdminAsync();
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    /// <summary>Ends it; fails if a money invariant does not hold.</summary>
    public async ValueTask DisposeAsync()
    {
        await Database.InvariantsHoldAsync();
        await Server.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>A merchant with an offer of 10 % and its first secret.</summary>
    internal async Task<Reporter> NewMerchantAsync() =>
        (await Reporter.NewAsync(Admin, await Shop.OpenAsync(Database))) with
        {
            Clock = Clock,
        };
}
