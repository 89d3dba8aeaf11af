namespace ClickNBack.ServiceDefaults;

/// <summary>Asks a running program whether it is ready: an image without a shell has no other way to do so.</summary>
public static class HealthProbe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4); // below what a container engine waits

    /// <summary><c>healthcheck [URL]</c>: succeeds if the answer is a 2xx.</summary>
    /// <param name="arguments">At most the URL to ask; without one it is <c>/ready</c> on the port that ASP.NET Core takes.</param>
    /// <param name="errors">Says what is wrong.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter errors)
    {
        var address = arguments is [] ? $"http://127.0.0.1:{Port()}/ready" : arguments[0];
        if (
            arguments.Length > 1
            || !Uri.TryCreate(address, UriKind.Absolute, out var url)
            || url.Scheme is not ("http" or "https")
        )
        {
            await errors.WriteLineAsync("Usage: healthcheck [http://…]");
            return ExitCode.Usage;
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        http.Timeout = Limit;
        try
        {
            using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
            if (response.IsSuccessStatusCode)
            {
                return ExitCode.Success;
            }

            await errors.WriteLineAsync($"{url} answers {(int)response.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            await errors.WriteLineAsync($"{url} does not answer: {exception.GetBaseException().Message}");
        }

        return ExitCode.Failure;
    }

    private static string Port() =>
        (Setting("HTTP_PORTS") ?? Setting("ASPNETCORE_HTTP_PORTS") ?? "8080").Split(';', 2)[0];

    private static string? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
