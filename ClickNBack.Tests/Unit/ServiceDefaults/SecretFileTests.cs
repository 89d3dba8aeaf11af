using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class SecretFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clicknback-secrets-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("s3cret value\n")]
    [InlineData("s3cret value\r\n")]
    [InlineData("s3cret value")]
    public void A_setting_may_come_from_a_file_without_its_trailing_newline(string content)
    {
        var builder = Programs.Worker(("Vault:Key_FILE", Write(content)));
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<VaultOptions>("Vault");

        using var host = builder.Build();

        Assert.Equal("s3cret value", host.Services.GetRequiredService<VaultOptions>().Key);
    }

    [Fact]
    public void A_variable_of_the_environment_may_name_the_file()
    {
        var prefix = $"T{Guid.CreateVersion7():N}";
        var path = Path.Combine(AppContext.BaseDirectory, "ClickNBack.Tests.runtimeconfig.json");
        Environment.SetEnvironmentVariable($"{prefix}__Key_FILE", path); // a file that other tests can read as well
        try
        {
            var builder = Programs.Worker();
            builder.AddServiceDefaults();

            Assert.Equal(File.ReadAllText(path).TrimEnd(), builder.Configuration[$"{prefix}:Key"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable($"{prefix}__Key_FILE", null);
        }
    }

    [Theory]
    [InlineData("absent", null, "does not exist")]
    [InlineData("", null, "is a directory")]
    [InlineData("secret", 0, "is empty")]
    [InlineData("secret", 70_000, "is longer than 64 KiB")]
    public void A_file_that_cannot_be_the_secret_stops_the_start_and_names_the_setting(
        string name,
        int? length,
        string problem
    )
    {
        if (length is { } characters)
        {
            Write(new string('x', characters) + "\n");
        }

        var path = Path.Combine(_folder.FullName, name);

        Assert.Equal(
            $"Vault:Key_FILE: given {path}, which {problem}, expected a readable text file with the value (environment variable Vault__Key_FILE)",
            TheErrorWith(("Vault:Key_FILE", path)).ToString()
        );
    }

    [Fact]
    public void A_setting_and_its_file_together_stop_the_start_and_neither_value_is_shown()
    {
        var error = TheErrorWith(("Vault:Key", "hunter2-in-clear"), ("Vault:Key_FILE", Write("hunter3-in-file")));

        Assert.Equal("Vault:Key_FILE", error.Key);
        Assert.DoesNotContain("hunter", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_setting_beside_its_file_counts_as_not_set()
    {
        var builder = Programs.Worker(("Vault:Key", ""), ("Vault:Key_FILE", Write("from a file")));
        builder.AddServiceDefaults();

        Assert.Equal("from a file", builder.Configuration["Vault:Key"]);
    }

    [Fact]
    public void Variables_of_other_software_are_left_alone()
    {
        var builder = Programs.Worker(("SSL_CERT_FILE", Path.Combine(_folder.FullName, "absent")));
        builder.AddServiceDefaults();

        using var host = builder.Build();

        Assert.Null(builder.Configuration["SSL_CERT"]);
    }

    private string Write(string content)
    {
        var path = Path.Combine(_folder.FullName, "secret");
        File.WriteAllText(path, content);
        return path;
    }

    private static ConfigurationError TheErrorWith(params (string, string?)[] settings)
    {
        var builder = Programs.Worker(settings);
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<VaultOptions>("Vault");
        return Assert.Single(Programs.WhatIsWrongWith(builder.Build).Errors);
    }

    public sealed record VaultOptions
    {
        [System.ComponentModel.DataAnnotations.Required, Secret]
        public string Key { get; init; } = "";
    }
}
