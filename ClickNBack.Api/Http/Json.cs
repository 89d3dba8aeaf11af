using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClickNBack.Api.Http;

/// <summary>How the contract writes JSON: snake case, enum values in snake case, numbers without trailing zeros.</summary>
internal static class Json
{
    /// <summary>The options of every answer.</summary>
    public static readonly JsonSerializerOptions Options = Configure(
        new JsonSerializerOptions(JsonSerializerDefaults.Web)
    );

    /// <summary>Applies the contract's conventions to options that the framework owns.</summary>
    public static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict; // a number is a number, never text
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // JSON, never embedded in HTML
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        options.Converters.Add(new PlainNumber());
        options.Converters.Add(new MicrosecondInstant());
        return options;
    }

    /// <summary>The contract's name of an enum value, as in JSON and in the database.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => EnumNames<T>.Names[value];

    // numeric(18,6) comes back as 5.000000: written as 5.
    private sealed class PlainNumber : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDecimal();

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value / 1.0000000000000000000000000000m);
    }

    // The original's format of the instants of users and flags: 2026-11-20T21:05:23.078079Z.
    private sealed class MicrosecondInstant : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(
            ref Utf8JsonReader reader,
            Type typeToConvert,
            JsonSerializerOptions options
        ) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(
                value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)
            );
    }
}

/// <summary>
/// Writes an instant as <c>YYYY-MM-DDTHH:MM:SSZ</c>: the only form of a purchase's <c>created_at</c> that the mobile
/// client parses (contract, section 8).
/// </summary>
internal sealed class WholeSecondInstant : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
}
