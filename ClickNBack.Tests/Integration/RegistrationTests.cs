using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class RegistrationTests(Platform platform) : IClassFixture<Platform>
{
    private const string Password = "Str0ng!Pass";

    private ApiClient Anybody => platform.Server.Anonymous;

    private static string NewEmail => $"{Unique.Text()}@clicknback.test";

    [Fact]
    public async Task A_new_account_is_an_active_users()
    {
        var email = NewEmail;

        var answer = await Anybody.RegisterAsync(email, Password);

        answer.Expect(201);
        Assert.Equal(
            ["id", "email", "active", "role", "created_at"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal(email, answer["email"].GetString());
        Assert.True(answer["active"].GetBoolean());
        Assert.Equal("user", answer["role"].GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", answer["created_at"].GetString());
        Assert.Equal(answer["id"].GetGuid().ToString(), answer["id"].GetString());
    }

    [Fact]
    public async Task Nobody_becomes_an_administrator_by_saying_so()
    {
        var answer = await Anybody.PostAsync(
            "/api/v1/users/",
            new
            {
                email = NewEmail,
                password = Password,
                role = "admin",
                active = false,
                id = Guid.Empty,
            }
        );

        answer.Expect(201);
        Assert.Equal("user", answer["role"].GetString());
        Assert.True(answer["active"].GetBoolean());
        Assert.NotEqual(Guid.Empty, answer["id"].GetGuid());
    }

    [Fact]
    public async Task An_email_is_registered_once_whatever_its_case()
    {
        var email = NewEmail;
        (await Anybody.RegisterAsync(email, Password)).Expect(201);

        var answer = await Anybody.RegisterAsync(email.ToUpperInvariant(), Password);

        answer.Expect(409, "EMAIL_ALREADY_REGISTERED");
        var given = answer.Details.GetProperty("email").GetString()!;
        Assert.Equal(email, given, ignoreCase: true);
        Assert.Contains(given, answer["error.message"].GetString());
    }

    [Fact]
    public async Task The_domain_of_an_email_is_kept_in_lower_case()
    {
        var local = Unique.Text().ToUpperInvariant();

        var answer = await Anybody.RegisterAsync($"{local}@ClickNBack.TEST", Password);

        Assert.Equal($"{local}@clicknback.test", answer.Expect(201)["email"].GetString());
    }

    [Theory]
    [InlineData("Sh0rt!x", "8 characters")]
    [InlineData("no-upper-1", "upper-case")]
    [InlineData("NO-LOWER-1", "lower-case")]
    [InlineData("No-digit-x", "digit")]
    [InlineData("NoSpecial1", "no letter and no digit")]
    public async Task A_weak_password_is_refused_with_the_first_rule_it_breaks(string password, string rule)
    {
        var answer = await Anybody.RegisterAsync(NewEmail, password);

        answer.Expect(400, "PASSWORD_NOT_COMPLEX_ENOUGH");
        Assert.Equal("password", answer["error.details.violations.0.field"].GetString());
        Assert.Contains(rule, answer["error.details.violations.0.reason"].GetString());
    }

    [Fact]
    public async Task The_password_is_judged_before_the_email_is_looked_up()
    {
        var answer = await Anybody.RegisterAsync(Templates.AdminEmail, "weak");

        answer.Expect(400, "PASSWORD_NOT_COMPLEX_ENOUGH");
    }

    [Theory]
    [InlineData("""{"password":"Str0ng!Pass"}""", "email")]
    [InlineData("""{"email":null,"password":"Str0ng!Pass"}""", "email")]
    [InlineData("""{"email":5,"password":"Str0ng!Pass"}""", "email")]
    [InlineData("""{"email":"no-at","password":"Str0ng!Pass"}""", "email")]
    [InlineData("""{"email":"a@b@c.de x","password":"Str0ng!Pass"}""", "email")]
    [InlineData("""{"email":"a@clicknback.test"}""", "password")]
    [InlineData("""{"email":"a@clicknback.test","password":12345678}""", "password")]
    [InlineData("{}", "email,password")]
    public async Task Every_malformed_field_is_named(string body, string fields)
    {
        var answer = await Anybody.SendTextAsync(HttpMethod.Post, "/api/v1/users/", body);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(
            fields.Split(','),
            answer.Details.GetProperty("violations").EnumerateArray().Select(it => it.GetProperty("field").GetString())
        );
    }

    [Fact]
    public async Task A_long_password_counts_to_its_last_character()
    {
        var email = NewEmail;
        var password = "Str0ng!Pass" + new string('x', 200);
        (await Anybody.RegisterAsync(email, password + "1")).Expect(201);

        (await Anybody.LoginAsync(email, password + "2")).Expect(401, "INVALID_CREDENTIALS");
        (await Anybody.LoginAsync(email, password + "1")).Expect(200);
    }

    [Fact]
    public async Task The_password_is_not_stored()
    {
        var email = NewEmail;
        (await Anybody.RegisterAsync(email, Password)).Expect(201);

        var stored = await platform.Database.ScalarAsync<string>(
            "SELECT password_hash FROM users WHERE email = $1",
            email
        );
        Assert.DoesNotContain(Password, stored);
        Assert.StartsWith("AQAAAA", stored, StringComparison.Ordinal); // version 3 of Identity's hasher
    }
}
