using ClickNBack.Tests.Properties.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Properties;

public sealed class SeedTests
{
    [Fact]
    public void A_failure_begins_with_the_command_that_plays_the_same_sequence_again()
    {
        var (first, message) = Fail(1234);
        var (again, _) = Fail(1234);
        var (other, _) = Fail(1235);

        Assert.StartsWith("make test FILTER=ContractProperties SEED=1234 # here\n", message);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    private static (Operation[] Sequence, string Message) Fail(ulong seed)
    {
        var played = new List<Operation[]>();
        var property = Prop.ForAll(
            Sequences.Of(200),
            sequence =>
            {
                played.Add(sequence);
                return false;
            }
        );
        var failure = Assert.ThrowsAny<Exception>(() => property.Check(Seed.Config(seed, "here")));
        return (played[0], failure.Message);
    }
}
