using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text;
using System.Text.Json;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>An answer of the API.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Text">The body.</param>
/// <param name="Headers">The headers, those of the body included.</param>
public sealed record Answer(int Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The body; fails if it is not JSON.</summary>
    public JsonElement Json => _json ??= JsonDocument.Parse(Text).RootElement;

    private JsonElement? _json;

    /// <summary>A property of the body, by a dotted path.</summary>
    public JsonElement this[string path] => path.Split('.').Aggregate(Json, Step);

    public string? Code => this["error.code"].GetString();

    public JsonElement Details => this["error.details"];

    public override string ToString() => $"{Status} {Text}";

    /// <summary>Fails unless this is that success.</summary>
    public Answer Expect(int status)
    {
        Assert.True(Status == status, $"Expected {status}, got {this}");
        return this;
    }

    /// <summary>Fails unless this is that error, in the envelope and nothing around it.</summary>
    public Answer Expect(int status, string code)
    {
        Assert.True(Status == status && Text.Length > 0, $"Expected {status} {code}, got {this}");
        ExpectEnvelope();
        Assert.True(Code == code, $"Expected {status} {code}, got {this}");
        return this;
    }

    /// <summary>Fails unless the body is the error envelope of contract 1.1.</summary>
    public void ExpectEnvelope()
    {
        Assert.StartsWith(MediaTypeNames.Application.Json, Headers["Content-Type"], StringComparison.Ordinal);
        Assert.Equal(["error"], Json.EnumerateObject().Select(it => it.Name));
        var error = this["error"];
        Assert.Matches("^[A-Z][A-Z_]*$", error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal(JsonValueKind.Object, error.GetProperty("details").ValueKind);
    }

    private JsonElement Step(JsonElement element, string name)
    {
        if (int.TryParse(name, CultureInfo.InvariantCulture, out var index))
        {
            return element[index];
        }

        Assert.True(element.TryGetProperty(name, out var value), $"No {name} in {this}");
        return value;
    }
}

/// <summary>Somebody who calls the API.</summary>
public sealed class ApiClient(HttpClient http, string? accessToken)
{
    public string? AccessToken => accessToken;

    /// <summary>The same API for somebody with this access token, whatever it is worth.</summary>
    public ApiClient With(string? token) => new(http, token);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, JsonOf(body));

    /// <summary>Posts with an idempotency key.</summary>
    public Task<Answer> PostAsync(string path, object body, string key) =>
        SendAsync(HttpMethod.Post, path, JsonOf(body), ("Idempotency-Key", key));

    public Task<Answer> PatchAsync(string path, object? body = null) => SendAsync(HttpMethod.Patch, path, JsonOf(body));

    public Task<Answer> PutAsync(string path, object? body = null) => SendAsync(HttpMethod.Put, path, JsonOf(body));

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <summary>Sends exactly these bytes as JSON.</summary>
    public Task<Answer> SendTextAsync(HttpMethod method, string path, string body, string type = "application/json") =>
        SendAsync(method, path, new StringContent(body, Encoding.UTF8) { Headers = { ContentType = TypeOf(type) } });

    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? content = null,
        params (string Name, string Value)[] headers
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        if (accessToken is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {accessToken}");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request);
        return new Answer(
            (int)response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response
                .Headers.Concat(response.Content.Headers)
                .ToDictionary(it => it.Key, it => string.Join(", ", it.Value), StringComparer.OrdinalIgnoreCase)
        );
    }

    public Task<Answer> RegisterAsync(string email, string password) =>
        PostAsync("/api/v1/users/", new { email, password });

    public Task<Answer> LoginAsync(string email, string password) =>
        PostAsync("/api/v1/auth/login", new { email, password });

    public Task<Answer> RefreshAsync(string refreshToken) =>
        PostAsync("/api/v1/auth/refresh", new { refresh_token = refreshToken });

    public Task<Answer> ConfirmAsync(Guid purchase) => PostAsync($"/api/v1/purchases/{purchase}/confirmation");

    public Task<Answer> ReverseAsync(Guid purchase) => PatchAsync($"/api/v1/purchases/{purchase}/reverse");

    private static StringContent? JsonOf(object? body) =>
        body is null
            ? null
            : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, MediaTypeNames.Application.Json);

    private static MediaTypeHeaderValue TypeOf(string type) => MediaTypeHeaderValue.Parse(type);
}
