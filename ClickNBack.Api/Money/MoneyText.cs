using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClickNBack.Api.Money;

/// <summary>Writes money as a string with two decimals, as purchases and wallets do (contract, section 1).</summary>
internal sealed class MoneyText : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        decimal.Parse(reader.GetString()!, CultureInfo.InvariantCulture);

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Euro.Text(value));
}
