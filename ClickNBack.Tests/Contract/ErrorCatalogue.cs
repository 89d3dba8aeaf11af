using System.Reflection;
using System.Text.Json;
using ClickNBack.Api;
using ClickNBack.Api.Http;

namespace ClickNBack.Tests.Contract;

/// <summary>The catalogue of errors, as the code declares it.</summary>
internal static class ErrorCatalogue
{
    /// <summary>Every entry by its name in the code, such as <c>OfferErrors.NotFound</c>.</summary>
    public static IReadOnlyDictionary<string, ErrorCode> Entries { get; } =
        typeof(ClickNBackApi)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public))
            .Where(it => it.FieldType.IsAssignableTo(typeof(ErrorCode)))
            .ToDictionary(it => $"{it.DeclaringType!.Name}.{it.Name}", it => (ErrorCode)it.GetValue(null)!);

    /// <summary>The example of its details, as the API would write them.</summary>
    public static JsonElement DetailsExampleOf(ErrorCode error) =>
        JsonSerializer.SerializeToElement(error.Example.Details ?? new { }, Api.Http.Json.Options);
}
