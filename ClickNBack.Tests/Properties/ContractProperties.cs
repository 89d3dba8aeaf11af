using System.Globalization;
using ClickNBack.Tests.Properties.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Properties;

/// <summary>
/// Random sequences of operations against the API on its database and against a model of the contract at once. A failure
/// names the shortest sequence that was found and the seed to play it again: make test FILTER=ContractProperties SEED=1,3
/// </summary>
public sealed class ContractProperties : IAsyncLifetime
{
    private const int Parts = 8;
    private const int Lanes = 4;
    private const int SequencesPerLane = 2;
    private const int OperationsPerSequence = 200;

    private readonly List<Lane> _lanes = [];

    public async Task InitializeAsync()
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            _lanes.Add(await Lane.OpenAsync());
        }
    }

    public static IEnumerable<object[]> AllParts => Enumerable.Range(1, Parts).Select(part => new object[] { part });

    [Theory]
    [MemberData(nameof(AllParts))]
    public Task Every_sequence_of_operations_does_what_the_contract_says(int part) =>
        Task.WhenAll(
            _lanes.Select(lane =>
                // FsCheck waits for each sequence, so each lane has a thread of its own.
                Task.Factory.StartNew(
                    () =>
                        Prop.ForAll(Sequences.Of(OperationsPerSequence), lane.RunAsync)
                            .Check(Seed.Config(SequencesPerLane).WithName($"part {part}")),
                    TaskCreationOptions.LongRunning
                )
            )
        );

    public async Task DisposeAsync()
    {
        foreach (var lane in _lanes)
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
