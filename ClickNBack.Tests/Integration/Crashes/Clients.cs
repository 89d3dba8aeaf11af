using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Crashes;

/// <summary>Many clients at work at the same time.</summary>
internal sealed class Clients
{
    private readonly PostgresProcess _postgres;
    private readonly List<Client> _clients = [];
    private int _acknowledged;

    private Clients(PostgresProcess postgres) => _postgres = postgres;

    /// <summary>How many requests were answered, how many were not, and how many of those had had their effect.</summary>
    public (int Acknowledged, int Interrupted, int Effective) Requests { get; private set; }

    /// <summary>Makes the clients; nobody but their administrator confirms their purchases.</summary>
    public static async Task<Clients> CreateAsync(int size, ApiProcess api, PostgresProcess postgres, Random random)
    {
        var admin = await Person.AdminAsync(api.Anonymous);
        var off = await admin.Api.PutAsync("/api/v1/feature-flags/purchase_auto_confirm", new { enabled = false });
        off.Expect(200);
        var shop = await admin.OpenShopAsync(10);
        var clients = new Clients(postgres);
        for (var i = 0; i < size; i++)
        {
            var user = await Person.NewAsync(api.Anonymous);
            clients._clients.Add(new Client(user, admin, shop, new Random(random.Next())));
        }

        await Task.WhenAll(clients._clients.Select(it => it.StartAsync()));
        return clients;
    }

    /// <summary>Works until so many requests were acknowledged, and then lets something crash.</summary>
    public async Task WorkAsync(ApiClient[] apis, int acknowledged, Func<Task> crash)
    {
        var enough = _acknowledged + acknowledged;
        var now = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = new CancellationTokenSource();
        var working = Task.WhenAll(
            _clients.Select((client, i) => client.WorkAsync(apis[i % apis.Length], Acknowledged, stop.Token))
        );
        await Task.WhenAny(now.Task, working);
        await crash();
        await stop.CancelAsync();
        await working;

        void Acknowledged()
        {
            if (Interlocked.Increment(ref _acknowledged) == enough)
            {
                now.SetResult();
            }
        }
    }

    /// <summary>Lets all who were interrupted try again, at the same time.</summary>
    public async Task RetryAsync(ApiClient api)
    {
        var wereDone = await Task.WhenAll(_clients.Where(it => it.IsInterrupted).Select(it => it.RetryAsync(api)));
        Assert.NotEmpty(wereDone); // else nothing was interrupted
        Requests = (
            _acknowledged,
            Requests.Interrupted + wereDone.Length,
            Requests.Effective + wereDone.Count(it => it)
        );
    }

    /// <summary>Fails unless everything that was asked for has happened, once, and nothing else.</summary>
    public async Task ExpectEffectsAsync()
    {
        Assert.Empty(await _postgres.RowsAsync("SELECT * FROM money_invariants() WHERE violations <> 0"));
        foreach (var client in _clients)
        {
            Assert.Equal(
                client.ExpectedPurchases,
                (await _postgres.RowsAsync("SELECT id, status FROM purchases WHERE user_id = $1", client.Id)).Order()
            );
            Assert.Equal(
                [$"{client.Withdrawals}"],
                await _postgres.RowsAsync("SELECT count(*) FROM payouts WHERE user_id = $1", client.Id)
            );
            Assert.Equal([$"{client.ExpectedWallet}"], await WalletAsync(client));
        }
    }

    private async Task<IEnumerable<string>> WalletAsync(Client client)
    {
        var rows = await _postgres.RowsAsync(
            "SELECT round(pending_balance, 2), round(available_balance, 2) FROM wallets WHERE user_id = $1",
            client.Id
        );
        return rows.Select(it => $"{new Balances(it.Split(' ')[0], it.Split(' ')[1])}");
    }
}
