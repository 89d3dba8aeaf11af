using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Properties.Model;

/// <summary>What the contract says must be answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The error's code; null for a success.</param>
internal sealed record Expected(int Status, string? Code = null)
{
    /// <summary>Stands in a body for what nobody can know before.</summary>
    public const string Anything = "*";

    /// <summary>The body of a success, worked out after <see cref="Learn"/>.</summary>
    public Func<object>? Body { get; init; }

    /// <summary>Takes from the answer what the platform alone can know: identifiers, and what it will have to repeat.</summary>
    public Action<Answer>? Learn { get; init; }

    /// <summary>The answer of which this is a repetition, byte for byte.</summary>
    public Func<string>? Repetition { get; init; }

    public static Expected Refusal(int status, string code) => new(status, code);

    public static Expected Ok(object body) => new(200) { Body = () => body };

    /// <summary>Something new, with an identifier of the platform's choice.</summary>
    public static Expected Created(Action<Guid> learn, Func<object> body) =>
        new(201) { Learn = answer => learn(answer["id"].GetGuid()), Body = body };

    /// <summary>Why the answer is not the expected one, or null.</summary>
    public string? Mismatch(Answer answer)
    {
        if (answer.Status != Status)
        {
            return $"expected {Status} {Code}";
        }

        if (Code is not null)
        {
            answer.ExpectEnvelope();
            return answer.Code == Code ? null : $"expected {Status} {Code}";
        }

        if (answer.Headers.ContainsKey("Idempotent-Replayed") != (Repetition is not null))
        {
            return Repetition is null ? "expected no repetition" : "expected a repetition";
        }

        if (Repetition is not null)
        {
            return answer.Text == Repetition() ? null : $"expected the same bytes as before: {Repetition()}";
        }

        Learn?.Invoke(answer);
        if (Body is null)
        {
            return answer.Text.Length == 0 ? null : "expected no body";
        }

        var body = JsonSerializer.SerializeToElement(Body());
        return Matches(body, answer.Json) ? null : $"expected {body}";
    }

    private static bool Matches(JsonElement expected, JsonElement actual) =>
        (expected.ValueKind, actual.ValueKind) switch
        {
            (JsonValueKind.String, _) when expected.ValueEquals(Anything) => true,
            (JsonValueKind.Object, JsonValueKind.Object) => expected.GetPropertyCount() == actual.GetPropertyCount()
                && expected
                    .EnumerateObject()
                    .All(it => actual.TryGetProperty(it.Name, out var value) && Matches(it.Value, value)),
            (JsonValueKind.Array, JsonValueKind.Array) => expected.GetArrayLength() == actual.GetArrayLength()
                && expected.EnumerateArray().Zip(actual.EnumerateArray()).All(it => Matches(it.First, it.Second)),
            _ => JsonElement.DeepEquals(expected, actual),
        };
}
