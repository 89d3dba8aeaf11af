namespace ClickNBack.Tests.Infrastructure;

/// <summary>
/// Tests whose outcome may depend on chance repeat themselves: a few times in every run, and often enough to find what is
/// rare where REPETITIONS is <c>all</c> (<c>make test-nightly</c>). Their classes have the trait <c>Category=Repeated</c>.
/// </summary>
internal static class Repetitions
{
    private static readonly bool AreAll = Environment.GetEnvironmentVariable("REPETITIONS") == "all";

    /// <summary>How many there are in this run.</summary>
    /// <param name="usual">In every run.</param>
    /// <param name="all">In the nightly run.</param>
    public static int Of(int usual, int all) => AreAll ? all : usual;
}
