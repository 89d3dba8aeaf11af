using ClickNBack.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Polly;

namespace ClickNBack.MerchantSimulator;

/// <summary>
/// The demo's merchants and some of its users, who know of the platform only what HTTP tells them. Every merchant's reports
/// follow from seed and order alone, so a simulator that is started again goes on where the last one ended.
/// </summary>
internal static class Simulator
{
    /// <summary>Puts it together.</summary>
    public static HostApplicationBuilder AddSimulator(this HostApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        var services = builder.Services;
        services.AddValidatedOptions<SimulatorOptions>("Simulator");
        services.AddOutgoingPipeline(Platform.PipelineName);
        services.AddSingleton<Platform>();
        services.AddHostedService<Merchants>();
        services.AddHostedService<Shoppers>();
        return builder;
    }

    /// <summary>Whether the platform cannot be reached, or refuses somebody: it may be just about to be started anew.</summary>
    public static bool MayPass(Exception exception) =>
        exception is HttpRequestException or IOException or ExecutionRejectedException or RefusedException;
}
