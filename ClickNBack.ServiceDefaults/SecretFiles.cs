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
        var (values, errors) = Read(builder.Configuration);
        builder.Configuration.AddInMemoryCollection(values);
        builder.Services.AddConfigurationCheck(_ => errors);
    }

    private static (Dictionary<string, string?> Values, List<ConfigurationError> Errors) Read(IConfiguration settings)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var errors = new List<ConfigurationError>();
        foreach (var (key, path) in settings.AsEnumerable())
        {
            if (!NamesAFile(key) || string.IsNullOrEmpty(path))
            {
                continue;
            }

            var setting = SettingOf(key);
            if (!string.IsNullOrEmpty(settings[setting]))
            {
                errors.Add(new ConfigurationError(key, $"together with {setting}", "only one of the two"));
            }
            else if (TryRead(path, out var content, out var problem))
            {
                values[setting] = content;
            }
            else
            {
                errors.Add(new ConfigurationError(key, $"{path}, {problem}", "a readable text file with the value"));
            }
        }

        return (values, errors);
    }

    private static bool NamesAFile(string key) =>
        key.EndsWith(Suffix, StringComparison.Ordinal)
        && (
            key.Contains(ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)
            || key.StartsWith("OTEL_EXPORTER_", StringComparison.Ordinal)
        );

    private static bool TryRead(string path, out string content, out string problem)
    {
        content = problem = "";
        try
        {
            using var file = File.OpenRead(path);
            if (file.CanSeek && file.Length > MaximumLength)
            {
                problem = "which is longer than 64 KiB";
                return false;
            }

            using var reader = new StreamReader(file);
            content = reader.ReadToEnd().TrimEnd('\r', '\n');
            problem = "which is empty";
            return content.Length > 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = "which does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            problem = Directory.Exists(path) ? "which is a directory" : "which this user may not read";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            problem = "which cannot be read";
        }

        return false;
    }
}
