using System.ComponentModel.DataAnnotations;
using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ClickNBack.Tests.Unit.ServiceDefaults;

public sealed class ConfigurationTests
{
    [Fact]
    public void Right_values_are_bound_and_injectable()
    {
        using var host = Build(("Sample:Key", new string('k', 32)), ("Sample:Port", "81"), ("Sample:Hosts:0", "a"));

        var sample = host.Services.GetRequiredService<SampleOptions>();

        Assert.Equal(81, sample.Port);
        Assert.Equal(["a"], sample.Hosts);
        Assert.Same(sample, host.Services.GetRequiredService<IOptions<SampleOptions>>().Value);
    }

    [Theory]
    [InlineData("Key", "tooshort", "given 8 characters, expected at least 32 (environment variable Sample__Key)")]
    [InlineData("Key", "", "given nothing, expected a value (environment variable Sample__Key)")]
    [InlineData(
        "Port",
        "abc",
        "given \"abc\", expected a whole number from 1 to 65535 (environment variable Sample__Port)"
    )]
    [InlineData(
        "Port",
        "0",
        "given \"0\", expected a whole number from 1 to 65535 (environment variable Sample__Port)"
    )]
    [InlineData(
        "Port",
        "",
        "given nothing, expected a whole number from 1 to 65535 (environment variable Sample__Port)"
    )]
    [InlineData("Pin", "12x", "given 3 characters, expected a whole number (environment variable Sample__Pin)")]
    [InlineData("Mood", "Sad", "given \"Sad\", expected one of Calm, Brave (environment variable Sample__Mood)")]
    [InlineData("Mood", "7", "given \"7\", expected one of Calm, Brave (environment variable Sample__Mood)")]
    [InlineData(
        "Hosts",
        "a,b",
        "given \"a,b\", expected a list (Sample:Hosts:0, Sample:Hosts:1, …) (environment variable Sample__Hosts)"
    )]
    [InlineData("Limits:0", "x", "given \"x\", expected a whole number (environment variable Sample__Limits__0)")]
    [InlineData(
        "Inner:Share",
        "1.5",
        "given \"1.5\", expected a number from 0 to 1 (environment variable Sample__Inner__Share)"
    )]
    [InlineData("Low", "9", "given \"9\", expected at most High (5) (environment variable Sample__Low)")]
    [InlineData(
        "Prt",
        "1",
        "given an unknown name, expected one of Key, Port, Pin, Mood, Hosts, Limits, Inner, Low, High (environment variable Sample__Prt)"
    )]
    [InlineData(
        "Port:Deep",
        "1",
        "given several values, expected a whole number from 1 to 65535 (environment variable Sample__Port)"
    )]
    [InlineData(
        "Inner:Shore",
        "1",
        "given an unknown name, expected one of Share (environment variable Sample__Inner__Shore)"
    )]
    public void A_wrong_key_stops_the_start_with_one_line_that_says_what_was_given_and_what_is_expected(
        string key,
        string value,
        string message
    )
    {
        var wrong = WhatIsWrongWith(("Sample:Key", new string('k', 32)), ($"Sample:{key}", value));

        var line = Assert.Single(wrong.Message.Split('\n'));
        Assert.EndsWith($": {message}", line, StringComparison.Ordinal);
        Assert.StartsWith($"Sample:{key.Split(":Deep")[0]}", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Code", "ABCD", "given 4 characters, expected 2 to 3")]
    [InlineData("Name", "Elizabeth", "given 9 characters, expected at most 5")]
    [InlineData("Tags:0", "a", "given 1 item, expected 2 to 3")]
    [InlineData("Level", "3", "given \"3\", expected one of 1, 2")]
    [InlineData("Colour", "RED", "given \"RED\", expected text that matches [a-z]+")]
    [InlineData("Site", "shop", "given \"shop\", expected an absolute http, https or ftp URL")]
    [InlineData("Even", "3", "given \"3\", expected an even number")]
    [InlineData(
        "Pause",
        "5s",
        "given \"5s\", expected a duration (days.hours:minutes:seconds) from 00:00:01 to 00:01:00"
    )]
    [InlineData(
        "Pause",
        "5",
        "given \"5.00:00:00\", expected a duration (days.hours:minutes:seconds) from 00:00:01 to 00:01:00"
    )]
    [InlineData("Owner", "me", "given \"me\", expected a UUID")]
    [InlineData("On", "yes", "given \"yes\", expected true or false")]
    [InlineData("Since", "soon", "given \"soon\", expected a date and time (ISO 8601)")]
    [InlineData("Day", "soon", "given \"soon\", expected a date (ISO 8601)")]
    public void Each_rule_says_what_it_expects(string key, string value, string message)
    {
        var builder = Programs.Worker(($"Rules:{key}", value));
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<RulesOptions>("Rules");

        var line = Programs.WhatIsWrongWith(builder.Build).Message;

        Assert.StartsWith($"Rules:{key.Split(':')[0]}: {message} (", line, StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_keys_of_all_sections_are_reported_at_once()
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

    [Fact]
    public void A_section_inside_another_may_have_a_record_of_its_own()
    {
        var builder = Programs.Worker(("Outer:Inner:Share", "0.5"), ("Outer:Low", "1"));
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<OuterOptions>("Outer").AddValidatedOptions<InnerOptions>("Outer:Inner");

        using var host = builder.Build();

        Assert.Equal(0.5m, host.Services.GetRequiredService<InnerOptions>().Share);
    }

    [Fact]
    public void An_absent_section_gives_the_defaults()
    {
        var builder = Programs.Worker();
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<OuterOptions>("Absent");

        using var host = builder.Build();

        Assert.Equal(3, host.Services.GetRequiredService<OuterOptions>().Low);
    }

    private static IHost Build(params (string, string?)[] settings)
    {
        var builder = Programs.Worker([("ConnectionStrings:clicknback", "Host=x"), .. settings]);
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<SampleOptions>("Sample").AddRequiredConnectionString("clicknback");
        return builder.Build();
    }

    private static InvalidConfigurationException WhatIsWrongWith(params (string, string?)[] settings) =>
        Programs.WhatIsWrongWith(() => Build(settings));

    public enum Mood
    {
        Calm = 1,
        Brave = 2,
    }

    public sealed record SampleOptions : IValidatableObject
    {
        [Required, MinLength(32), Secret]
        public string Key { get; init; } = "";

        [Range(1, 65535)]
        public int Port { get; init; } = 80;

        [Secret]
        public int? Pin { get; init; }
        public Mood Mood { get; init; } = Mood.Calm;
        public IReadOnlyList<string> Hosts { get; init; } = [];
        public int[] Limits { get; init; } = [];
        public InnerOptions Inner { get; init; } = new();
        public int Low { get; init; } = 1;
        public int High { get; init; } = 5;

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
            Low > High ? [new ValidationResult($"at most High ({High})", [nameof(Low)])] : [];
    }

    public sealed record RulesOptions
    {
        [StringLength(3, MinimumLength = 2)]
        public string? Code { get; init; }

        [MaxLength(5)]
        public string? Name { get; init; }

        [Length(2, 3)]
        public IReadOnlyList<string>? Tags { get; init; }

        [AllowedValues(1, 2)]
        public int Level { get; init; } = 1;

        [RegularExpression("[a-z]+")]
        public string? Colour { get; init; }

        [Url]
        public string? Site { get; init; }

        [AllowedValues(2, 4, ErrorMessage = "an even number")]
        public int Even { get; init; } = 2;

        [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
        public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);
        public Guid? Owner { get; init; }
        public bool On { get; init; }
        public DateTimeOffset? Since { get; init; }
        public DateOnly? Day { get; init; }
    }

    public sealed record InnerOptions
    {
        [Range(typeof(decimal), "0", "1")]
        public decimal Share { get; init; } = 1;
    }

    public sealed record OuterOptions
    {
        public int Low { get; init; } = 3;
    }
}
