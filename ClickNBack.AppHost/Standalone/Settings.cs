using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace ClickNBack.AppHost.Standalone;

/// <summary>
/// The runner's settings. As with Aspire the command line wins over the environment, and that over the user secrets:
/// `Parameters:NAME`, `ConnectionStrings:NAME`, `Ports:NAME`, `Ports:dashboard`, `State:Directory`, `Secrets:File`, `Manifest`,
/// `Ready:Timeout`.
/// </summary>
internal sealed class Settings
{
    private static readonly string[] Sections =
    [
        "Parameters",
        "ConnectionStrings",
        "Ports",
        "State",
        "Secrets",
        "Ready",
    ];

    private Settings(IConfiguration configuration, string secretsFile, string manifest)
    {
        Configuration = configuration;
        SecretsFile = secretsFile;
        ManifestFile = manifest;
        Root = Path.GetDirectoryName(manifest)!;
        StateDirectory = configuration["State:Directory"] is { Length: > 0 } directory
            ? Path.GetFullPath(directory)
            : DefaultState(Root);
    }

    public IConfiguration Configuration { get; }

    /// <summary>Where generated secrets are kept.</summary>
    public string SecretsFile { get; }

    public string ManifestFile { get; }

    /// <summary>The folder of the manifest: its paths are relative to it.</summary>
    public string Root { get; }

    /// <summary>What this clone keeps from run to run: database files, and which processes it started.</summary>
    public string StateDirectory { get; }

    /// <summary>How long a service may take until it is ready.</summary>
    public TimeSpan ReadyTimeout => TimeSpan.FromSeconds(Number("Ready:Timeout", 1, 3600) ?? 120);

    /// <summary>`Debug/net10.0`: this program's own output folder, so the projects' as well.</summary>
    public static string OutputFolder
    {
        get
        {
            var folder = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
            return Path.Combine(folder.Parent!.Name, folder.Name);
        }
    }

    public static Settings Load(IReadOnlyList<string> arguments)
    {
        try
        {
            var secretsFile =
                new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine([.. arguments]).Build()[
                    "Secrets:File"
                ]
                ?? LocalParameters.DefaultFile;
            var configuration = new ConfigurationBuilder()
                .AddJsonFile(Path.GetFullPath(secretsFile), optional: true)
                .AddEnvironmentVariables()
                .AddCommandLine([.. arguments])
                .Build();
            return new(configuration, secretsFile, FindManifest(configuration["Manifest"]));
        }
        catch (Exception problem) when (problem is FormatException or InvalidDataException)
        {
            throw new SetupException($"The settings cannot be read: {problem.Message}", problem);
        }
    }

    /// <summary>A port set by `Ports:NAME`; 0 means any free one; null: not set.</summary>
    public int? Port(string name) => Number($"Ports:{name}", 0, ushort.MaxValue);

    /// <summary>The dashboard's port: its setting, else the one of the launch profile, which is Aspire's as well.</summary>
    public int DashboardPort =>
        Port("dashboard") ?? LaunchSettings.Load(Path.Combine(Root, "ClickNBack.AppHost")).Address?.Port ?? 15080;

    /// <summary>Whether a variable speaks to this program: then it is not for the resources it starts.</summary>
    public static bool IsOwn(string variable) =>
        variable.Equals("Manifest", StringComparison.OrdinalIgnoreCase)
        || Sections.Any(section => variable.StartsWith(section + "__", StringComparison.OrdinalIgnoreCase));

    private int? Number(string key, int least, int most)
    {
        if (Configuration[key] is not { Length: > 0 } text)
        {
            return null;
        }

        return
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
            ? number
            : throw new SetupException($"{key} is \"{text}\"; expected a whole number from {least} to {most}.");
    }

    private static string FindManifest(string? configured)
    {
        const string Name = "aspire-manifest.json";
        if (!string.IsNullOrEmpty(configured))
        {
            return File.Exists(configured)
                ? Path.GetFullPath(configured)
                : throw new SetupException($"The setting Manifest names {configured}, which does not exist.");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, Name);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new SetupException(
            $"There is no {Name} in {AppContext.BaseDirectory} or above; the setting Manifest names another place."
        );
    }

    private static string DefaultState(string root)
    {
        var home =
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
                ? "/var/lib" // the home of root is closed to the user who runs PostgreSQL
                : Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData,
                    Environment.SpecialFolderOption.DoNotVerify
                );
        return Path.Combine(home, "clicknback", StateFolder.IdOf(root));
    }
}

/// <summary>The first profile of a project's launch settings: what Aspire, the IDE and `dotnet run` use as well.</summary>
internal sealed record LaunchSettings(Uri? Address, IReadOnlyDictionary<string, string> Environment)
{
    private static readonly LaunchSettings None = new(null, new Dictionary<string, string>(StringComparer.Ordinal));

    public static LaunchSettings Load(string projectFolder)
    {
        var file = Path.Combine(projectFolder, "Properties", "launchSettings.json");
        if (!File.Exists(file))
        {
            return None;
        }

        try
        {
            var options = new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            };
            using var document = JsonDocument.Parse(File.ReadAllText(file), options);
            if (
                !document.RootElement.TryGetProperty("profiles", out var profiles)
                || profiles.EnumerateObject().Select(each => (JsonElement?)each.Value).FirstOrDefault()
                    is not { } profile
            )
            {
                return None;
            }

            var address = profile.TryGetProperty("applicationUrl", out var urls)
                ? urls.GetString()?.Split(';')[0]
                : null;
            var environment = profile.TryGetProperty("environmentVariables", out var variables)
                ? variables
                    .EnumerateObject()
                    .ToDictionary(each => each.Name, each => each.Value.ToString(), StringComparer.Ordinal)
                : None.Environment;
            return new(address is null ? null : new Uri(address), environment);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or UriFormatException)
        {
            throw new SetupException($"{file} cannot be read: {problem.Message}", problem);
        }
    }
}
