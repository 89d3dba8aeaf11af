using System.Globalization;
using ClickNBack.Tests.Properties.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Properties;

/// <summary>
/// Random sequences of operations against the API on its database and against a model of the contract at once. A failure
/// names the shortest sequence that was found and the seed to play it again: make test FILTER=ContractProperties SEED=1,3
/// </summary>
public sealed class ContractProperties(Lanes lanes) : IClassFixture<Lanes>
{
    private const int Parts = 25; // each of them reports, and none takes long
    private const int SequencesPerPart = 16;
    private const int OperationsPerSequence = 200;

    public static IEnumerable<object[]> AllParts => Enumerable.Range(1, Parts).Select(part => new object[] { part });

    [Theory]
    [MemberData(nameof(AllParts))]
    public Task Every_sequence_of_operations_does_what_the_contract_says(int part) =>
        Task.WhenAll(
            lanes.All.Select(lane =>
                // FsCheck waits for each sequence, so each lane has a thread of its own.
                Task.Factory.StartNew(
                    () =>
                        Prop.ForAll(Sequences.Of(OperationsPerSequence), lane.RunAsync)
                            .Check(Seed.Config(SequencesPerPart / lanes.All.Count).WithName($"part {part}")),
                    TaskCreationOptions.LongRunning
                )
            )
        );
}

/// <summary>As many platforms as are played on at once; a sequence leaves nothing behind for the next one.</summary>
public sealed class Lanes : IAsyncLifetime
{
    private const int Count = 4;

    private readonly List<Lane> _all = [];

    internal IReadOnlyList<Lane> All => _all;

    public async Task InitializeAsync()
    {
        for (var lane = 0; lane < Count; lane++)
        {
            _all.Add(await Lane.OpenAsync());
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var lane in _all)
        {
            await lane.DisposeAsync();
        }
    }
}

/// <summary>Where random sequences begin: anywhere, or where SEED says.</summary>
internal static class Seed
{
    /// <summary>Runs a property so many times; with a seed, that one alone.</summary>
    public static Config Config(int times)
    {
        var config = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true);
        return Environment.GetEnvironmentVariable("SEED") is not { Length: > 0 } seed
            ? config
            : config.WithMaxTest(1).WithReplay(Replay(seed));
    }

    private static Replay Replay(string seed)
    {
        var parts = seed.Trim('(', ')').Split(',');
        var random = new Rnd(
            ulong.Parse(parts[0], CultureInfo.InvariantCulture),
            ulong.Parse(parts[1], CultureInfo.InvariantCulture)
        );
        return new Replay(random, 50);
    }
}
