using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>Who decides whether a purchase happened.</summary>
public sealed class VerificationModeTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task Where_administrators_verify_a_purchase_waits_for_one_and_is_not_overdue()
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(
            database,
            new ApiSetup
            {
                VerificationJob = true,
                Settings = new() { ["Verification:Mode"] = "manual" },
            }
        );
        var admin = await server.AdminAsync();
        var user = await server.UserAsync();
        var purchase = await user.BuyAsync(await admin.OpenShopAsync(), 100);

        await server.VerifyAsync();
        Assert.Equal("pending", await user.StatusOfAsync(purchase));
        var status = await admin.Api.GetAsync("/api/v1/system/status");
        Assert.Equal("manual", status["verification_mode"].GetString());
        Assert.Equal(1, status["pending_purchases"].GetInt64());
        Assert.Equal(0, status["overdue_purchases"].GetInt64());

        (await admin.Api.ConfirmAsync(purchase)).Expect(200);
        Assert.Equal("confirmed", await user.StatusOfAsync(purchase));
    }

    [Fact]
    public async Task That_verification_is_simulated_is_said_when_it_starts()
    {
        await using var server = await ApiServer.StartAsync(platform.Database, new ApiSetup { VerificationJob = true });

        await Until.TrueAsync(
            () => server.LogLines.Any(it => it.Contains("Verification is simulated", StringComparison.Ordinal)),
            "the log says that verification is simulated"
        );
    }
}
