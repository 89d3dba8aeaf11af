using System.ComponentModel.DataAnnotations;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class ConfigurationTests
{
    private const string AWholeNumber = "a whole number from 1 to 65535";

    [Fact]
    public void Right_values_are_bound_and_injectable()
    {
        using var host = Build(
            ("Sample:Port", "81"),
            ("Sample:Pace", "fast"),
            ("Sample:Owner", ""), // as compose writes what is not set
            ("Sample:Hosts:0", "a"),
            ("Sample:Hosts:1", "b")
        );

        var sample = host.Services.GetRequiredService<SampleOptions>();

        Assert.Equal(81, sample.Port);
        Assert.Equal(["a", "b"], sample.Hosts);
        Assert.Equal(SamplePace.Fast, sample.Pace);
        Assert.Null(sample.Owner);
        Assert.Equal(5, sample.High);
        Assert.Same(sample, host.Services.GetRequiredService<IOptions<SampleOptions>>().Value);
    }

    [Theory]
    [InlineData("Key", "tooshort", "8 characters", "at least 32")]
    [InlineData("Key", "", "nothing", "a value")]
    [InlineData("Port", "abc", "\"abc\"", AWholeNumber)]
    [InlineData("Port", "0", "\"0\"", AWholeNumber)]
    [InlineData("Port", "99999999999", "\"99999999999\"", AWholeNumber)]
    [InlineData("Port", "", "nothing", AWholeNumber)]
    [InlineData("Port:Deep", "1", "several values", AWholeNumber)]
    [InlineData("Pin", "12x", "3 characters", "a whole number")]
    [InlineData("Hosts", "a,b", "\"a,b\"", "a list (Sample:Hosts:0, Sample:Hosts:1, …)")]
    [InlineData("Hosts:0", "*", "\"*\"", "no wildcard")]
    [InlineData("Share", "1.5", "\"1.5\"", "a number from 0 to 1")]
    [InlineData("Share", "1,5", "\"1,5\"", "a number from 0 to 1")]
    [InlineData("Name", "Elizabeth", "9 characters", "at most 5")]
    [InlineData("Name", "bob", "\"bob\"", "a capital first")]
    [InlineData("On", "yes", "\"yes\"", "true or false")]
    [InlineData("Owner", "me", "\"me\"", "a UUID")]
    [InlineData("Pace", "slow", "\"slow\"", "one of steady, fast")]
    [InlineData("Pace", "1", "\"1\"", "one of steady, fast")]
    [InlineData("Pace", "", "nothing", "one of steady, fast")]
    [InlineData("Low", "9", "\"9\"", "at most High (5)")]
    [InlineData("Prt", "1", "an unknown name", "one of Key, Port, Pin, Hosts, Share, Name, On, Owner, Pace, Low, High")]
    public void A_wrong_setting_stops_the_start_with_one_line_that_says_what_was_given_and_what_is_expected(
        string key,
        string value,
        string given,
        string expected
    )
    {
        var name = key.Split(':')[0];

        Assert.Equal(
            $"Sample:{name}: given {given}, expected {expected} (environment variable Sample__{name})",
            WhatIsWrongWith(($"Sample:{key}", value)).Message
        );
    }

    [Fact]
    public void All_wrong_settings_of_all_sections_are_reported_at_once()
    {
        var wrong = WhatIsWrongWith(
            ("Sample:Key", "short"),
            ("Sample:Port", "abc"),
            ("Sample:Prt", "1"),
            ("Shutdown:DrainSeconds", "301"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"),
            ("ConnectionStrings:clicknback", " ")
        );

        Assert.Equal(
            [
                "ConnectionStrings:clicknback",
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "Sample:Key",
                "Sample:Port",
                "Sample:Prt",
                "Shutdown:DrainSeconds",
            ],
            wrong.Errors.Select(error => error.Key).Order(StringComparer.Ordinal)
        );
    }

    private static IHost Build(params (string, string?)[] settings)
    {
        var builder = Programs.Worker([
            ("ConnectionStrings:clicknback", "Host=x"),
            ("Sample:Key", new string('k', 32)),
            .. settings,
        ]);
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<SampleOptions>("Sample").AddRequiredConnectionString("clicknback");
        return builder.Build();
    }

    private static InvalidConfigurationException WhatIsWrongWith(params (string, string?)[] settings) =>
        Programs.WhatIsWrongWith(() => Build(settings));

    public enum SamplePace
    {
        Steady,
        Fast,
    }

    public sealed record SampleOptions : IValidatableObject
    {
        [MinLength(32), Required, Secret]
        public string Key { get; init; } = "";

        [Range(1, 65535)]
        public int Port { get; init; } = 80;

        [Secret]
        public int? Pin { get; init; }
        public IReadOnlyList<string> Hosts { get; init; } = ["localhost"];

        [Range(0, 1)]
        public decimal Share { get; init; } = 1;

        [MaxLength(5), RegularExpression("[A-Z].*", ErrorMessage = "a capital first")]
        public string? Name { get; init; }
        public bool On { get; init; }
        public Guid? Owner { get; init; }
        public SamplePace Pace { get; init; }
        public int Low { get; init; } = 1;
        public int High { get; init; } = 5;

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Low > High)
            {
                yield return new ValidationResult($"at most High ({High})", [nameof(Low)]);
            }

            if (Hosts.Contains("*"))
            {
                yield return new ValidationResult("no wildcard", [nameof(Hosts)]);
            }
        }
    }
}
