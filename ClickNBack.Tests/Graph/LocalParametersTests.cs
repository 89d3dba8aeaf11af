#if !ASPIRE
using ClickNBack.AppHost;
using ClickNBack.AppHost.Standalone;
using Microsoft.Extensions.Configuration;

namespace ClickNBack.Tests.Graph;

public sealed class LocalParametersTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("clicknback-secrets-");

    private string Store => Path.Combine(folder.FullName, "deep", "secrets.json");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_missing_secret_is_generated_once()
    {
        var first = Configuration();
        LocalParameters.EnsureGenerated(first, Store, "signing-key", "password");
        var second = Configuration();
        LocalParameters.EnsureGenerated(second, Store, "signing-key", "password");

        Assert.Matches("^[A-Za-z0-9_-]{32,}$", first["Parameters:signing-key"]);
        Assert.NotEqual(first["Parameters:signing-key"], first["Parameters:password"]);
        Assert.Equal(first["Parameters:signing-key"], second["Parameters:signing-key"]);
        Assert.Equal(Store, Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Store)!)));
        Assert.True(
            OperatingSystem.IsWindows()
                || File.GetUnixFileMode(Store) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)
        );
    }

    [Theory]
    [InlineData("Parameters:signing-key")]
    [InlineData("Parameters:signing_key")]
    public void A_configured_value_wins_and_nothing_is_stored(string key)
    {
        var configuration = Configuration((key, "mine"));
        LocalParameters.EnsureGenerated(configuration, Store, "signing-key");

        Assert.Equal("mine", LocalParameters.Find(configuration, "signing-key"));
        Assert.False(File.Exists(Store));
    }

    [Fact]
    public void What_else_is_in_the_store_stays()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Store)!);
        File.WriteAllText(Store, """{ "Other": "kept", "Parameters": { "password": "nested" }, /* by hand */ }""");
        var configuration = Configuration();
        LocalParameters.EnsureGenerated(configuration, Store, "password", "signing-key");

        Assert.Equal("nested", configuration["Parameters:password"]);
        var stored = new ConfigurationBuilder().AddJsonFile(Store).Build();
        Assert.Equal("kept", stored["Other"]);
        Assert.Equal("nested", stored["Parameters:password"]);
        Assert.Equal(configuration["Parameters:signing-key"], stored["Parameters:signing-key"]);
    }

    [Fact]
    public void A_broken_store_is_a_clear_error()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Store)!);
        File.WriteAllText(Store, "[1]");

        Assert.Contains(
            Store,
            Assert
                .Throws<InvalidDataException>(() => LocalParameters.EnsureGenerated(Configuration(), Store, "x"))
                .Message
        );
    }

    [Fact]
    public void A_parameter_that_is_no_secret_needs_a_value()
    {
        var manifest = Manifest.Parse(
            """{"resources":{"region":{"type":"parameter.v0","value":"{region.inputs.value}","inputs":{"value":{"type":"string"}}}}}"""
        );
        var without = new Parameters(Settings.Load([$"--Secrets:File={Store}"]), manifest);
        var with = new Parameters(Settings.Load([$"--Secrets:File={Store}", "--Parameters:region=north"]), manifest);

        Assert.Contains(
            "--Parameters:region",
            Assert.Throws<SetupException>(() => without.ValueOf(manifest.Resources[0])).Message
        );
        Assert.Equal("north", with.ValueOf(manifest.Resources[0]));
    }

    [Fact]
    public void Secrets_and_control_characters_are_kept_out_of_what_people_see()
    {
        var secrets = new Secrets("***");
        secrets.Hide(Secrets.InConnectionString("Host=db;Password=hunter2"));
        secrets.Hide(["abc"]);

        Assert.Equal("Password=*** red abc", secrets.Clean("Password=hunter2 \x1B[31mred\x1B[0m abc\a"));
    }

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(each => KeyValuePair.Create(each.Key, (string?)each.Value)))
            .Build();
}
#endif
