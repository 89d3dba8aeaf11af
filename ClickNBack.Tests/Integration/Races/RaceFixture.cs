using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration.Races;

/// <summary>
/// Two API processes on one database, so that only the database can decide a race. Purchases wait for the tests: the flag of
/// automatic confirmation is off, unless a test switches it on for somebody.
/// </summary>
public sealed class RaceFixture : IAsyncLifetime
{
    private static readonly int Rounds = Repetitions.Of(usual: 4, all: 20);

    private ApiProcess[] _apis = [];
    private TestDatabase _database = null!;

    internal Person Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        var settings = new Dictionary<string, string?> { ["Verification:IntervalSeconds"] = "1" };
        _apis = await Task.WhenAll(
            ApiProcess.StartAsync(_database.ApiConnectionString, settings),
            ApiProcess.StartAsync(_database.ApiConnectionString, settings)
        );
        Admin = await Person.AdminAsync(_apis[0].Anonymous);
        await ConfirmAutomaticallyAsync("global", null, false);
    }

    public async Task DisposeAsync()
    {
        foreach (var api in _apis)
        {
            await api.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    /// <summary>A new user, logged in.</summary>
    internal Task<Person> UserAsync() => Person.NewAsync(_apis[0].Anonymous);

    /// <summary>Sets the flag of automatic confirmation.</summary>
    internal async Task ConfirmAutomaticallyAsync(string scope, Guid? id, bool enabled) =>
        (
            await Admin.Api.PutAsync(
                "/api/v1/feature-flags/purchase_auto_confirm",
                new
                {
                    enabled,
                    scope_type = scope,
                    scope_id = id,
                }
            )
        ).Expect(200);

    /// <summary>Runs a race many times; after each, every money invariant holds, and no process has logged an error.</summary>
    internal async Task RepeatAsync(Func<int, Task> round)
    {
        for (var number = 1; number <= Rounds; number++)
        {
            await round(number);
            await _database.InvariantsHoldAsync();
        }

        Assert.Empty(_apis.SelectMany(it => it.ErrorLines));
    }

    /// <summary>
    /// Lets a person do something many times at once, half of them at each process. All tasks wait for one signal; none of
    /// them may meet an error of the server.
    /// </summary>
    internal async Task<Answer[]> ConcurrentlyAsync(int times, Person person, Func<Person, int, Task<Answer>> act)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Enumerable.Range(0, times).Select(RunAsync).ToArray();
        start.SetResult();
        var answers = await Task.WhenAll(running);
        Assert.All(answers, it => Assert.True(it.Status < 500, it.ToString()));
        return answers;

        async Task<Answer> RunAsync(int number)
        {
            var there = person.At(_apis[number % _apis.Length].Anonymous);
            await start.Task;
            return await act(there, number);
        }
    }
}

/// <summary>The processes are started once for all races, which therefore run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class RaceCollection : ICollectionFixture<RaceFixture>
{
    public const string Name = "races";
}

/// <summary>How a race ended.</summary>
internal static class RaceResults
{
    /// <summary>Fails unless exactly so many succeeded, and all others were refused in exactly this way.</summary>
    public static void Expect(this Answer[] answers, int winners, int success, int refusal, string code)
    {
        Assert.Equal(winners, answers.Count(it => it.Status == success));
        Assert.All(answers.Where(it => it.Status != success), it => it.Expect(refusal, code));
    }
}
