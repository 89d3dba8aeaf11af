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
