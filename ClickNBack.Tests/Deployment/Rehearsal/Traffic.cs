using System.Collections.Concurrent;
using System.Diagnostics;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>What the load saw in a span of time.</summary>
/// <param name="Sent">All requests.</param>
/// <param name="Failures">What failed of them: not answered, or not as expected.</param>
/// <param name="SlowestSeconds">The longest wait for an answer.</param>
internal sealed record Tally(int Sent, IReadOnlyList<string> Failures, double SlowestSeconds);

/// <summary>
/// People who use the platform all the time, through its front door: they buy, and look at offers, purchases and wallet; the
/// administrator confirms some purchases by hand.
/// </summary>
internal sealed class Traffic : IAsyncDisposable
{
    private const int People = 6;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(125);

    private readonly HttpClient _http;
    private readonly Person[] _people;
    private Person _admin;
    private long _loggedIn = Stopwatch.GetTimestamp();
    private readonly string _adminPassword;
    private readonly Shop _shop;
    private readonly ConcurrentQueue<(long Ended, double Seconds, string? Failure)> _sent = [];
    private readonly ConcurrentDictionary<string, bool> _acknowledged = new(StringComparer.Ordinal);
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private Traffic(HttpClient http, Person admin, string adminPassword, Person[] people, Shop shop)
    {
        _adminPassword = adminPassword;
        _http = http;
        _admin = admin;
        _people = people;
        _shop = shop;
    }

    /// <summary>The purchases whose recording was acknowledged, by external identifier.</summary>
    public ICollection<string> Acknowledged => _acknowledged.Keys;

    /// <summary>Registers the people, and a merchant with an offer.</summary>
    public static async Task<Traffic> PrepareAsync(Server server)
    {
        var http = new HttpClient { BaseAddress = server.Front, Timeout = TimeSpan.FromSeconds(60) };
        var api = new ApiClient(http, null);
        var password = server.Secrets["ADMIN_PASSWORD"];
        var admin = await Person.LoginAsync(api, Server.AdminEmail, password);
        var people = await Task.WhenAll(Enumerable.Range(0, People).Select(_ => Person.NewAsync(api)));
        return new Traffic(http, admin, password, people, await admin.OpenShopAsync());
    }

    /// <summary>Records one purchase; gives its external identifier.</summary>
    public async Task<string> BuyAsync()
    {
        var external = Unique.Text();
        (await _people[0].TryBuyAsync(_shop, 10m, external)).Expect(201);
        _acknowledged[external] = true;
        return external;
    }

    /// <summary>Has everybody log in again before the access tokens expire.</summary>
    public Task RenewAsync() =>
        Stopwatch.GetElapsedTime(_loggedIn) > TimeSpan.FromMinutes(4) ? LogInAsync() : Task.CompletedTask;

    /// <summary>Has everybody log in again.</summary>
    public async Task LogInAsync()
    {
        for (var index = 0; index < People; index++)
        {
            _people[index] = await AgainAsync(_people[index], Person.UsualPassword);
        }

        _admin = await AgainAsync(_admin, _adminPassword);
        _loggedIn = Stopwatch.GetTimestamp();

        static Task<Person> AgainAsync(Person person, string password) =>
            Person.LoginAsync(person.Api.With(null), person.Email, password);
    }

    public void Start()
    {
        _stop = new CancellationTokenSource();
        _running = Task.WhenAll(
            _people.Select((_, index) => Task.Run(() => UseAsync(index, _stop.Token), CancellationToken.None))
        );
    }

    /// <summary>Returns when everything that was sent has been answered.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    /// <summary>What was sent since that time stamp.</summary>
    public Tally Since(long timestamp)
    {
        var sent = _sent.Where(it => it.Ended >= timestamp).ToArray();
        return new Tally(
            sent.Length,
            [.. sent.Select(it => it.Failure).OfType<string>()],
            sent.Length == 0 ? 0 : sent.Max(it => it.Seconds)
        );
    }

    /// <summary>Forgets what a restore to an earlier moment took away.</summary>
    public void Forget(IEnumerable<string> externalIds)
    {
        foreach (var external in externalIds)
        {
            _acknowledged.TryRemove(external, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _http.Dispose();
    }

    private async Task UseAsync(int index, CancellationToken stop)
    {
        var turn = index;
        while (!stop.IsCancellationRequested)
        {
            var person = _people[index];
            var act = (turn % 4) switch
            {
                0 => BuyAsync(person, confirm: turn % 12 == 0),
                1 => SendAsync(() => person.Api.GetAsync("/api/v1/users/me/purchases"), 200),
                2 => SendAsync(() => person.Api.GetAsync("/api/v1/users/me/wallet"), 200),
                _ => SendAsync(() => person.Api.GetAsync("/api/v1/offers/active"), 200),
            };
            await act;
            turn++;
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task BuyAsync(Person person, bool confirm)
    {
        var external = Unique.Text();
        var bought = await SendAsync(() => person.TryBuyAsync(_shop, 12.34m, external), 201);
        if (bought is not null)
        {
            _acknowledged[external] = true;
            if (confirm)
            {
                // 400: the verification job was faster.
                await SendAsync(() => _admin.Api.ConfirmAsync(bought["id"].GetGuid()), 200, 400);
            }
        }
    }

    private async Task<Answer?> SendAsync(Func<Task<Answer>> request, params int[] expected)
    {
        var started = Stopwatch.GetTimestamp();
        Answer? answer = null;
        string? failure = null;
        try
        {
            answer = await request();
            if (!expected.Contains(answer.Status))
            {
                failure = answer.ToString();
                answer = null;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            failure = exception.GetBaseException().Message;
        }

        _sent.Enqueue((Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(started).TotalSeconds, failure));
        return answer;
    }
}
