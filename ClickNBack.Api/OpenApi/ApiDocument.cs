using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ClickNBack.Api.OpenApi;

/// <summary>
/// The OpenAPI document at <c>/openapi.json</c> and its pages at <c>/docs</c>. Requests are described by what they read,
/// errors by the catalogue.
/// </summary>
public static class ApiDocument
{
    /// <summary>Registers the document.</summary>
    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.CreateSchemaReferenceId = SchemaName;
            options.AddDocumentTransformer((document, _, _) => DescribeDocument(document));
            options.AddOperationTransformer((operation, context, _) => DescribeOperation(operation, context));
            options.AddSchemaTransformer((schema, context, _) => DescribeSchema(schema, context));
        });

    /// <summary>Maps the document and its pages.</summary>
    public static void MapApiDocument(this WebApplication app)
    {
        app.MapOpenApi("/openapi.json").AllowAnonymous();
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

    // Requests and responses are nested in their use case: LoginRequest, not Request2.
    private static string? SchemaName(JsonTypeInfo type) =>
        type.Type is { DeclaringType: { } useCase, IsGenericType: false }
            ? $"{useCase.Name}{type.Type.Name}"
            : OpenApiOptions.CreateDefaultSchemaReferenceId(type);

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

    private static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Summary = metadata.OfType<IEndpointSummaryMetadata>().LastOrDefault()?.Summary;
        var errors = metadata.OfType<ErrorMetadata>().SelectMany(it => it.Errors).ToList();
        errors.AddRange([HttpErrors.Internal, HttpErrors.Unavailable, RateLimits.Limited]);
        if (!metadata.OfType<IAllowAnonymous>().Any())
        {
            errors.AddRange([AuthErrors.InvalidToken, AuthErrors.ExpiredToken, AuthErrors.UserInactive]);
            operation.Security =
            [
                new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(BearerAuthentication.SchemeName, context.Document)] = [],
                },
            ];
        }
        else
        {
            operation.Security = []; // said, not forgotten
        }

        var handler = metadata.OfType<MethodInfo>().FirstOrDefault();
        foreach (var parameter in handler?.GetParameters() ?? [])
        {
            if (parameter.ParameterType == typeof(IdempotencyKey))
            {
                AddIdempotencyKey(operation);
            }
            else if (FieldsOf(parameter.ParameterType) is { } fields)
            {
                errors.Add(Malformed(fields));
                if (parameter.ParameterType.GetGenericTypeDefinition() == typeof(Body<>))
                {
                    errors.AddRange([HttpErrors.UnsupportedMediaType, HttpErrors.TooLarge]);
                    operation.RequestBody = RequestBody(fields);
                }
                else
                {
                    AddQuery(operation, fields);
                }
            }
        }

        AddExample(operation, metadata.OfType<AnswerExample>().LastOrDefault());
        AddErrors(operation, errors, context.Document!);
        return Task.CompletedTask;
    }

    private static void AddExample(OpenApiOperation operation, AnswerExample? example)
    {
        var success = operation.Responses?.FirstOrDefault(it => it.Key.StartsWith('2')).Value;
        foreach (var content in success?.Content?.Values ?? [])
        {
            content.Example = example is null ? null : JsonSerializer.SerializeToNode(example.Value, Json.Options);
        }
    }

    private static IReadOnlyList<FieldShape>? FieldsOf(Type type) =>
        type.IsGenericType
        && (type.GetGenericTypeDefinition() == typeof(Body<>) || type.GetGenericTypeDefinition() == typeof(Query<>))
            ? (IReadOnlyList<FieldShape>)
                typeof(Fields)
                    .GetMethod(nameof(Fields.Describe))!
                    .MakeGenericMethod(type.GetGenericArguments())
                    .Invoke(null, null)!
            : null;

    private static OpenApiRequestBody RequestBody(IReadOnlyList<FieldShape> fields) =>
        new()
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/json"] = new()
                {
                    Schema = FieldSchemas.Object(fields),
                    Example = FieldSchemas.Example(fields),
                },
            },
        };

    private static void AddQuery(OpenApiOperation operation, IReadOnlyList<FieldShape> fields)
    {
        operation.Parameters ??= [];
        foreach (var field in fields)
        {
            operation.Parameters.Add(
                new OpenApiParameter
                {
                    Name = field.Name,
                    In = ParameterLocation.Query,
                    Required = field.IsRequired,
                    Schema = FieldSchemas.Of(field),
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

    private static ErrorCode Malformed(IReadOnlyList<FieldShape> fields) =>
        HttpErrors.Malformed with
        {
            DetailsExample = new { violations = new[] { FieldSchemas.Violation(fields) } },
        };

    // One response a status; each of its errors is an example, named by its code and, if others have the same, a number.
    private static void AddErrors(OpenApiOperation operation, IEnumerable<ErrorCode> errors, OpenApiDocument document)
    {
        operation.Responses ??= [];
        foreach (var status in errors.Distinct().GroupBy(it => ErrorResponse.StatusOf(it.Kind)).OrderBy(it => it.Key))
        {
            operation.Responses[status.Key.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = string.Join(" ", status.Select(it => it.When)),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    ["application/json"] = new()
                    {
                        Schema = new OpenApiSchemaReference("Error", document),
                        Examples = status
                            .GroupBy(it => it.Code, StringComparer.Ordinal)
                            .SelectMany(same =>
                                same.Select((it, i) => (Name: i == 0 ? it.Code : $"{it.Code}_{i + 1}", Error: it))
                            )
                            .ToDictionary(
                                it => it.Name,
                                IOpenApiExample (it) => Example(it.Error),
                                StringComparer.Ordinal
                            ),
                    },
                },
            };
        }
    }

    private static OpenApiExample Example(ErrorCode error) =>
        new OpenApiExample
        {
            Summary = error.When,
            Value = new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = error.Code,
                    ["message"] = error.When,
                    ["details"] = JsonSerializer.SerializeToNode(error.DetailsExample ?? new { }, Json.Options),
                    ["trace_id"] = "4bf92f3577b34da6a3ce929d0e0e4736",
                },
            },
        };

    private static OpenApiSchema ErrorSchema() =>
        FieldSchemas.Object([
            new("error", FieldKind.Nested)
            {
                IsRequired = true,
                Fields =
                {
                    new("code", FieldKind.Text) { IsRequired = true },
                    new("message", FieldKind.Text) { IsRequired = true },
                    new("details", FieldKind.Nested) { IsRequired = true },
                    new("trace_id", FieldKind.Text) { IsRequired = true },
                },
            },
        ]);

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
            schema.Format = null;
        }
        else if (type.IsEnum)
        {
            schema.Type = JsonSchemaType.String; // where it can be null, the property says so
            schema.Enum = [.. schema.Enum!.OfType<JsonNode>().Where(it => it.GetValueKind() == JsonValueKind.String)];
        }
        else if (type == typeof(JsonElement))
        {
            schema.Type = JsonSchemaType.Object;
        }

        return Task.CompletedTask;
    }
}
