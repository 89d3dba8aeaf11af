using System.ComponentModel.DataAnnotations;
using System.Text;
using ClickNBack.Api.Http;
using ClickNBack.Api.Money;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ClickNBack.Tests.Unit;

public sealed class RequestBinderTests
{
    [Theory]
    [InlineData("5", 5)]
    [InlineData("\"5\"", 5)]
    [InlineData("0.01", 0.01)]
    [InlineData("1e2", 100)]
    [InlineData("9999999999.99", 9999999999.99)]
    [InlineData("5.10000", 5.1)]
    public void An_amount_is_a_number_or_a_text(string json, double expected)
    {
        var (request, violations) = Read<Sum>(json);

        Assert.Empty(violations);
        Assert.Equal((decimal)expected, request.It);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-0.01")]
    [InlineData("10000000000")]
    [InlineData("0.001")]
    [InlineData("1e999999")]
    [InlineData("1e-999999")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"1,5\"")]
    [InlineData("\"0x10\"")]
    [InlineData("\"\"")]
    [InlineData("\"５\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("true")]
    [InlineData("[5]")]
    [InlineData("{}")]
    [InlineData("null")]
    public void What_is_no_amount_is_one_violation(string json)
    {
        Assert.Equal("it", Assert.Single(Read<Sum>(json).Violations).Field);
    }

    [Theory]
    [InlineData("\"A1B2C3D4-E5F6-4A7B-8C9D-0E1F2A3B4C5D\"", true)]
    [InlineData("\"a1b2c3d4e5f64a7b8c9d0e1f2a3b4c5d\"", false)]
    [InlineData("\"{a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d}\"", false)]
    [InlineData("5", false)]
    [InlineData("\"\\udc00\"", false)]
    public void An_identifier_is_a_uuid_with_hyphens(string json, bool valid)
    {
        Assert.Equal(valid, Read<Id>(json).Violations.Count == 0);
    }

    [Theory]
    [InlineData("\"2026-02-28\"", true)]
    [InlineData("\"2026-02-28T00:00:00Z\"", true)]
    [InlineData("\"2026-02-28T00:00:00\"", true)]
    [InlineData("\"2026-02-28T12:00:00Z\"", false)]
    [InlineData("\"2026-02-30\"", false)]
    [InlineData("\"28.02.2026\"", false)]
    [InlineData("\"10000-01-01\"", false)]
    [InlineData("20260228", false)]
    public void A_date_is_a_day_or_its_midnight(string json, bool valid)
    {
        var (request, violations) = Read<Date>(json);

        Assert.Equal(valid, violations.Count == 0);
        Assert.Equal(valid ? new DateOnly(2026, 2, 28) : default, request.It);
    }

    [Theory]
    [InlineData("\"abc\"", true)]
    [InlineData("\"\"", false)]
    [InlineData("\"abcd\"", false)]
    [InlineData("\"a\\u0000\"", false)]
    [InlineData("\"\\ud83d\"", false)]
    [InlineData("7", false)]
    public void A_text_has_its_length_and_no_nul(string json, bool valid)
    {
        Assert.Equal(valid, Read<Text>(json).Violations.Count == 0);
    }

    [Fact]
    public void A_nested_field_is_named_by_its_path()
    {
        Assert.Equal("it.it", Assert.Single(Read<Nested>("""{"it":5}""").Violations).Field);
    }

    [Theory]
    [InlineData("""{}""", "shape is required")]
    [InlineData("""{"shape":null,"content":null,"size":null}""", "shape is required")]
    [InlineData(
        """{"shape":"oval","content":{},"size":"1"}""",
        "shape must be one of round, square, size must be a whole number"
    )]
    [InlineData("""{"shape":"round","content":5,"size":11}""", "content must be an object, size must be from 1 to 10")]
    [InlineData("""{"shape":"round","content":{"edge":1}}""", "content.radius is required")]
    [InlineData("""{"shape":"square","content":{"edge":"x"}}""", "content.edge must be a finite number")]
    public void Every_wrong_field_is_named_at_once(string json, string expected)
    {
        var (_, violations) = ReadWhole<Figure>(json);

        Assert.Equal(expected, string.Join(", ", violations.Select(it => $"{it.Field} {it.Reason}")));
    }

    [Fact]
    public void What_depends_on_another_field_has_the_type_that_is_called_like_its_value()
    {
        var (request, violations) = ReadWhole<Figure>("""{"shape":"square","content":{"edge":"2.5"},"size":null}""");

        Assert.Empty(violations);
        Assert.Equal(new Outline.Square { Edge = 2.5m }, request.Content);
        Assert.Equal(7, request.Size);
        Assert.IsType<Outline.Round>(ReadWhole<Figure>("""{"shape":"round","content":{"radius":1}}""").Request.Content);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("""{"\ud800":1}""")]
    public void What_is_no_object_is_no_request(string json)
    {
        Assert.Null(RequestBinder.ReadBody(typeof(Text), Encoding.UTF8.GetBytes(json), []));
    }

    [Theory]
    [InlineData("?flag=TRUE&whole=-5", "")]
    [InlineData("?flag=true&flag=false", "")]
    [InlineData("?flag=1&whole=1.5", "flag must be true or false, whole must be a whole number")]
    [InlineData("?whole=%205", "whole must be a whole number")]
    [InlineData("?flag=&whole=", "flag must be true or false, whole must be a whole number")]
    [InlineData("?whole=9223372036854775808", "whole must be a whole number")]
    public void A_query_string_is_read_by_the_same_rules(string query, string expected)
    {
        var violations = new List<Violation>();

        RequestBinder.ReadQuery(typeof(Parameters), new QueryCollection(QueryHelpers.ParseQuery(query)), violations);

        Assert.Equal(expected, string.Join(", ", violations.Select(it => $"{it.Field} {it.Reason}")));
    }

    private static (T Request, List<Violation> Violations) Read<T>(string json)
        where T : class => ReadWhole<T>($$"""{"it":{{json}}}""");

    private static (T Request, List<Violation> Violations) ReadWhole<T>(string json)
        where T : class
    {
        var violations = new List<Violation>();
        var request = RequestBinder.ReadBody(typeof(T), Encoding.UTF8.GetBytes(json), violations);
        return (Assert.IsType<T>(request), violations);
    }

    internal sealed record Sum
    {
        [Amount]
        public required decimal It { get; init; }
    }

    internal sealed record Id
    {
        public required Guid It { get; init; }
    }

    internal sealed record Date
    {
        public required DateOnly It { get; init; }
    }

    internal sealed record Text
    {
        [StringLength(3, MinimumLength = 1)]
        public required string It { get; init; }
    }

    internal sealed record Nested
    {
        public required Text It { get; init; }
    }

    internal sealed record Parameters
    {
        public bool? Flag { get; init; }

        public long? Whole { get; init; }
    }

    internal enum Shape
    {
        Round,
        Square,
    }

    internal sealed record Figure
    {
        public required Shape Shape { get; init; }

        [DependsOn(nameof(Shape))]
        public required Outline Content { get; init; }

        [Range(1, 10)]
        public int Size { get; init; } = 7;
    }

    internal abstract record Outline
    {
        public sealed record Round : Outline
        {
            public required decimal Radius { get; init; }
        }

        public sealed record Square : Outline
        {
            public required decimal Edge { get; init; }
        }
    }
}
