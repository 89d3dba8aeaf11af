using System.Buffers.Text;
using System.Text;
using ClickNBack.Api.Auth;

namespace ClickNBack.Tests.Unit;

public sealed class JwsTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("a key of the tests, 32 characters or more");
    private static readonly byte[] OtherKey = Encoding.UTF8.GetBytes("another key of the tests, 32 characters");
    private static readonly byte[] Payload = """{"sub":"somebody"}"""u8.ToArray();

    // RFC 7515, appendix A.1
    private const string RfcKey =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    private const string RfcToken =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    [Fact]
    public void The_example_of_the_standard_is_verified()
    {
        var payload = Jws.Verify(RfcToken, Base64Url.DecodeFromChars(RfcKey));

        Assert.Equal(
            "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}",
            Encoding.UTF8.GetString(payload!)
        );
    }

    [Fact]
    public void What_was_signed_is_verified()
    {
        Assert.Equal(Payload, Jws.Verify(Jws.Sign(Payload, Key), Key));
    }

    [Fact]
    public void Any_of_several_keys_verifies_and_no_other()
    {
        var token = Jws.Sign(Payload, OtherKey);

        Assert.Equal(Payload, Jws.Verify(token, Key, OtherKey));
        Assert.Null(Jws.Verify(token, Key));
        Assert.Null(Jws.Verify(token));
    }

    [Fact]
    public void A_change_of_any_single_character_is_noticed()
    {
        var token = Jws.Sign(Payload, Key);

        for (var i = 0; i < token.Length; i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Null(Jws.Verify(new string(changed), Key));
        }
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":"hs256"}""")]
    [InlineData("""{"alg":"HS384"}""")]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":null}""")]
    [InlineData("""{"alg":["HS256"]}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","crit":["exp"]}""")]
    [InlineData("""["HS256"]""")]
    [InlineData("\"HS256\"")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void Another_header_is_refused_even_with_a_right_signature(string header)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Payload)}";
        var signature = System.Security.Cryptography.HMACSHA256.HashData(Key, Encoding.ASCII.GetBytes(signed));

        Assert.Null(Jws.Verify($"{signed}.{Base64Url.EncodeToString(signature)}", Key));
        Assert.Null(Jws.Verify($"{signed}.", Key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c.d")]
    [InlineData("ä.ö.ü")]
    [InlineData("a b.c.d")]
    [InlineData("\0.\0.\0")]
    public void What_is_no_token_is_refused(string? token)
    {
        Assert.Null(Jws.Verify(token, Key));
    }

    [Fact]
    public void A_token_has_one_spelling()
    {
        var token = Jws.Sign(Payload, Key);

        Assert.Null(Jws.Verify(token + "=", Key));
        Assert.Null(Jws.Verify(token + " ", Key));
        Assert.Null(Jws.Verify(" " + token, Key));
        Assert.Null(Jws.Verify(token + "\n", Key));
        Assert.Null(Jws.Verify(token.Replace('.', '!'), Key));
    }

    [Fact]
    public void A_token_that_is_too_long_is_not_looked_at()
    {
        var fits = Jws.Sign(new byte[3000], Key);
        var tooLong = Jws.Sign(new byte[4000], Key);

        Assert.NotNull(Jws.Verify(fits, Key));
        Assert.Null(Jws.Verify(tooLong, Key));
    }
}
