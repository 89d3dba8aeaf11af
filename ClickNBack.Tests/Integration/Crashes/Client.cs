using ClickNBack.Api.Money;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Crashes;

/// <summary>Something that has to be done once, however often it has to be asked for.</summary>
/// <param name="SendAsync">Asks for it, each time in the same way.</param>
/// <param name="Success">The status of the answer that it is done.</param>
/// <param name="WasDone">Whether another answer means that an earlier attempt has done it.</param>
/// <param name="Done">What is true from then on.</param>
internal sealed record RetriableRequest(
    Func<ApiClient, Task<Answer>> SendAsync,
    int Success,
    Func<Answer, bool> WasDone,
    Action<Answer> Done
);

/// <summary>
/// Somebody who buys and withdraws, with an administrator at hand who confirms and reverses; one thing after the other. Knows
/// what must be true in the end.
/// </summary>
internal sealed class Client(Person user, Person admin, Shop shop, Random random)
{
    private const decimal Cashback = 5;
    private const decimal Withdrawal = 10;
    private const string Purchases = "/api/v1/purchases/";
    private const string Payouts = "/api/v1/users/me/payouts";

    private readonly Dictionary<Guid, string> _purchases = [];
    private decimal _available;
    private RetriableRequest? _interrupted;

    public Guid Id => user.Id;

    public bool IsInterrupted => _interrupted is not null;

    /// <summary>The purchases and their statuses.</summary>
    public IEnumerable<string> ExpectedPurchases => _purchases.Select(it => $"{it.Key} {it.Value}").Order();

    public Balances ExpectedWallet =>
        new(Euro.Text(_purchases.Values.Count(it => it == "pending") * Cashback), Euro.Text(_available));

    public int Withdrawals { get; private set; }

    /// <summary>Earns much more than will be withdrawn.</summary>
    public async Task StartAsync()
    {
        var purchase = await user.BuyAsync(shop, 100_000);
        (await admin.Api.ConfirmAsync(purchase)).Expect(200);
        _purchases[purchase] = "confirmed";
        _available = 10_000;
    }

    /// <summary>Does one thing after the other until told to stop, or until there is no answer.</summary>
    public async Task WorkAsync(ApiClient api, Action acknowledged, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var request = Next();
            if (await AskAsync(request, api) is not { } answer)
            {
                _interrupted = request;
                return;
            }

            request.Done(answer.Expect(request.Success));
            acknowledged();
        }
    }

    /// <summary>Tries again what was interrupted; answers whether it had been done.</summary>
    public async Task<bool> RetryAsync(ApiClient api)
    {
        var request = _interrupted!;
        Answer answer = null!;
        await Until.TrueAsync(
            async () =>
            {
                answer = await request.SendAsync(api);
                return answer is not { Status: 409, Code: "IDEMPOTENCY_KEY_IN_USE" };
            },
            "the database has let go of what the dead process held"
        );
        var wasDone = request.WasDone(answer);
        if (!wasDone)
        {
            answer.Expect(request.Success);
        }

        request.Done(answer);
        _interrupted = null;
        return wasDone;
    }

    private static async Task<Answer?> AskAsync(RetriableRequest request, ApiClient api)
    {
        try
        {
            return await request.SendAsync(api) is { Status: < 500 } answer ? answer : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private RetriableRequest Next()
    {
        var pending = Some("pending");
        return (random.Next(10), pending) switch
        {
            (< 3, { } purchase) => Confirm(purchase),
            (3, { } purchase) => Reverse(purchase, 0),
            (4, _) when Some("confirmed") is { } purchase => Reverse(purchase, Cashback),
            (< 7, _) => Withdraw(),
            _ => Buy(),
        };
    }

    // The first one earned what is withdrawn, and stays.
    private Guid? Some(string status) =>
        _purchases.Skip(1).Where(it => it.Value == status).Select(it => (Guid?)it.Key).FirstOrDefault();

    private RetriableRequest Buy()
    {
        var (body, key) = (user.PurchaseAt(shop.Merchant, Cashback * 10), Unique.Text());
        return new(
            api => user.At(api).Api.PostAsync(Purchases, body, key),
            201,
            IsReplayed,
            answer => _purchases.Add(answer["id"].GetGuid(), "pending")
        );
    }

    private RetriableRequest Withdraw()
    {
        var key = Unique.Text();
        return new(
            api => user.At(api).Api.PostAsync(Payouts, Person.PayoutOf(Withdrawal), key),
            201,
            IsReplayed,
            _ =>
            {
                Withdrawals++;
                _available -= Withdrawal;
            }
        );
    }

    private RetriableRequest Confirm(Guid purchase) =>
        new(
            api => admin.At(api).Api.ConfirmAsync(purchase),
            200,
            answer =>
                answer is { Status: 400, Code: "PURCHASE_NOT_PENDING" }
                && answer["error.details.violations.0.current_status"].GetString() == "confirmed",
            _ =>
            {
                _purchases[purchase] = "confirmed";
                _available += Cashback;
            }
        );

    private RetriableRequest Reverse(Guid purchase, decimal available) =>
        new(
            api => admin.At(api).Api.ReverseAsync(purchase),
            200,
            answer => answer is { Status: 400, Code: "PURCHASE_ALREADY_REVERSED" },
            _ =>
            {
                _purchases[purchase] = "reversed";
                _available -= available;
            }
        );

    private static bool IsReplayed(Answer answer) => answer.Headers.ContainsKey("Idempotent-Replayed");
}
