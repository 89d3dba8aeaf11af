using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Money;
using ClickNBack.Api.Reports;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace ClickNBack.Api.OpenApi;

/// <summary>
/// The OpenAPI document at <c>/openapi.json</c> and its pages at <c>/docs</c>. Requests are described by what they read,
/// errors by the catalogue; a test writes the document and sees to it that the committed one says the same.
/// </summary>
internal static class ApiDocument
{
    // As it was committed: making it anew for each stranger would cost them nothing and us 20 ms.
    private static readonly byte[] Document = Committed();

    private static readonly EntityTagHeaderValue Tag = new(
        $"\"{Convert.ToHexStringLower(SHA256.HashData(Document))}\""
    );

    private static readonly JsonSerializerOptions RequestJson = new(Json.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Registers the document.</summary>
    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = SchemaName;
            options.AddDocumentTransformer((document, _, _) => DescribeDocument(document));
            options.AddOperationTransformer(DescribeOperationAsync);
            options.AddSchemaTransformer((schema, context, _) => DescribeSchema(schema, context));
        });

    /// <summary>Maps the document and its pages.</summary>
    public static void MapApiDocument(this WebApplication app)
    {
        app.MapGet("/openapi.json", () => TypedResults.Bytes(Document, "application/json", entityTag: Tag))
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.UseWhen( // it tries every path it sees against regular expressions
            http => http.Request.Path.StartsWithSegments("/docs", StringComparison.OrdinalIgnoreCase),
            docs =>
                docs.UseSwaggerUI(ui =>
                {
                    ui.RoutePrefix = "docs";
                    ui.DocumentTitle = "ClickNBack API";
                    ui.SwaggerEndpoint("/openapi.json", "ClickNBack API");
                })
        );
    }

    private static byte[] Committed()
    {
        using var resource = typeof(ApiDocument).Assembly.GetManifestResourceStream("openapi.json")!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }

    // Requests are nested in their use case: LoginRequest, not Request2. The generator itself puts a base before its variants.
    private static string? SchemaName(JsonTypeInfo type) =>
        type.Type switch
        {
            { DeclaringType: { } outer, IsGenericType: false } it when outer == it.BaseType => it.Name,
            { DeclaringType: { } outer, IsGenericType: false } it => outer.Name + it.Name,
            _ => OpenApiOptions.CreateDefaultSchemaReferenceId(type),
        };

    private static Task DescribeDocument(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "ClickNBack API",
            Version = "v1",
            Description = "Purchases at partner merchants earn cashback, which can be withdrawn. Amounts are EUR.",
        };
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.AddComponent("Error", ErrorSchema());
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [BearerAuthentication.SchemeName] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "The access token of a login.",
            },
        };
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
        {
            tag.Description ??= $"{tag.Name}.";
        }

        return Task.CompletedTask;
    }

    private static async Task DescribeOperationAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancel
    )
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        operation.Summary = metadata.OfType<IEndpointSummaryMetadata>().LastOrDefault()?.Summary;
        var errors = metadata.OfType<ErrorMetadata>().SelectMany(it => it.Errors).Select(it => it.Example).ToList();
        errors.AddRange([HttpErrors.Internal.Example, HttpErrors.Unavailable.Example, RateLimits.Limited.Example]);
        operation.Security = []; // said, not forgotten
        if (!metadata.OfType<IAllowAnonymous>().Any())
        {
            errors.AddRange([
                AuthErrors.InvalidToken.Example,
                AuthErrors.ExpiredToken.Example,
                AuthErrors.UserInactive.Example,
            ]);
            operation.Security.Add(
                new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(BearerAuthentication.SchemeName, document)] = [],
                }
            );
        }

        foreach (var parameter in metadata.OfType<MethodInfo>().Single().GetParameters())
        {
            if (parameter.ParameterType == typeof(IdempotencyKey))
            {
                AddIdempotencyKey(operation);
            }
            else if (parameter.ParameterType == typeof(CsvBody))
            {
                operation.RequestBody = CsvRequestBody();
            }
        }

        if (metadata.OfType<IAcceptsMetadata>().SingleOrDefault() is { RequestType: { } body })
        {
            errors.Add(Malformed(it => RequestBinder.ReadBody(body, "{}"u8.ToArray(), it)));
        }

        if (metadata.OfType<QueryMetadata>().SingleOrDefault() is { Request: var query })
        {
            await AddQueryAsync(operation, query, context, cancel);
            var last = operation.Parameters![^1].Name!;
            errors.Add(
                Malformed(it =>
                {
                    RequestBinder.ReadQuery(query, QueryCollection.Empty, it);
                    RequestBinder.ReadQuery(query, Only(last, "malformed"), it);
                })
            );
        }

        AddExamples(operation, metadata.OfType<ExampleMetadata>().LastOrDefault());
        AddErrors(operation, errors, document);
    }

    // What a request that lacks what is required, or whose last field is malformed, is answered.
    private static ApiError Malformed(Action<List<Violation>> read)
    {
        var violations = new List<Violation>();
        read(violations);
        return HttpErrors.Malformed.With([violations[0]]) with { Message = HttpErrors.Malformed.When };
    }

    private static QueryCollection Only(string name, string value) =>
        new(new Dictionary<string, StringValues>(StringComparer.Ordinal) { [name] = value });

    private static void AddExamples(OpenApiOperation operation, ExampleMetadata? example)
    {
        var success = operation.Responses?.FirstOrDefault(it => it.Key.StartsWith('2')).Value?.Content?.Values;
        SetExample(operation.RequestBody?.Content?.Values, example?.Request, RequestJson);
        SetExample(success, example?.Response, Json.Options);

        static void SetExample(ICollection<OpenApiMediaType>? contents, object? value, JsonSerializerOptions json)
        {
            foreach (var content in contents ?? [])
            {
                content.Example = value is null ? null : JsonSerializer.SerializeToNode(value, json);
            }
        }
    }

    private static async Task AddQueryAsync(
        OpenApiOperation operation,
        Type request,
        OpenApiOperationTransformerContext context,
        CancellationToken cancel
    )
    {
        var fields = await context.GetOrCreateSchemaAsync(request, cancellationToken: cancel);
        var defaults = JsonSerializer.SerializeToNode(Activator.CreateInstance(request), request, Json.Options)!;
        operation.Parameters ??= [];
        foreach (
            var (name, schema) in fields.Properties ?? new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        )
        {
            var isRequired = fields.Required?.Contains(name) == true;
            if (schema is OpenApiSchema inline)
            {
                inline.Type &= ~JsonSchemaType.Null; // what is not given is absent
                inline.Default = isRequired ? null : defaults[name]?.DeepClone();
            }

            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Query,
                    Required = isRequired,
                    Schema = schema,
                }
            );
        }
    }

    private static void AddIdempotencyKey(OpenApiOperation operation)
    {
        operation.Parameters ??= [];
        operation.Parameters.Add(
            new OpenApiParameter
            {
                Name = IdempotencyKey.HeaderName,
                In = ParameterLocation.Header,
                Description = "A repetition with the same key and body gets the first answer again. Kept for 24 hours.",
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    MinLength = 1,
                    MaxLength = IdempotencyKey.MaxLength,
                },
            }
        );
    }

    private static OpenApiRequestBody CsvRequestBody() =>
        new()
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [CsvBody.ContentType] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        };

    // One response a status; each of its errors is an example, named by its code and, if others have the same, a number.
    private static void AddErrors(OpenApiOperation operation, IEnumerable<ApiError> errors, OpenApiDocument document)
    {
        operation.Responses ??= [];
        foreach (var status in errors.DistinctBy(it => it.Code).GroupBy(it => it.Code.Kind).OrderBy(it => it.Key))
        {
            operation.Responses[$"{status.Key:D}"] = new OpenApiResponse
            {
                Description = string.Join(" ", status.Select(it => it.Code.When)),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new()
                    {
                        Schema = new OpenApiSchemaReference("Error", document),
                        Examples = status
                            .GroupBy(it => it.Code.Code, StringComparer.Ordinal)
                            .SelectMany(same =>
                                same.Select((it, i) => (Name: i == 0 ? same.Key : $"{same.Key}_{i + 1}", Error: it))
                            )
                            .ToDictionary(
                                it => it.Name,
                                IOpenApiExample (it) =>
                                    new OpenApiExample
                                    {
                                        Summary = it.Error.Code.When,
                                        Value = JsonSerializer.SerializeToNode(
                                            ErrorResponse.Envelope.Of(it.Error, "4bf92f3577b34da6a3ce929d0e0e4736"),
                                            Json.Options
                                        ),
                                    },
                                StringComparer.Ordinal
                            ),
                    },
                },
            };
        }
    }

    private static OpenApiSchema ErrorSchema()
    {
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        return Object(
            (
                "error",
                Object(
                    ("code", text),
                    ("message", text),
                    ("details", new OpenApiSchema { Type = JsonSchemaType.Object }),
                    ("trace_id", text)
                )
            )
        );

        static OpenApiSchema Object(params (string Name, OpenApiSchema Schema)[] properties) =>
            new()
            {
                Type = JsonSchemaType.Object,
                Properties = properties.ToDictionary(
                    it => it.Name,
                    IOpenApiSchema (it) => it.Schema,
                    StringComparer.Ordinal
                ),
                Required = properties.Select(it => it.Name).ToHashSet(StringComparer.Ordinal),
            };
    }

    // Converters decide how values are written; the schema says the same.
    private static Task DescribeSchema(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var converter = context
            .JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(JsonConverterAttribute), inherit: false)
            .OfType<JsonConverterAttribute>()
            .FirstOrDefault()
            ?.ConverterType;
        var nullable = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type);
        var type = nullable ?? context.JsonTypeInfo.Type;
        var orNull = nullable is null ? default : JsonSchemaType.Null;
        if (converter == typeof(MoneyText))
        {
            schema.Type = JsonSchemaType.String | orNull;
            schema.Format = null;
            schema.Pattern = @"^\d+\.\d{2}$";
            schema.Examples = ["5.02"];
        }
        else if (type == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String | orNull;
            schema.Format = "date-time";
            schema.Examples =
            [
                converter == typeof(WholeSecondInstant) ? "2026-11-20T21:05:23Z" : "2026-11-20T21:05:23.078079Z",
            ];
        }
        else if (type == typeof(decimal))
        {
            schema.Type = JsonSchemaType.Number | orNull;
            if (context.JsonPropertyInfo?.DeclaringType.Name == "Request")
            {
                schema.Type |= JsonSchemaType.String; // money is read as either
            }

            schema.Format = null;
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String; // where it can be null, the property says so
            schema.Enum = [.. schema.Enum!.OfType<JsonNode>().Where(it => it.GetValueKind() == JsonValueKind.String)];
        }
        else if (type.IsAbstract)
        {
            schema.Discriminator = null; // another field tells
        }
        else if (type == typeof(JsonElement))
        {
            schema.Type = JsonSchemaType.Object;
        }

        return Task.CompletedTask;
    }
}
