namespace ClickNBack.Tests.Soak;

/// <summary>What went wrong: said at once, and counted.</summary>
internal sealed class Problems
{
    /// <summary>More than this many say no more.</summary>
    private const int Enough = 50;

    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether it makes no sense to go on.</summary>
    public bool AreEnough => Count >= Enough;

    /// <summary>Notes a problem; answers whether there was one.</summary>
    public bool Note(string? problem)
    {
        if (problem is null)
        {
            return false;
        }

        Interlocked.Increment(ref _count);
        Console.WriteLine($"PROBLEM {TimeProvider.System.GetUtcNow():u} {problem}");
        return true;
    }
}
