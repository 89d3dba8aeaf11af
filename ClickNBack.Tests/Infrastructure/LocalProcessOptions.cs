namespace ClickNBack.Tests.Infrastructure;

/// <summary>Which program to start, and how.</summary>
internal sealed record LocalProcessOptions(string FileName, params IReadOnlyList<string> Arguments)
{
    /// <summary>The whole environment; null: the one of this process.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    /// <summary>The unprivileged user to become; null: stay who we are.</summary>
    public UnixUser? RunAs { get; init; }

    /// <summary>Receives every line of output and of errors.</summary>
    public Action<string> OnLine { get; init; } = static _ => { };
}
