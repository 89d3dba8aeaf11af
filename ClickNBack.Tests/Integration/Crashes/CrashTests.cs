using ClickNBack.Tests.Infrastructure;
using Xunit.Abstractions;

namespace ClickNBack.Tests.Integration.Crashes;

/// <summary>
/// What was promised outlives every crash. Many clients buy, confirm, reverse and withdraw; at a random moment a process is
/// killed with whatever it is doing; what was acknowledged is there, and what was not has one effect once it is tried again.
/// </summary>
[Trait("Category", "Repeated")]
public sealed class CrashTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int ClientCount = 12;

    // The same clients do the same things if this number is set; when exactly they are hit is up to the machine.
    private readonly int _seed = Random.Shared.Next();
    private PostgresProcess _postgres = null!;

    public async Task InitializeAsync()
    {
        output.WriteLine($"Seed {_seed}");
        _postgres = await PostgresProcess.StartMigratedAsync();
    }

    public async Task DisposeAsync() => await _postgres.DisposeAsync();

    [FactWith(Requirement.PostgresPrograms)]
    public async Task A_killed_api_loses_nothing_and_does_nothing_twice()
    {
        var random = new Random(_seed);
        var apis = new[] { await StartAsync(), await StartAsync() };
        var clients = await Clients.CreateAsync(ClientCount, apis[0], _postgres, random);
        for (var round = 0; round < Repetitions.Of(usual: 1, all: 10); round++)
        {
            var (killed, other) = (round % 2, 1 - (round % 2));
            await clients.WorkAsync(
                apis.Select(it => it.Anonymous).ToArray(),
                acknowledged: random.Next(40, 100),
                () => apis[killed].KillAsync()
            );
            await apis[killed].DisposeAsync();

            await clients.RetryAsync(apis[other].Anonymous); // at once: the dead one's locks are gone with it

            await clients.ExpectEffectsAsync();
            apis[killed] = await StartAsync();
        }

        Report(clients);
        Assert.Empty(apis.SelectMany(it => it.ErrorLines));
        await Task.WhenAll(apis.Select(it => it.DisposeAsync().AsTask()));
    }

    [FactWith(Requirement.PostgresPrograms)]
    public async Task A_killed_database_loses_nothing_and_does_nothing_twice()
    {
        var random = new Random(_seed);
        await using var api = await StartAsync();
        var clients = await Clients.CreateAsync(ClientCount, api, _postgres, random);
        for (var round = 0; round < Repetitions.Of(usual: 1, all: 6); round++)
        {
            await clients.WorkAsync([api.Anonymous], acknowledged: random.Next(40, 100), _postgres.KillAsync);
            await _postgres.RestartAsync();
            await api.ReadyAsync();

            await clients.RetryAsync(api.Anonymous); // the same process: it finds back by itself

            await clients.ExpectEffectsAsync();
        }

        Report(clients);
    }

    private Task<ApiProcess> StartAsync() => ApiProcess.StartAsync(_postgres.ApiConnectionString);

    private void Report(Clients clients) =>
        output.WriteLine(
            $"{clients.Requests.Acknowledged} requests acknowledged, {clients.Requests.Interrupted} interrupted, of which {clients.Requests.Effective} had had their effect"
        );
}
