using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>What is left of somebody who had their account erased.</summary>
public sealed class ErasureTests(Platform platform) : IClassFixture<Platform>
{
    private const string Me = "/api/v1/users/me";

    [Fact]
    public async Task Nothing_personal_is_left_and_the_ledger_stays()
    {
        var shop = await platform.Admin.OpenShopAsync(value: 20);
        var user = await platform.Server.UserAsync();
        (await platform.Admin.Api.ConfirmAsync(await user.BuyAsync(shop, 125))).Expect(200);
        var payout = await user.WithdrawAsync(20);
        await ProcessAsync(payout, "completed");
        var transfers = await TransfersAsync(user);

        var answer = await user.Api.DeleteAsync(Me);

        Assert.Equal((204, ""), (answer.Status, answer.Text));
        var everything = await platform.Database.RowsAsync(
            """
            SELECT row_to_json(users)::text FROM users UNION ALL SELECT row_to_json(payouts)::text FROM payouts
            UNION ALL SELECT row_to_json(audit_logs)::text FROM audit_logs
            """
        );
        Assert.Equal(
            0,
            await platform.Database.ScalarAsync<long>(
                "SELECT count(destination_fingerprint) FROM payouts WHERE user_id = $1",
                user.Id
            )
        );
        Assert.DoesNotContain(everything, it => it.Contains(user.Email, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(transfers, await TransfersAsync(user));
        Assert.Equal(3, transfers.Count - 1);
        await platform.Database.InvariantsHoldAsync();
        (await platform.Admin.Api.GetAsync($"/api/v1/admin/payouts/{payout}/destination")).Expect(
            404,
            "PAYOUT_DESTINATION_ERASED"
        );
        var audited = (
            await platform.Admin.Api.GetAsync($"/api/v1/admin/audit-logs?action=ACCOUNT_ERASED&actor_id={user.Id}")
        ).Expect(200);
        Assert.Equal("5.00", audited["data.0.details.given_up"].GetString());
    }

    [Fact]
    public async Task All_logins_end_and_the_e_mail_is_free_again()
    {
        var user = await platform.Server.UserAsync();

        (await user.Api.DeleteAsync(Me)).Expect(204);

        (await user.Api.GetAsync(Me)).Expect(401, "USER_INACTIVE");
        (await platform.Server.Anonymous.RefreshAsync(user.RefreshToken)).Expect(401, "TOKEN_REVOKED");
        (await platform.Server.Anonymous.LoginAsync(user.Email, Person.UsualPassword)).Expect(401);
        var again = await platform.Server.UserAsync(user.Email);
        Assert.NotEqual(user.Id, again.Id);
        Assert.Equal(new Balances("0.00", "0.00"), await again.WalletAsync());
    }

    [Fact]
    public async Task While_money_is_under_way_or_could_be_withdrawn_nothing_is_erased()
    {
        var shop = await platform.Admin.OpenShopAsync(value: 20);
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(shop, 150);
        await ExpectRefusalAsync("30.00", "0.00", "0.00", 0);

        (await platform.Admin.Api.ConfirmAsync(purchase)).Expect(200);
        await ExpectRefusalAsync("0.00", "30.00", "0.00", 0);

        var payout = await user.WithdrawAsync(30);
        await ExpectRefusalAsync("0.00", "0.00", "0.00", 1);

        await ProcessAsync(payout, "completed");
        (await platform.Admin.Api.ReverseAsync(purchase)).Expect(200);
        await ExpectRefusalAsync("0.00", "0.00", "30.00", 0);

        (await user.Api.GetAsync(Me)).Expect(200);

        async Task ExpectRefusalAsync(string pending, string available, string owed, int open)
        {
            var refused = (await user.Api.DeleteAsync(Me)).Expect(409, "ACCOUNT_NOT_SETTLED").Details;
            Assert.Equal(
                (pending, available, owed, open),
                (
                    refused.GetProperty("pending_balance").GetString(),
                    refused.GetProperty("available_balance").GetString(),
                    refused.GetProperty("owed_balance").GetString(),
                    refused.GetProperty("open_payouts").GetInt32()
                )
            );
        }
    }

    private async Task ProcessAsync(Guid payout, string status) =>
        (await platform.Admin.Api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status })).Expect(200);

    private Task<List<string>> TransfersAsync(Person user) =>
        platform.Database.RowsAsync("SELECT transfers::text FROM transfers WHERE user_id = $1 ORDER BY 1", user.Id);
}
