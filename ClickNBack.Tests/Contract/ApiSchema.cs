using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace ClickNBack.Tests.Contract;

/// <summary>Judges JSON by the schemas of the OpenAPI document, which since OpenAPI 3.1 are JSON schemas.</summary>
internal static class ApiSchema
{
    // The document's own schemas stand beside the one in question: that is where its references look for them.
    private static readonly JsonNode Components = JsonNode.Parse(
        ApiOperations.Document.GetProperty("components").GetRawText()
    )!;

    private static readonly EvaluationOptions Options = new()
    {
        OutputFormat = OutputFormat.List,
        RequireFormatValidation = true,
    };

    /// <summary>What of it the schema does not allow.</summary>
    public static IEnumerable<string> Problems(JsonElement schema, JsonElement json)
    {
        var whole = new JsonObject
        {
            ["$ref"] = "#/wanted",
            ["wanted"] = JsonNode.Parse(schema.GetRawText()),
            ["components"] = Components.DeepClone(),
        };
        var result = JsonSchema.FromText(whole.ToJsonString()).Evaluate(JsonNode.Parse(json.GetRawText()), Options);
        return result.IsValid
            ? []
            : result
                .Details.Where(it => it.Errors is not null)
                .SelectMany(it => it.Errors!.Select(error => $"{it.InstanceLocation}: {error.Value}"));
    }
}
