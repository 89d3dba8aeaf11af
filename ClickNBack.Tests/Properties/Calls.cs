using System.Text;
using System.Text.Json;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Properties.Model;
using ClickNBack.Tests.Properties.Operations;

namespace ClickNBack.Tests.Properties;

/// <summary>Sending requests.</summary>
internal static class Calls
{
    /// <summary>Sends the request; answers what is wrong with the answer, or null.</summary>
    public static async Task<string?> ProblemAsync(this Call call, ApiClient client, Expected expected)
    {
        var body = call.Body is null ? null : JsonSerializer.Serialize(call.Body, call.Body.GetType());
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        (string, string)[] headers = call.Key is { } key ? [("Idempotency-Key", key)] : [];
        var answer = await client.SendAsync(call.Method, call.Path, content, headers);
        return expected.Mismatch(answer) is { } mismatch
            ? $"{call.Method} {call.Path} {body}\n{mismatch}\ngot      {answer}"
            : null;
    }
}
