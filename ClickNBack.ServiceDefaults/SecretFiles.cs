namespace ClickNBack.ServiceDefaults;

/// <summary>
/// Every setting of a section may come from a file, as compose and Swarm mount secrets: with
/// <c>Authentication__SigningKey_FILE=/run/secrets/key</c> the setting <c>Authentication:SigningKey</c> is that file's
/// content without its trailing newline. So may the settings of OpenTelemetry's exporter (its headers hold a key).
/// Other variables that end in <c>_FILE</c> belong to other software and are left alone.
/// </summary>
internal static class SecretFiles
{
    private const string Suffix = "_FILE";

    /// <summary>Secrets are short; anything longer is the wrong file. In bytes.</summary>
    private const int MaximumLength = 64 * 1024;

    public static string SettingOf(string key) =>
        key.EndsWith(Suffix, StringComparison.Ordinal) ? key[..^Suffix.Length] : key;

    public static void AddSecretFiles(this IHostApplicationBuilder builder)
    {
        var settings = builder.Configuration;
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var errors = new List<ConfigurationError>();
        foreach (
            var (key, path) in settings.AsEnumerable().Where(it => NamesAFile(it.Key) && it.Value is { Length: > 0 })
        )
        {
            var setting = SettingOf(key);
            if (!string.IsNullOrEmpty(settings[setting]))
            {
                errors.Add(new(key, $"together with {setting}", "only one of the two"));
            }
            else if (Read(path!, out var content) is { } problem)
            {
                errors.Add(new(key, $"{path}, which {problem}", "a readable text file with the value"));
            }
            else
            {
                values[setting] = content;
            }
        }

        settings.AddInMemoryCollection(values);
        builder.Services.AddConfigurationCheck(_ => errors);
    }

    private static bool NamesAFile(string key) =>
        key.EndsWith(Suffix, StringComparison.Ordinal)
        && (key.Contains(':', StringComparison.Ordinal) || key.StartsWith("OTEL_EXPORTER_", StringComparison.Ordinal));

    private static string? Read(string path, out string content)
    {
        content = "";
        if (!File.Exists(path))
        {
            return Directory.Exists(path) ? "is a directory" : "does not exist";
        }

        try
        {
            if (new FileInfo(path).Length > MaximumLength)
            {
                return "is longer than 64 KiB";
            }

            content = File.ReadAllText(path).TrimEnd('\r', '\n');
            return content.Length == 0 ? "is empty" : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "this user cannot read";
        }
    }
}
