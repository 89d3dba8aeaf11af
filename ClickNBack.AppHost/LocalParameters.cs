using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace ClickNBack.AppHost;

/// <summary>
/// The secrets of a developer's own machine: generated once, kept in the user secrets store, so that nobody is asked for them.
/// </summary>
internal static class LocalParameters
{
    /// <summary>The store that `dotnet user-secrets` and Aspire use for this project.</summary>
    public const string StoreName = "clicknback-apphost";

    /// <summary>Where the user secrets of this project are kept.</summary>
    public static string DefaultFile => PathHelper.GetSecretsPathFromSecretsId(StoreName);

    /// <summary>
    /// What the app host needs before it adds its parameters: their values, and with an existing database the one password
    /// on which worker and API must agree, which is that of the API's connection string.
    /// </summary>
    public static void Prepare(IConfiguration configuration)
    {
        EnsureGenerated(configuration, "jwt-signing-key", "api-database-password", "postgres-password");
        if (
            configuration.GetConnectionString("clicknback") is not null
            && configuration.GetConnectionString("clicknback-api") is { } connection
            && PasswordIn(connection) is { } password
        )
        {
            configuration[Key("api-database-password")] = password;
        }
    }

    /// <summary>
    /// Gives every named parameter a value: the configured one, else the stored one, else a new one that is stored.
    /// </summary>
    /// <param name="configuration">Read for `Parameters:name` and `Parameters:name_with_underscores`; receives what was missing.</param>
    /// <param name="names">Names of parameters, as in the manifest.</param>
    public static void EnsureGenerated(IConfiguration configuration, params string[] names) =>
        EnsureGenerated(configuration, DefaultFile, names);

    /// <summary>The same with a store in another place.</summary>
    /// <param name="configuration">Read for the parameters; receives what was missing.</param>
    /// <param name="file">The JSON file of the store.</param>
    /// <param name="names">Names of parameters, as in the manifest.</param>
    /// <exception cref="InvalidDataException">The store is not a JSON object.</exception>
    public static void EnsureGenerated(IConfiguration configuration, string file, params string[] names)
    {
        var missing = names.Where(name => Find(configuration, name) is null).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        var store = Read(file);
        var generated = false;
        foreach (var name in missing)
        {
            var value = Stored(store, name);
            if (value is null)
            {
                value = Generate();
                store[Key(name)] = value;
                generated = true;
            }

            configuration[Key(name)] = value;
        }

        if (generated)
        {
            Write(file, store);
        }
    }

    /// <summary>The configured value of a parameter; an environment variable may spell `-` as `_`.</summary>
    public static string? Find(IConfiguration configuration, string name) =>
        NotEmpty(configuration[Key(name)]) ?? NotEmpty(configuration[Key(name.Replace('-', '_'))]);

    /// <summary>The password in a connection string, or null.</summary>
    public static string? PasswordIn(string connectionString)
    {
        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
            var key = PasswordKeys.FirstOrDefault(parts.ContainsKey);
            return key is null ? null : NotEmpty(parts[key].ToString());
        }
        catch (ArgumentException)
        {
            return null; // not one: whoever connects with it says so
        }
    }

    // As Npgsql knows them.
    private static readonly string[] PasswordKeys = ["Password", "PWD", "PSW"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static string Key(string name) => ConfigurationPath.Combine("Parameters", name);

    private static string? NotEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;

    // 32 random bytes are 43 characters of A-Z a-z 0-9 - _, safe in URLs, shells and connection strings.
    private static string Generate() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    // The tool writes "Parameters:name"; people also write nested objects.
    private static string? Stored(JsonObject store, string name) =>
        NotEmpty((store[Key(name)] ?? (store["Parameters"] as JsonObject)?[name])?.ToString());

    private static JsonObject Read(string file)
    {
        if (!File.Exists(file))
        {
            return [];
        }

        try
        {
            var options = new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
            };
            return JsonNode.Parse(File.ReadAllText(file), documentOptions: options)?.AsObject() ?? [];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException(
                $"The user secrets in {file} are not a JSON object: {problem.Message}",
                problem
            );
        }
    }

    // Written beside the store and moved over it: a reader sees the old file or the new one, never a half.
    private static void Write(string file, JsonObject store)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(
                directory,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var temporary = Path.Combine(directory, Path.GetRandomFileName());
        using (var stream = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(stream, store, Indented);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, file, overwrite: true);
    }
}
