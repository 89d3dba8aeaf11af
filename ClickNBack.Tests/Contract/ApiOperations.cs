using System.Text.Json;

namespace ClickNBack.Tests.Contract;

/// <summary>What an operation of the API reads.</summary>
/// <param name="Route">Its method and path.</param>
/// <param name="PathParameters">Names of parameters in the path.</param>
/// <param name="QueryParameters">Names of parameters in the query string.</param>
/// <param name="BodyFields">Names of the body's fields, with a dotted path when nested; empty without a body.</param>
/// <param name="Body">The schema and examples of a body of JSON, if there is one.</param>
/// <param name="Answers">The same of what it answers as JSON, by status.</param>
internal sealed record ApiOperation(
    string Route,
    IReadOnlyList<string> PathParameters,
    IReadOnlyList<string> QueryParameters,
    IReadOnlyList<string> BodyFields,
    DescribedJson? Body,
    IReadOnlyDictionary<string, DescribedJson> Answers
);

/// <summary>What the document says of a body.</summary>
/// <param name="Schema">What it must be like.</param>
/// <param name="Examples">What it may look like.</param>
internal sealed record DescribedJson(JsonElement Schema, IReadOnlyList<JsonElement> Examples);

/// <summary>The operations of the committed OpenAPI document, which is the one that is served.</summary>
internal static class ApiOperations
{
    public static JsonElement Document { get; } =
        JsonDocument.Parse(Committed.Read("ClickNBack.Api/openapi.json")).RootElement;

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
            JsonBody(operation) is { } fields ? [.. FieldsOf(fields.Schema, prefix: "")] : [],
            JsonBody(operation),
            operation
                .GetProperty("responses")
                .EnumerateObject()
                .Where(it => it.Value.TryGetProperty("content", out _))
                .ToDictionary(it => it.Name, it => Described(it.Value))
        );

    // A file is none.
    private static DescribedJson? JsonBody(JsonElement operation) =>
        operation.TryGetProperty("requestBody", out var body)
        && body.GetProperty("content").TryGetProperty("application/json", out _)
            ? Described(body)
            : null;

    private static DescribedJson Described(JsonElement body)
    {
        var json = body.GetProperty("content").GetProperty("application/json");
        return new DescribedJson(
            json.GetProperty("schema"),
            [
                .. json.TryGetProperty("example", out var example) ? [example] : Array.Empty<JsonElement>(),
                .. json.TryGetProperty("examples", out var examples)
                    ? examples.EnumerateObject().Select(it => it.Value.GetProperty("value"))
                    : [],
            ]
        );
    }

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
