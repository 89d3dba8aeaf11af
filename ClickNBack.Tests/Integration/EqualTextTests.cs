using ClickNBack.Tests.Infrastructure;
using Microsoft.AspNetCore.Identity;

namespace ClickNBack.Tests.Integration;

/// <summary>Text that looks equal is equal: there is one spelling, and nothing that cannot be seen.</summary>
public sealed class EqualTextTests(Platform platform) : IClassFixture<Platform>
{
    private const string Composed = "Str0ng!P\u00e4ss\u00e9 \u0439";
    private const string Decomposed = "Str0ng!Pa\u0308sse\u0301\u00a0\u0438\u0306";

    private ApiClient Anybody => platform.Server.Anonymous;

    [Theory]
    [InlineData("jos\u00e9", "jose\u0301")]
    [InlineData("jose\u0301", "jos\u00e9")]
    [InlineData("JOSE\u0301", "jos\u00e9")]
    [InlineData("\u01f0", "j\u030c")] // has no upper case of one character
    [InlineData("i\u0307", "i\u0307")] // which in upper case is another's composed form
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("a\u0323\u0302", "a\u0302\u0323")] // marks in another order
    public async Task An_email_is_one_account_in_whatever_way_its_accents_are_typed(string registered, string typed)
    {
        var domain = $"@{Unique.Text()}.test";
        var account = (await Anybody.RegisterAsync(registered + domain, Person.UsualPassword)).Expect(201);

        (await Anybody.RegisterAsync(typed + domain, Person.UsualPassword)).Expect(409, "EMAIL_ALREADY_REGISTERED");

        var person = await Person.LoginAsync(Anybody, typed + domain, Person.UsualPassword);
        Assert.Equal(account["id"].GetGuid(), person.Id);
    }

    [Fact]
    public async Task An_email_is_answered_in_its_composed_form()
    {
        var domain = $"@{Unique.Text()}.test";

        var account = (await Anybody.RegisterAsync("jose\u0301" + domain, Person.UsualPassword)).Expect(201);

        Assert.Equal("jos\u00e9" + domain, account["email"].GetString());
    }

    [Theory]
    [InlineData("a\u037e")] // a Greek question mark, composed a semicolon: between addresses, not in one
    public async Task An_email_that_is_none_in_its_composed_form_is_refused(string local)
    {
        var email = $"{local}@{Unique.Text()}.test";

        Refused("email", await Anybody.RegisterAsync(email, Person.UsualPassword));
        Refused("email", await Anybody.LoginAsync(email, Person.UsualPassword));
    }

    [Theory]
    [InlineData(Composed, Decomposed)]
    [InlineData(Decomposed, Composed)]
    [InlineData(Decomposed, Decomposed)]
    public async Task A_password_opens_the_account_in_whatever_way_its_accents_are_typed(
        string registered,
        string typed
    )
    {
        var email = $"{Unique.Text()}@clicknback.test";
        (await Anybody.RegisterAsync(email, registered)).Expect(201);

        (await Anybody.LoginAsync(email, typed)).Expect(200);
        (await Anybody.LoginAsync(email, typed.Replace('!', '?'))).Expect(401, "INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task A_password_is_changed_in_whatever_way_its_accents_are_typed()
    {
        var email = $"{Unique.Text()}@clicknback.test";
        (await Anybody.RegisterAsync(email, Composed)).Expect(201);
        var person = await Person.LoginAsync(Anybody, email, Composed);

        var change = new { current_password = Decomposed, new_password = "N" + Decomposed };
        (await person.Api.PutAsync("/api/v1/users/me/password", change)).Expect(204);

        (await Anybody.LoginAsync(email, "N" + Composed)).Expect(200);
    }

    [Fact]
    public async Task A_password_is_judged_in_the_form_that_is_kept()
    {
        var answer = await Anybody.RegisterAsync($"{Unique.Text()}@clicknback.test", "Sh0rt!e\u0301");

        Assert.Contains("8 characters", answer.Expect(400, "PASSWORD_NOT_COMPLEX_ENOUGH").Text);
    }

    [Fact]
    public async Task An_account_older_than_that_rule_keeps_its_password()
    {
        var person = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync(
            "UPDATE users SET password_hash = $1 WHERE id = $2",
            new PasswordHasher<object>().HashPassword(person, Decomposed),
            person.Id
        );

        (await Anybody.LoginAsync(person.Email, Decomposed)).Expect(200);
        (await Anybody.LoginAsync(person.Email, Composed)).Expect(401, "INVALID_CREDENTIALS");
    }

    [Fact]
    public async Task The_name_of_a_merchant_is_taken_in_whatever_way_its_accents_are_typed()
    {
        var name = $"Caf\u00e9 {Unique.Text()}";
        var merchant = (await CreateMerchantAsync(name.Replace("\u00e9", "e\u0301"))).Expect(201);

        Assert.Equal(name, merchant["name"].GetString());
        (await CreateMerchantAsync(name)).Expect(409, "MERCHANT_NAME_ALREADY_EXISTS");
    }

    [Fact]
    public async Task A_name_that_grows_too_long_when_composed_is_refused()
    {
        Refused("name", await CreateMerchantAsync(new string('\ufb2c', 255)));
    }

    public static TheoryData<string> Invisible { get; } =
    [
        "\u200b", // zero-width space
        "\u200d", // zero-width joiner
        "\u202e", // right-to-left override
        "\u2066", // left-to-right isolate
        "\ufeff", // byte order mark
        "\u00ad", // soft hyphen
        "\u2028", // line separator
        "\u2029", // paragraph separator
        "\u0085", // next line
        "\u00a0", // no-break space
        "\u3164", // Hangul filler
        "\u2800", // Braille without dots
        "\ufe0f", // variation selector
        "\ue000", // private use
        "\ufdd0", // no character
        "\U000e0041", // tag
        "\U000e0101", // variation selector of the second kind
        "\U000f0000", // private use
    ];

    [Theory]
    [MemberData(nameof(Invisible))]
    public async Task What_cannot_be_seen_is_refused_in_emails_and_names(string character)
    {
        var email = $"a{character}b@clicknback.test";
        var user = await platform.Server.UserAsync();

        Refused("email", await Anybody.RegisterAsync(email, Person.UsualPassword));
        Refused("email", await Anybody.LoginAsync(email, Person.UsualPassword));
        Refused("name", await CreateMerchantAsync($"a{character}b"));
        Refused(
            "details.account_holder",
            await PayOutAsync(
                "bank_transfer",
                new { iban = "DE89370400440532013000", account_holder = $"a{character}b" }
            )
        );
        Refused(
            "details.card_holder",
            await PayOutAsync("card", new { card_token = "card_1PqXk2", card_holder = $"a{character}b" })
        );

        Task<Answer> PayOutAsync(string method, object details) =>
            user.Api.PostAsync(
                "/api/v1/users/me/payouts",
                new
                {
                    amount = 10,
                    method,
                    details,
                }
            );
    }

    [Theory]
    [InlineData("Müller & Söhne")]
    [InlineData("Ελλάδα")]
    [InlineData("خليج")]
    [InlineData("日本の店")]
    [InlineData("हिन्दी")]
    [InlineData("Shop 🛒")]
    public async Task A_name_is_written_in_any_script(string name)
    {
        (await CreateMerchantAsync($"{name} {Unique.Text()}")).Expect(201);
    }

    private static void Refused(string field, Answer answer) =>
        Assert.Equal(field, answer.Expect(422, "VALIDATION_ERROR")["error.details.violations.0.field"].GetString());

    private Task<Answer> CreateMerchantAsync(string name) =>
        platform.Admin.Api.PostAsync("/api/v1/merchants/", new { name, default_cashback_percentage = 5 });
}
