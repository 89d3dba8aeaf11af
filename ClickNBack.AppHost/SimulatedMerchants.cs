using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.AppHost;

/// <summary>The demo's merchants, who report what became of orders. Nobody deploys them.</summary>
internal static class SimulatedMerchants
{
    /// <summary>The resource.</summary>
    public const string Name = "merchants";

    /// <summary>
    /// Adds the merchants, whom somebody may start. With their first start verification is theirs: the API is started again with
    /// <c>Verification:Mode=reports</c>, and stays so for the rest of the run. The section <c>Simulator</c> of the configuration is
    /// handed on to them.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithSimulatedMerchants(this IResourceBuilder<ProjectResource> api)
    {
        var doMerchantsVerify = false;
        var builder = api.ApplicationBuilder;
        builder
            .AddProject<Projects.ClickNBack_MerchantSimulator>(Name)
            .WithExplicitStart()
            .ExcludeFromManifest()
            .WithEnvironment("Simulator__Platform", api.GetEndpoint("http"))
            .WithEnvironment(context =>
            {
                foreach (var setting in builder.Configuration.GetSection("Simulator").GetChildren())
                {
                    context.EnvironmentVariables[$"Simulator__{setting.Key}"] = setting.Value ?? "";
                }
            })
            .WaitFor(api)
            .OnBeforeResourceStarted(
                async (_, start, cancel) =>
                {
                    if (!doMerchantsVerify)
                    {
                        doMerchantsVerify = true;
                        await start
                            .Services.GetRequiredService<ResourceCommandService>()
                            .ExecuteCommandAsync(api.Resource, KnownResourceCommands.RestartCommand, cancel);
                    }
                }
            );
        return api.WithEnvironment(context =>
        {
            if (doMerchantsVerify)
            {
                context.EnvironmentVariables["Verification__Mode"] = "reports";
            }
        });
    }
}
