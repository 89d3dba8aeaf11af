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
        Environment.SetEnvironmentVariable($"{prefix}__Key_FILE", Write("from a file"));
        try
        {
            var builder = Programs.Worker();
            builder.AddServiceDefaults();

            Assert.Equal("from a file", builder.Configuration[$"{prefix}:Key"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable($"{prefix}__Key_FILE", null);
        }
    }

    [Fact]
    public void A_missing_secret_file_stops_the_start_and_names_the_key()
    {
        var path = Path.Combine(_folder.FullName, "absent");

        var error = TheErrorWith(("Vault:Key_FILE", path));

        Assert.Equal("Vault:Key_FILE", error.Key);
        Assert.Contains("(environment variable Vault__Key_FILE)", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("does not exist", error.Given, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_instead_of_a_secret_file_stops_the_start() =>
        Assert.Contains(
            "a directory",
            TheErrorWith(("Vault:Key_FILE", _folder.FullName)).Given,
            StringComparison.Ordinal
        );

    [Fact]
    public void An_empty_secret_file_stops_the_start() =>
        Assert.Contains("empty", TheErrorWith(("Vault:Key_FILE", Write("\n"))).Given, StringComparison.Ordinal);

    [Fact]
    public void A_huge_secret_file_stops_the_start() =>
        Assert.Contains(
            "64 KiB",
            TheErrorWith(("Vault:Key_FILE", Write(new string('x', 70_000)))).Given,
            StringComparison.Ordinal
        );

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
