using System.Net.Http.Json;
using System.Text.Json;
using ClickNBack.AppHost;
using ClickNBack.MerchantSimulator;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>The merchants of the graph, whom somebody starts in the dashboard.</summary>
public sealed class SimulatedMerchantsTests
{
    private static readonly SimulatorOptions Options = new()
    {
        PurchasesPerMinute = 0,
        ShortestDelaySeconds = 0,
        LongestDelaySeconds = 1,
        AmendedPercent = 50,
    };

    [Fact]
    public async Task Once_they_are_started_purchases_are_what_they_report()
    {
        await using var graph = await PlatformGraph.StartAsync(
            await PlatformGraph.CreateBuilderAsync(
                $"--Simulator:PurchasesPerMinute={Options.PurchasesPerMinute}",
                $"--Simulator:ShortestDelaySeconds={Options.ShortestDelaySeconds}",
                $"--Simulator:LongestDelaySeconds={Options.LongestDelaySeconds}",
                $"--Simulator:AmendedPercent={Options.AmendedPercent}"
            )
        );
        Assert.True(graph.ResourceNotifications.TryGetCurrentState(SimulatedMerchants.Name, out var before));
        Assert.Equal(KnownResourceStates.NotStarted, before.Snapshot.State?.Text);

        var start = await graph.ResourceCommands.ExecuteCommandAsync(
            SimulatedMerchants.Name,
            KnownResourceCommands.StartCommand
        );
        Assert.True(start.Success, start.Message);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await graph.ResourceNotifications.WaitForResourceAsync(
            SimulatedMerchants.Name,
            KnownResourceStates.Running,
            patience.Token
        );
        await graph.ResourceNotifications.WaitForResourceHealthyAsync("api", patience.Token);

        using var http = graph.CreateHttpClient("api", "http");
        await Journey.LogInAsync(http);
        await Journey.ConfirmedAsync(http, await Journey.ClaimAsync(http, OrderReportedAs("approved 40.10")));
        var amended = await Journey.ClaimAsync(http, OrderReportedAs("approved 30.08"));
        await Journey.LogInAsync(http, "carol");
        await Until.TrueAsync(
            async () =>
                (await http.GetFromJsonAsync<JsonElement>("/api/v1/admin/cases/"))
                    .GetProperty("data")
                    .EnumerateArray()
                    .Any(it => it.GetProperty("purchase_id").GetString() == amended),
            "there is a case"
        );
    }

    // The first order of alice's at TechZone of which its merchant will say this and nothing else.
    private static string OrderReportedAs(string said) =>
        Enumerable
            .Range(0, int.MaxValue)
            .Select(it => $"simulated-{it}")
            .First(order =>
                OrderReports.Of(new ClaimedOrder(Guid.Empty, order, 40.10m, default), Options)
                    is [{ Transaction: var only }]
                && $"{only.Status} {only.Amount}" == said
            );
}
