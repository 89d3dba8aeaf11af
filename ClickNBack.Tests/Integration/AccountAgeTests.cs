using System.Globalization;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Integration;

/// <summary>An account gets its first payout when it is 14 days old.</summary>
public sealed class AccountAgeTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private TestDatabase _database = null!;
    private ApiServer _server = null!;
    private Person _user = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await ApiServer.StartAsync(
            _database,
            new ApiSetup { Clock = _clock, Settings = { ["Payouts:AccountAgeDays"] = "14" } }
        );
        _user = await _server.UserAsync();
        var purchase = await _user.BuyAsync(await Shop.OpenAsync(_database), 500);
        (await (await _server.AdminAsync()).Api.ConfirmAsync(purchase)).Expect(200);
    }

    public async Task DisposeAsync()
    {
        await _database.InvariantsHoldAsync();
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_first_payout_before_is_refused_and_one_case_of_the_day()
    {
        await GoAheadAsync(TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1));
        for (var time = 0; time < 2; time++)
        {
            var answer = (await _user.TryWithdrawAsync(10)).Expect(422, "PAYOUT_POLICY_VIOLATION");
            Assert.Equal(
                "The first payout can be requested 14 days after registration.",
                answer["error.details.violations.0"].GetString()
            );
        }

        Assert.Equal([$"payout_too_early {_user.Id}"], await CasesAsync());
        await GoAheadAsync(TimeSpan.FromSeconds(1));
        await _user.WithdrawAsync(10);
    }

    [Fact]
    public async Task The_case_shows_who_it_was_and_is_dismissed()
    {
        (await _user.TryWithdrawAsync(10)).Expect(422);
        var admin = await _server.AdminAsync();
        var id = await _database.ScalarAsync<Guid>("SELECT id FROM cases");

        var shown = (await admin.Api.GetAsync($"/api/v1/admin/cases/{id}")).Expect(200);

        Assert.Equal(("payout_too_early", _user.Id), (shown["kind"].GetString(), shown["user_id"].GetGuid()));
        Assert.Equal(0, shown["excess_claims"].GetArrayLength());
        var decision = new { decision = "dismiss", note = "Knows no better." };
        (await admin.Api.PostAsync($"/api/v1/admin/cases/{id}/decision", decision)).Expect(200);
    }

    [Fact]
    public async Task With_a_key_the_case_is_remembered_too()
    {
        (await _user.Api.PostAsync("/api/v1/users/me/payouts", Person.PayoutOf(10), "key")).Expect(422);

        Assert.Single(await CasesAsync());
    }

    [Theory]
    [InlineData("50.01")]
    [InlineData("9.99")]
    public async Task What_would_be_refused_anyway_is_no_case(string amount)
    {
        (await _user.TryWithdrawAsync(decimal.Parse(amount, CultureInfo.InvariantCulture))).Expect(
            422,
            "PAYOUT_POLICY_VIOLATION"
        );

        Assert.Empty(await CasesAsync());
    }

    [Fact]
    public async Task Who_was_paid_before_the_rule_is_paid_again()
    {
        await using var without = await ApiServer.StartAsync(_database, new ApiSetup { Clock = _clock });
        var payout = await _user.At(without.Anonymous).WithdrawAsync(10);
        (await _user.TryWithdrawAsync(10)).Expect(422);
        var admin = await _server.AdminAsync();
        (await admin.Api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status = "completed" })).Expect(
            200
        );

        await _user.WithdrawAsync(10);
    }

    // An access token does not live that long.
    private async Task GoAheadAsync(TimeSpan time)
    {
        _clock.Advance(time);
        _user = await _server.LoginAsync(_user.Email, Person.UsualPassword);
    }

    private Task<List<string>> CasesAsync() => _database.RowsAsync("SELECT kind, user_id FROM cases");
}
