using ClickNBack.MerchantSimulator;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>The simulated merchants and users in this process, in a hurry.</summary>
internal static class Simulation
{
    /// <summary>Of a platform with the demo; not started yet.</summary>
    public static IHost Of(Uri platform, ILoggerProvider log, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Simulator:Platform"] = $"{platform}",
            ["Simulator:ShortestDelaySeconds"] = "0",
            ["Simulator:LongestDelaySeconds"] = "1",
            ["Shutdown:DrainSeconds"] = "0",
        };
        foreach (var (name, value) in settings)
        {
            all[$"Simulator:{name}"] = value;
        }

        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(all);
        builder.AddSimulator();
        builder.Logging.ClearProviders().AddProvider(log);
        return builder.Build();
    }
}
