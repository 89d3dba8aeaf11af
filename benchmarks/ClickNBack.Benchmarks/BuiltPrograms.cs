using System.Collections;

namespace ClickNBack.Benchmarks;

/// <summary>The platform's programs as they were built together with this one.</summary>
internal static class BuiltPrograms
{
    private static readonly DirectoryInfo Output = new(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    /// <summary>The repository.</summary>
    public static string Root { get; } = Path.GetFullPath("../../../../..", Output.FullName);

    public static string Api => PathOf("ClickNBack.Api");

    public static string MigrationService => PathOf("ClickNBack.MigrationService");

    /// <summary>How this program, and so the others, were built.</summary>
    public static string Configuration => Output.Parent!.Name;

    /// <summary>This program, to start it once more as the bare one.</summary>
    public static string Benchmarks => typeof(BuiltPrograms).Assembly.Location;

    /// <summary>This process's environment without what would configure the programs.</summary>
    public static Dictionary<string, string> Environment() =>
        System
            .Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Select(it => KeyValuePair.Create((string)it.Key, (string?)it.Value ?? ""))
            .Where(it =>
                !it.Key.Contains("__", StringComparison.Ordinal)
                && !it.Key.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
                && !it.Key.StartsWith("OTEL_", StringComparison.Ordinal)
                && !it.Key.StartsWith("DOTNET_ThreadPool_", StringComparison.Ordinal) // the load generator's
                && it.Key is not ("DOTNET_ENVIRONMENT" or "HTTP_PORTS" or "URLS")
            )
            .ToDictionary(StringComparer.Ordinal);

    private static string PathOf(string project) =>
        Path.Combine(Root, project, "bin", Configuration, Output.Name, $"{project}.dll");
}
