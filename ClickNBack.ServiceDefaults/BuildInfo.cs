using System.Reflection;

namespace ClickNBack.ServiceDefaults;

/// <summary>What is running, and since when. Injectable.</summary>
/// <param name="Version">The semantic version, e.g. <c>1.4.0</c>.</param>
/// <param name="Commit">The full commit hash it was built from, or <c>unknown</c> outside a repository.</param>
/// <param name="StartedAt">When this process registered its services, in UTC.</param>
public sealed record BuildInfo(string Version, string Commit, DateTimeOffset StartedAt)
{
    /// <summary>Version and commit as the SDK writes them: <c>1.4.0+4f0c…</c>.</summary>
    public static string InformationalVersion { get; } =
        // Every project of the platform has the same version.
        typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "0.0.0";

    internal static BuildInfo Now(TimeProvider clock) => Parse(InformationalVersion, clock.GetUtcNow());

    /// <summary>The SDK writes <c>version+commit</c>.</summary>
    internal static BuildInfo Parse(string informationalVersion, DateTimeOffset startedAt)
    {
        var plus = informationalVersion.IndexOf('+', StringComparison.Ordinal);
        return plus < 0
            ? new BuildInfo(informationalVersion, "unknown", startedAt)
            : new BuildInfo(informationalVersion[..plus], informationalVersion[(plus + 1)..], startedAt);
    }
}
