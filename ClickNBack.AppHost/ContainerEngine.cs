using System.Reflection;
using System.Text.Json;
using ClickNBack.AppHost.LocalPostgres;

namespace ClickNBack.AppHost;

/// <summary>The container engine of this machine, as Aspire's orchestrator sees it.</summary>
internal static class ContainerEngine
{
    /// <summary>Its name; null: there is none, or none that answers.</summary>
    public static string? Find()
    {
        var orchestrator = typeof(ContainerEngine)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key.Equals("dcpclipath", StringComparison.OrdinalIgnoreCase));
        var (_, output) = Tool.Run([orchestrator.Value!, "info"]);
        using var answer = JsonDocument.Parse(output[output.LastIndexOf("{\"version\"", StringComparison.Ordinal)..]);
        var containers = answer.RootElement.GetProperty("containers");
        return containers.GetProperty("running").GetBoolean() ? containers.GetProperty("runtime").GetString() : null;
    }
}
