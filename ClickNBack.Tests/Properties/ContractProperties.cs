using System.Globalization;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Properties.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Properties;

/// <summary>
/// Random sequences of operations against the API on its database and against a model of the contract at once. A failure
/// names the shortest sequence that was found and begins with the command that plays it again.
/// </summary>
[Trait("Category", "Repeated")]
public sealed class ContractProperties(SequenceRunners runners) : IClassFixture<SequenceRunners>
{
    private const int SequencesPerPart = 50; // each part reports, and none takes long
    private const int OperationsPerSequence = 200;

    private static readonly int Parts = Repetitions.Of(usual: 2, all: 40);

    public static IEnumerable<object[]> AllParts =>
        Enumerable.Range(1, Seed.Given is null ? Parts : 1).Select(part => new object[] { part });

    [Theory]
    [MemberData(nameof(AllParts))]
    public Task Every_sequence_of_operations_does_what_the_contract_says(int part) =>
        Seed.Given is { } seed
            ? PlayAsync(runners.All[0], part, [seed])
            : Task.WhenAll(
                runners.All.Select(runner => PlayAsync(runner, part, Seed.Any(SequencesPerPart / runners.All.Count)))
            );

    // FsCheck waits for each sequence, so each runner has a thread of its own.
    private static Task PlayAsync(SequenceRunner runner, int part, IReadOnlyList<ulong> seeds) =>
        Task.Factory.StartNew(
            () =>
            {
                foreach (var seed in seeds)
                {
                    Prop.ForAll(Sequences.Of(OperationsPerSequence), runner.RunAsync)
                        .Check(Seed.Config(seed, $"part {part}"));
                }
            },
            TaskCreationOptions.LongRunning
        );
}

/// <summary>As many platforms as are played on at once; a sequence leaves nothing behind for the next one.</summary>
public sealed class SequenceRunners : IAsyncLifetime
{
    private const int Count = 4;

    private readonly List<SequenceRunner> _all = [];

    internal IReadOnlyList<SequenceRunner> All => _all;

    public async Task InitializeAsync()
    {
        for (var runner = 0; runner < Count; runner++)
        {
            _all.Add(await SequenceRunner.OpenAsync());
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var runner in _all)
        {
            await runner.DisposeAsync();
        }
    }
}

/// <summary>What a random sequence is made from: the same seed makes the same sequence.</summary>
internal static class Seed
{
    private const int Size = 50; // nothing here depends on it

    /// <summary>The one that SEED tells to play again, or null.</summary>
    public static ulong? Given =>
        Environment.GetEnvironmentVariable("SEED") is { Length: > 0 } seed
            ? ulong.Parse(seed, CultureInfo.InvariantCulture)
            : null;

    /// <summary>So many that nobody has seen yet.</summary>
    public static IReadOnlyList<ulong> Any(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (ulong)Random.Shared.NextInt64())];

    /// <summary>Runs a property once, on what the seed makes.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="where">What a failure says behind the command.</param>
    public static Config Config(ulong seed, string where) =>
        FsCheck
            .Config.QuickThrowOnFailure.WithMaxTest(1)
            .WithQuietOnSuccess(true)
            .WithReplay(new Replay(new Rnd(seed), Size))
            .WithName($"make test FILTER=ContractProperties SEED={seed} # {where}\n");
}
