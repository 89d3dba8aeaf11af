using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>The whole graph with PostgreSQL in a container, as on a developer's machine that has an engine.</summary>
public sealed class ContainerGraphTests
{
    [FactWith(Requirement.Containers)]
    public async Task A_purchase_earns_cashback_on_a_server_in_a_container()
    {
        await using var builder = await PlatformGraph.CreateBuilderAsync("--Postgres:From=container");
        Assert.Contains(builder.Resources.OfType<ContainerResource>(), it => it.Name == "postgres");

        await using var application = await PlatformGraph.StartAsync(builder);

        using var http = application.CreateHttpClient("api", "http");
        await Journey.PurchaseToCashbackAsync(http);
    }

    [Fact]
    public void Where_containers_are_expected_their_tests_are_part_of_the_run() =>
        Assert.True(
            Environment.GetEnvironmentVariable("EXPECT_CONTAINERS") != "true"
                || FactWithDiscoverer.IsMet(Requirement.Containers),
            "No container engine answers, although EXPECT_CONTAINERS says that one does."
        );
}
