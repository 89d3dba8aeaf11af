using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class OutgoingSettingsTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task The_verifier_is_called_as_patiently_as_configured()
    {
        var verifier = new ControlledVerifier { Verdict = _ => throw new TimeoutException() };
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup
            {
                Services = services => services.AddVerifier(verifier),
                Settings = { ["Outgoing:Retries"] = "1", ["Outgoing:FirstPauseMilliseconds"] = "1" },
            }
        );
        var user = await platform.Server.UserAsync();
        await user.BuyAsync(await platform.Admin.OpenShopAsync(), 100);

        await server.VerifyAsync();

        Assert.Equal(2, verifier.Asked.Count);
    }
}
