namespace ClickNBack.Benchmarks;

/// <summary>How things stood while reports were matched.</summary>
/// <param name="After">Since the first message was sent.</param>
/// <param name="Purchases">How many were decided by then.</param>
/// <param name="Memory">Of the API, proportional, bytes.</param>
/// <param name="Heap">The part of it that is the managed heap.</param>
internal sealed record Progress(TimeSpan After, long Purchases, long Memory, long Heap);

/// <summary>A file of many rows.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Step">What was done with it.</param>
/// <param name="Taken">How long that took.</param>
/// <param name="Before">What the API held before, proportional, bytes.</param>
/// <param name="Peak">The most that it held meanwhile.</param>
internal sealed record FileStep(int Rows, string Step, TimeSpan Taken, long Before, long Peak);

/// <summary>Merchants report every purchase of a database whose purchases are all pending, and one API matches it.</summary>
/// <param name="Environment">What was measured on.</param>
/// <param name="Reports">How many transactions were reported, each of another purchase.</param>
/// <param name="Received">How long until all of them were taken in.</param>
/// <param name="Matched">How long until each was matched.</param>
/// <param name="Outcomes">What became of the purchases.</param>
/// <param name="Progress">From time to time.</param>
/// <param name="Files">A file of the most rows that one may have.</param>
/// <param name="Plans">How the statements were executed after all that.</param>
internal sealed record Matching(
    Loaded Environment,
    int Reports,
    TimeSpan Received,
    TimeSpan Matched,
    IReadOnlyList<string> Outcomes,
    IReadOnlyList<Progress> Progress,
    IReadOnlyList<FileStep> Files,
    IReadOnlyList<Plans> Plans
);
