using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Polly;

namespace ClickNBack.MerchantSimulator;

/// <summary>The platform answers, and it is no.</summary>
internal sealed class RefusedException(Answer answer) : Exception($"{(int)answer.Status} {answer.Body}");

/// <summary>An answer of the platform.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body)
{
    /// <summary>This answer, if it is a success.</summary>
    public Answer ExpectSuccess() => (int)Status is >= 200 and < 300 ? this : throw new RefusedException(this);

    /// <summary>The body of a success.</summary>
    public T Read<T>() => JsonSerializer.Deserialize<T>(ExpectSuccess().Body, Platform.Json)!;
}

/// <summary>The platform, as everybody sees it from outside. It may be away for a while.</summary>
internal sealed class Platform(
    SimulatorOptions options,
    [FromKeyedServices(Platform.PipelineName)] ResiliencePipeline pipeline
) : IDisposable
{
    /// <summary>The resilience pipeline around its calls.</summary>
    public const string PipelineName = "platform";

    /// <summary>How it writes.</summary>
    public static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString, // amounts
    };

    private readonly HttpClient _http = new() { BaseAddress = new Uri(options.Platform) };

    /// <summary>Sends a request, again if need be: whatever is sent here may be sent twice.</summary>
    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        string? body,
        IReadOnlyCollection<(string Name, string Value)> headers,
        CancellationToken cancel
    ) =>
        await pipeline.ExecuteAsync(
            async token =>
            {
                using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
                foreach (var (name, value) in headers)
                {
                    request.Headers.Add(name, value);
                }

                if (body is not null)
                {
                    request.Content = new StringContent(body, MediaTypeHeaderValue.Parse("application/json"));
                }

                using var response = await _http.SendAsync(request, token);
                return response.StatusCode >= HttpStatusCode.InternalServerError
                    ? throw new HttpRequestException($"{method} {path}: {(int)response.StatusCode}")
                    : new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(token));
            },
            cancel
        );

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}

/// <summary>Somebody of the demo, who is logged in whenever it is needed.</summary>
internal sealed class Account(Platform platform, string name)
{
    private sealed record Tokens(string AccessToken);

    private sealed record Page<T>(IReadOnlyList<T> Data, Pagination Pagination);

    private sealed record Pagination(int Total);

    private const int PageSize = 100;

    private string? _token;

    /// <summary>Asks for something, or changes it.</summary>
    public async Task<Answer> SendAsync(
        HttpMethod method,
        string path,
        object? body = null,
        CancellationToken cancel = default
    )
    {
        var json = body is null ? null : JsonSerializer.Serialize(body, Platform.Json);
        if (_token is not null && await SendWithTokenAsync() is { Status: not HttpStatusCode.Unauthorized } answer)
        {
            return answer;
        }

        _token = await LogInAsync(cancel);
        return await SendWithTokenAsync();

        Task<Answer> SendWithTokenAsync() =>
            platform.SendAsync(method, path, json, [("Authorization", $"Bearer {_token}")], cancel);
    }

    /// <summary>Everything of a list, page by page.</summary>
    public async Task<List<T>> ListAsync<T>(string path, CancellationToken cancel)
    {
        List<T> all = [];
        Page<T> page;
        do
        {
            var address =
                $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={PageSize}&offset={all.Count}";
            page = (await SendAsync(HttpMethod.Get, address, cancel: cancel)).Read<Page<T>>();
            all.AddRange(page.Data);
        } while (page.Data.Count > 0 && all.Count < page.Pagination.Total);

        return all;
    }

    private async Task<string> LogInAsync(CancellationToken cancel)
    {
        var body = JsonSerializer.Serialize(new { email = $"{name}@clicknback.com", password = Demo.Password });
        var answer = await platform.SendAsync(HttpMethod.Post, "/api/v1/auth/login", body, [], cancel);
        return answer.Read<Tokens>().AccessToken;
    }
}
