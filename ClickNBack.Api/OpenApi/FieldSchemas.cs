using System.Globalization;
using System.Text.Json.Nodes;
using ClickNBack.Api.Http;
using Microsoft.OpenApi;

namespace ClickNBack.Api.OpenApi;

/// <summary>Fields that requests read, as JSON schemas and examples.</summary>
internal static class FieldSchemas
{
    public static OpenApiSchema Object(IReadOnlyList<FieldShape> fields) =>
        new()
        {
            Type = JsonSchemaType.Object,
            Properties = fields.ToDictionary(it => it.Name, IOpenApiSchema (it) => Of(it), StringComparer.Ordinal),
            Required = fields.Where(it => it.IsRequired).Select(it => it.Name).ToHashSet(StringComparer.Ordinal),
        };

    public static OpenApiSchema Of(FieldShape field) =>
        field.Kind switch
        {
            FieldKind.Text => new()
            {
                Type = JsonSchemaType.String,
                MinLength = (int?)field.Min,
                MaxLength = (int?)field.Max,
            },
            FieldKind.Id => new() { Type = JsonSchemaType.String, Format = "uuid" },
            FieldKind.Flag => new() { Type = JsonSchemaType.Boolean },
            FieldKind.Number => new() { Type = JsonSchemaType.Number | JsonSchemaType.String },
            FieldKind.Amount => new()
            {
                Type = JsonSchemaType.Number | JsonSchemaType.String,
                Description = "EUR: above 0, at most 9999999999.99, at most two decimals.",
            },
            FieldKind.Date => new() { Type = JsonSchemaType.String, Format = "date" },
            FieldKind.Choice => new()
            {
                Type = JsonSchemaType.String,
                Enum = [.. field.Choices.Select(it => (JsonNode)it)],
            },
            FieldKind.Whole => new()
            {
                Type = JsonSchemaType.Integer,
                Minimum = field.Min?.ToString(CultureInfo.InvariantCulture),
                Maximum = field.Max?.ToString(CultureInfo.InvariantCulture),
                Default = field.Otherwise,
            },
            FieldKind.Nested when field.FieldsByChoice.Count > 0 => new()
            {
                OneOf = [.. field.FieldsByChoice.Select(it => Titled(it.Key, Object(it.Value)))],
            },
            FieldKind.Nested => Object(field.Fields),
        };

    private static OpenApiSchema Titled(string title, OpenApiSchema schema)
    {
        schema.Title = title;
        return schema;
    }

    public static JsonObject Example(IReadOnlyList<FieldShape> fields) =>
        new(fields.Where(it => it.IsRequired).Select(it => KeyValuePair.Create(it.Name, ExampleOf(it))));

    /// <summary>What is wrong with a request that lacks a required field or, if none is, whose last one is nonsense.</summary>
    public static Violation Violation(IReadOnlyList<FieldShape> fields) =>
        (fields.FirstOrDefault(it => it.IsRequired) ?? fields[^1]) switch
        {
            { IsRequired: true } required => new(required.Name, "is required"),
            { Kind: FieldKind.Whole } whole => new(
                whole.Name,
                $"must be a whole number from {whole.Min} to {whole.Max}"
            ),
            var id => new(id.Name, "must be a UUID"),
        };

    private static JsonNode? ExampleOf(FieldShape field) =>
        field switch
        {
            { Kind: FieldKind.Nested } => Example(field.FieldsByChoice.Values.FirstOrDefault(field.Fields)),
            { Kind: FieldKind.Choice } => field.Choices[0],
            { Kind: FieldKind.Id } => "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d",
            { Kind: FieldKind.Flag } => true,
            { Kind: FieldKind.Amount } => "40.10",
            { Kind: FieldKind.Number } => 5,
            { Kind: FieldKind.Date } => "2026-12-31",
            { Kind: FieldKind.Whole } => field.Otherwise,
            { Name: "email" } => "alice@clicknback.com",
            { Name: "password" } => "Str0ng!Pass",
            { Name: "currency" } => "EUR",
            { Name: "iban" } => "DE89370400440532013000",
            { Name: "account_holder" } => "Alice Example",
            { Name: "external_id" } => "order-2026-1042",
            { Name: "name" } => "Shoply",
            { Name: "refresh_token" } => "eyJhbGciOiJIUzI1NiJ9.eyJqdGki….…",
            _ => field.Name.Replace('_', ' '),
        };
}
