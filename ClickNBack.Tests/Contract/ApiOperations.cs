using System.Text.Json;

namespace ClickNBack.Tests.Contract;

/// <summary>What an operation of the API reads.</summary>
/// <param name="Route">Its method and path.</param>
/// <param name="PathParameters">Names of parameters in the path.</param>
/// <param name="QueryParameters">Names of parameters in the query string.</param>
/// <param name="BodyFields">Names of the body's fields, with a dotted path when nested; empty without a body.</param>
internal sealed record ApiOperation(
    string Route,
    IReadOnlyList<string> PathParameters,
    IReadOnlyList<string> QueryParameters,
    IReadOnlyList<string> BodyFields
);

/// <summary>The operations of the committed OpenAPI document, which is the one that is served.</summary>
internal static class ApiOperations
{
    private static readonly JsonElement Document = JsonDocument
        .Parse(Committed.Read("ClickNBack.Api/openapi.json"))
        .RootElement;

    public static IReadOnlyDictionary<string, ApiOperation> All { get; } =
        Document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(it => Read(it.Name, path.Name, it.Value)))
            .ToDictionary(it => it.Route);

    private static ApiOperation Read(string method, string path, JsonElement operation) =>
        new(
            $"{method.ToUpperInvariant()} {path.TrimEnd('/')}",
            Parameters(operation, "path"),
            Parameters(operation, "query"),
            operation.TryGetProperty("requestBody", out var body)
                ?
                [
                    .. FieldsOf(
                        body.GetProperty("content").GetProperty("application/json").GetProperty("schema"),
                        prefix: ""
                    ),
                ]
                : []
        );

    private static List<string> Parameters(JsonElement operation, string place) =>
        operation.TryGetProperty("parameters", out var parameters)
            ?
            [
                .. parameters
                    .EnumerateArray()
                    .Where(it => it.GetProperty("in").GetString() == place)
                    .Select(it => it.GetProperty("name").GetString()!),
            ]
            : [];

    private static IEnumerable<string> FieldsOf(JsonElement schema, string prefix)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            schema = Document.GetProperty("components").GetProperty("schemas");
            schema = schema.GetProperty(reference.GetString()!.Split('/')[^1]);
        }

        return schema.TryGetProperty("properties", out var properties)
            ? properties
                .EnumerateObject()
                .SelectMany(it => FieldsOf(it.Value, $"{prefix}{it.Name}.").Prepend(prefix + it.Name))
            : [];
    }
}
