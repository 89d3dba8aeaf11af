using ClickNBack.Api.Auth;
using ClickNBack.Api.Users;
using ClickNBack.ServiceDefaults;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ClickNBack.Tests.Unit;

public sealed class TokenServiceTests
{
    private const string Key = "a key of the tests, 32 characters or more";
    private const string OtherKey = "another key of the tests, 32 characters";
    private const string User = "0199c1f0-0000-7000-8000-000000000001";
    private const string Claims = $$"""{"user_id":"{{User}}","token_type":"access","exp":4102444800}""";

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task What_was_issued_is_read_as_its_own_kind_and_no_other()
    {
        var tokens = Service();
        var id = new Guid(User);
        var login = new Guid("7e57da7a-0000-4000-8000-000000000001");

        Assert.Equal(
            new ReadToken(TokenState.Valid, id, login),
            await tokens.ReadAccessTokenAsync(tokens.IssueAccessToken(id, Role.Admin, login))
        );
        Assert.Equal(
            new ReadToken(TokenState.Valid, id, default),
            await tokens.ReadRefreshTokenAsync(tokens.IssueRefreshToken(id))
        );
        Assert.Equal(default, await tokens.ReadAccessTokenAsync(tokens.IssueRefreshToken(id)));
        Assert.Equal(default, await tokens.ReadRefreshTokenAsync(tokens.IssueAccessToken(id, Role.User, Guid.Empty)));
    }

    [Fact]
    public async Task A_token_expires_at_its_second()
    {
        var tokens = Service();
        var token = tokens.IssueAccessToken(new Guid(User), Role.User, Guid.Empty);
        _clock.Advance(tokens.AccessLifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(TokenState.Valid, (await tokens.ReadAccessTokenAsync(token)).State);

        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TokenState.Expired, (await tokens.ReadAccessTokenAsync(token)).State);
        Assert.Equal(TokenState.Invalid, (await tokens.ReadRefreshTokenAsync(token)).State);
    }

    [Fact]
    public void Two_refresh_tokens_of_the_same_moment_differ()
    {
        var tokens = Service();

        Assert.NotEqual(tokens.IssueRefreshToken(new Guid(User)), tokens.IssueRefreshToken(new Guid(User)));
    }

    [Fact]
    public async Task The_previous_key_verifies_and_no_longer_signs()
    {
        var before = Service(OtherKey);
        var during = Service(Key, OtherKey);
        var after = Service(Key);

        Assert.Equal(TokenState.Valid, await StateAsync(Jwt.Sign(Claims, OtherKey), during));
        Assert.Equal(
            TokenState.Valid,
            await StateAsync(during.IssueAccessToken(new Guid(User), Role.User, Guid.Empty), after)
        );
        Assert.Equal(
            TokenState.Invalid,
            await StateAsync(during.IssueAccessToken(new Guid(User), Role.User, Guid.Empty), before)
        );
        Assert.Equal(TokenState.Invalid, await StateAsync(Jwt.Sign(Claims, OtherKey), after));
    }

    [Fact]
    public async Task A_change_of_any_single_character_is_noticed()
    {
        var tokens = Service();
        var token = Jwt.Sign(Claims, Key);
        Assert.Equal(TokenState.Valid, await StateAsync(token, tokens));

        for (var i = 0; i < token.Length; i++)
        {
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            Assert.Equal(TokenState.Invalid, await StateAsync(new string(changed), tokens));
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
    [InlineData("""{"alg":"\ud800"}""")]
    [InlineData("""{"alg":"HS256","kid":"\ud800"}""")]
    [InlineData("""{"alg":"HS256","typ":"\udc00"}""")]
    [InlineData("""{"\ud800":"HS256"}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","crit":["exp"]}""")]
    [InlineData("""["HS256"]""")]
    [InlineData("\"HS256\"")]
    [InlineData("null")]
    [InlineData("neither JSON nor base64")]
    [InlineData("")]
    public async Task Another_header_is_refused_even_with_a_right_signature(string header)
    {
        Assert.Equal(TokenState.Invalid, await StateAsync(Jwt.Sign(Claims, Key, header)));
        Assert.Equal(TokenState.Invalid, await StateAsync($"{Jwt.Part(header)}.{Jwt.Part(Claims)}."));
        Assert.Equal(TokenState.Invalid, await StateAsync($"{Jwt.Part(header)}..."));
        Assert.Equal(TokenState.Invalid, await StateAsync($"{Jwt.Part(header)}.a.b.c.d"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("neither JSON nor base64")]
    [InlineData("""{"user_id":"USER","token_type":"access"}""")]
    [InlineData("""{"user_id":"USER","token_type":"access","exp":"soon"}""")]
    [InlineData("""{"user_id":"USER","token_type":"access","exp":1e400}""")]
    [InlineData("""{"user_id":"USER","token_type":"access","exp":-99999999999999999999}""")]
    [InlineData("""{"user_id":"USER","token_type":"\ud800","exp":4102444800}""")]
    [InlineData("""{"user_id":"USER","token_type":["access"],"exp":4102444800}""")]
    [InlineData("""{"user_id":"\ud800","token_type":"access","exp":4102444800}""")]
    [InlineData("""{"user_id":"somebody","token_type":"access","exp":4102444800}""")]
    [InlineData("""{"user_id":7,"token_type":"access","exp":4102444800}""")]
    [InlineData("""{"user_id":null,"token_type":"access","exp":4102444800}""")]
    [InlineData("""{"token_type":"access","exp":4102444800}""")]
    [InlineData("""{"user_id":"USER","exp":4102444800}""")]
    public async Task Without_the_claims_it_must_have_it_is_refused_even_with_a_right_signature(string claims) =>
        Assert.Equal(
            TokenState.Invalid,
            await StateAsync(Jwt.Sign(claims.Replace("USER", User, StringComparison.Ordinal), Key))
        );

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("....")]
    [InlineData("a.b.c.d")]
    [InlineData("ä.ö.ü")]
    [InlineData("a b.c.d")]
    [InlineData("\0.\0.\0")]
    public async Task What_is_no_token_is_refused(string? token) =>
        Assert.Equal(TokenState.Invalid, await StateAsync(token));

    [Fact]
    public async Task A_token_has_one_encoding()
    {
        var token = Jwt.Sign(Claims, Key);
        var parts = token.Split('.');
        string[] encodings =
        [
            token + "=",
            token + " ",
            " " + token,
            token + "\n",
            token + ".",
            $"{parts[0]}=.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}=.{parts[2]}",
            token.Replace('.', '!'),
        ];

        Assert.All(
            await Task.WhenAll(encodings.Select(it => StateAsync(it))),
            state => Assert.Equal(TokenState.Invalid, state)
        );
    }

    [Fact]
    public async Task Every_other_encoding_of_a_signature_is_refused()
    {
        // The last of 43 characters carries 4 bits of 256, and 2 that nobody needs; and some signature has a - or a _.
        for (var i = 0; i < 64; i++)
        {
            var token = Jwt.Sign(Claims.Replace("exp", $"n{i}\":0,\"exp", StringComparison.Ordinal), Key);
            Assert.Equal(TokenState.Valid, await StateAsync(token));
            const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            var last = alphabet.IndexOf(token[^1], StringComparison.Ordinal);
            for (var other = last + 1; other < last + 4; other++)
            {
                Assert.Equal(TokenState.Invalid, await StateAsync(token[..^1] + alphabet[other]));
            }

            var standard = token.Replace('-', '+').Replace('_', '/');
            Assert.Equal(standard == token ? TokenState.Valid : TokenState.Invalid, await StateAsync(standard));
        }
    }

    [Fact]
    public async Task A_token_that_is_too_long_is_not_looked_at()
    {
        Assert.Equal(TokenState.Valid, await StateAsync(WithPadding(2500)));
        Assert.Equal(TokenState.Invalid, await StateAsync(WithPadding(4000)));

        static string WithPadding(int length) =>
            Jwt.Sign(Claims.Replace("exp", $"{new string('n', length)}\":0,\"exp", StringComparison.Ordinal), Key);
    }

    [Theory]
    [InlineData("SigningKey", "a", "given 1 character, expected at least 32")]
    [InlineData("PreviousSigningKey", "a", "given 1 character, expected at least 32 characters, or nothing")]
    public void A_key_that_is_too_short_stops_the_start(string setting, string value, string message)
    {
        var builder = Programs.Worker(("Authentication:SigningKey", Key), ($"Authentication:{setting}", value));
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<TokenSettings>("Authentication");

        Assert.StartsWith(
            $"Authentication:{setting}: {message} (",
            Programs.WhatIsWrongWith(builder.Build).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void No_previous_key_is_an_empty_one_as_well()
    {
        var builder = Programs.Worker(("Authentication:SigningKey", Key), ("Authentication:PreviousSigningKey", ""));
        builder.AddServiceDefaults();
        builder.Services.AddValidatedOptions<TokenSettings>("Authentication");

        using var host = builder.Build();

        Assert.Equal("", host.Services.GetRequiredService<TokenSettings>().PreviousSigningKey);
    }

    private TokenService Service(string key = Key, string previous = "") =>
        new(Options.Create(new TokenSettings { SigningKey = key, PreviousSigningKey = previous }), _clock);

    private async Task<TokenState> StateAsync(string? token, TokenService? service = null) =>
        (await (service ?? Service()).ReadAccessTokenAsync(token)).State;
}
