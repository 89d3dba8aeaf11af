using System.Text.Json;
using ClickNBack.Api.Http;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;

namespace ClickNBack.Tests.Unit;

public sealed class CashbackRuleTests
{
    [Theory]
    [InlineData("5", "100.50", "5.02")]
    [InlineData("5", "100.70", "5.04")]
    [InlineData("5", "0.10", "0.00")]
    [InlineData("5", "0.30", "0.02")]
    [InlineData("5", "49.50", "2.48")]
    [InlineData("20", "9999999999.99", "2000000000.00")]
    [InlineData("0.000001", "9999999999.99", "100.00")]
    public void A_percentage_is_rounded_half_to_even(string percent, string amount, string cashback)
    {
        var raw = Cashback.Of(CashbackType.Percent, decimal.Parse(percent), decimal.Parse(amount));

        Assert.Equal(decimal.Parse(cashback), raw);
    }

    [Theory]
    [InlineData("2.505", "2.50")]
    [InlineData("2.515", "2.52")]
    [InlineData("3", "3.00")]
    public void A_fixed_amount_does_not_depend_on_the_purchase(string value, string cashback)
    {
        Assert.Equal(decimal.Parse(cashback), Cashback.Of(CashbackType.Fixed, decimal.Parse(value), 0.01m));
    }

    [Theory]
    [InlineData("10", "50", "0", "10")]
    [InlineData("10", "50", "45", "5")]
    [InlineData("10", "50", "50", "0")]
    [InlineData("10", "50", "60", "0")]
    public void A_cap_leaves_what_is_left_of_it(string raw, string cap, string credited, string left)
    {
        Assert.Equal(
            decimal.Parse(left),
            Cashback.Capped(decimal.Parse(raw), decimal.Parse(cap), decimal.Parse(credited))
        );
    }
}

public sealed class PasswordRuleTests
{
    [Theory]
    [InlineData("Str0ng!Pass", null)]
    [InlineData("Aa1 aaaa", null)] // a blank is special
    [InlineData("Aa1äaaaa", null)] // so is what is not ASCII
    [InlineData("Aa1!aaa", "characters")]
    [InlineData("aa1!aaaa", "upper-case")]
    [InlineData("Äa1!aaaa", "upper-case")] // and is no letter of the rules
    [InlineData("AA1!AAAA", "lower-case")]
    [InlineData("Aaa!aaaa", "digit")]
    [InlineData("Aa1aaaaa", "no letter and no digit")]
    [InlineData("", "characters")]
    public void The_first_broken_rule_is_named(string password, string? rule)
    {
        var violation = PasswordPolicy.FirstViolation(password);

        if (rule is null)
        {
            Assert.Null(violation);
        }
        else
        {
            Assert.Contains(rule, violation);
        }
    }
}

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("a@b.de", "a@b.de")]
    [InlineData("First.Last+tag@Sub.Example.COM", "First.Last+tag@sub.example.com")]
    [InlineData("o'neill@example.org", "o'neill@example.org")]
    public void An_address_keeps_its_local_part_and_its_domain_in_lower_case(string given, string kept)
    {
        Assert.True(EmailAddress.TryParse(given, out var email));
        Assert.Equal(kept, email.Address);
        Assert.Equal(kept.ToUpperInvariant(), email.Normalized);
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("@b.de")]
    [InlineData("a@b")]
    [InlineData("a@b..de")]
    [InlineData("a@.de")]
    [InlineData("a@-b.de")]
    [InlineData("a@b.de-")]
    [InlineData("a b@c.de")]
    [InlineData(" a@b.de")]
    [InlineData("a@b.de\n")]
    [InlineData("a\0@b.de")]
    [InlineData("Somebody <a@b.de>")]
    [InlineData("\"quoted\"@b.de")]
    [InlineData("a@b.de,c@d.de")]
    [InlineData("a@[127.0.0.1]")]
    public void What_is_no_plain_address_is_refused(string given)
    {
        Assert.False(EmailAddress.TryParse(given, out _));
    }

    [Fact]
    public void An_address_is_no_longer_than_mail_can_be_delivered_to()
    {
        Assert.True(EmailAddress.TryParse(new string('a', 64) + "@b.de", out _));
        Assert.False(EmailAddress.TryParse(new string('a', 65) + "@b.de", out _));
        Assert.False(EmailAddress.TryParse("a@" + string.Concat(Enumerable.Repeat("abcdefgh.", 30)) + "de", out _));
    }
}

public sealed class FieldsTests
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
        var fields = Of(json);

        var amount = fields.Amount("it");

        Assert.Empty(fields.Violations);
        Assert.Equal((decimal)expected, amount);
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
        var fields = Of(json);

        fields.Amount("it");

        Assert.Equal("it", Assert.Single(fields.Violations).Field);
    }

    [Theory]
    [InlineData("\"A1B2C3D4-E5F6-4A7B-8C9D-0E1F2A3B4C5D\"", true)]
    [InlineData("\"a1b2c3d4e5f64a7b8c9d0e1f2a3b4c5d\"", false)]
    [InlineData("\"{a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d}\"", false)]
    [InlineData("5", false)]
    [InlineData("\"\\udc00\"", false)]
    public void An_identifier_is_a_uuid_with_hyphens(string json, bool valid)
    {
        var fields = Of(json);

        fields.Id("it");

        Assert.Equal(valid, fields.Violations.Count == 0);
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
        var fields = Of(json);

        var date = fields.Date("it");

        Assert.Equal(valid, fields.Violations.Count == 0);
        Assert.Equal(valid ? new DateOnly(2026, 2, 28) : default, date);
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
        var fields = Of(json);

        fields.Text("it", 1, 3);

        Assert.Equal(valid, fields.Violations.Count == 0);
    }

    [Fact]
    public void A_nested_field_is_named_by_its_path()
    {
        var fields = Fields.Of(JsonDocument.Parse("""{"outer":{"inner":5}}""").RootElement);

        fields.Nested("outer").Text("inner");

        Assert.Equal("outer.inner", Assert.Single(fields.Violations).Field);
    }

    private static Fields Of(string json) => Fields.Of(JsonDocument.Parse($$"""{"it":{{json}}}""").RootElement);
}
