using System.Reflection;

namespace ClickNBack.ServiceDefaults;

/// <summary>What is running, and since when. Injectable.</summary>
/// <param name="Version">The semantic version, e.g. <c>1.4.0</c>.</param>
/// <param name="Commit">The full commit hash it was built from, or <c>unknown</c> outside a repository.</param>
/// <param name="StartedAt">When this process registered its services, in UTC.</param>
public sealed record BuildInfo(string Version, string Commit, DateTimeOffset StartedAt)
{
    // Every project of the platform has the same version.
    internal static BuildInfo Now(TimeProvider clock) =>
        Parse(
            typeof(BuildInfo)
                .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
                .InformationalVersion,
            clock.GetUtcNow()
        );

    /// <summary>The SDK writes <c>version+commit</c>.</summary>
    internal static BuildInfo Parse(string informationalVersion, DateTimeOffset startedAt) =>
        informationalVersion.Split('+', 2) is [var version, var commit]
            ? new(version, commit, startedAt)
            : new(informationalVersion, "unknown", startedAt);
}
