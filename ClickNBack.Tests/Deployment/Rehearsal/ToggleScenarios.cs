using System.Net;
using System.Net.Http.Json;

namespace ClickNBack.Tests.Deployment.Rehearsal;

/// <summary>Maintenance and the kill switch.</summary>
[Collection(RehearsalRunDefinition.Name)]
[Trait("Category", "Rehearsal")]
public class ToggleScenarios(RehearsalRun run)
{
    [Theory]
    [InlineData("maintenance", "on", "off", HttpStatusCode.ServiceUnavailable)]
    [InlineData("api", "off", "on", HttpStatusCode.NotFound)]
    public Task Clients_are_refused_while_it_lasts_and_served_afterwards(
        string what,
        string refusing,
        string serving,
        HttpStatusCode expected
    ) =>
        run.PlayAsync(
            $"{what} {refusing} and {serving}",
            mayFail: true,
            async _ =>
            {
                using var http = new HttpClient { BaseAddress = run.Server.Front };
                await run.Server.ClicknbackAsync(what, refusing).ExpectAsync(0);
                try
                {
                    using var answer = await http.GetAsync(new Uri("/api/v1/offers/active", UriKind.Relative));
                    Assert.Equal(expected, answer.StatusCode);
                    Assert.Contains("\"error\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                }
                finally
                {
                    await run.Server.ClicknbackAsync(what, serving).ExpectAsync(0);
                }
            }
        );

    [Fact]
    public Task With_the_api_off_no_form_of_its_path_reaches_it() =>
        run.PlayAsync(
            "api off, and paths that two read differently",
            mayFail: true,
            async notes =>
            {
                string[] paths =
                [
                    "/api/v1/auth/login",
                    "/API/v1/auth/login",
                    "/%61pi/v1/auth/login",
                    "/a%2fb/../api/v1/auth/login",
                    "/a%2Fb/%2e%2e/api/v1/auth/login",
                    "/a%5cb/../api/v1/auth/login",
                    "/docs/../api/v1/auth/login",
                    "/health/%2e%2e/api/v1/auth/login",
                    "//api/v1/auth/login",
                    "/./api/v1/auth/login",
                    "/%252e%252e/api/v1/auth/login",
                ];
                await run.Server.ClicknbackAsync("api", "off").ExpectAsync(0);
                try
                {
                    var reached = new List<string>();
                    foreach (var path in paths)
                    {
                        if (await LoginAsync(path) != HttpStatusCode.NotFound)
                        {
                            reached.Add(path);
                        }
                    }

                    Assert.Equal([], reached);
                    using var http = new HttpClient { BaseAddress = run.Server.Front };
                    foreach (var page in (string[])["/console", "/console/sign-in", "/Console/sign-in"])
                    {
                        using var answer = await http.GetAsync(new Uri(page, UriKind.Relative));
                        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
                    }

                    foreach (var open in (string[])["/health", "/ready", "/openapi.json"])
                    {
                        using var answer = await http.GetAsync(new Uri(open, UriKind.Relative));
                        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    }
                }
                finally
                {
                    await run.Server.ClicknbackAsync("api", "on").ExpectAsync(0);
                }

                Assert.Equal(HttpStatusCode.OK, await LoginAsync("/api/v1/auth/login"));
                Assert.Equal(HttpStatusCode.NotFound, await LoginAsync("/a%2fb/../api/v1/auth/login"));
                notes.Add($"{paths.Length} paths");
            }
        );

    private async Task<HttpStatusCode> LoginAsync(string path)
    {
        using var http = new HttpClient();
        var asWritten = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var login = new { email = Server.AdminEmail, password = run.Server.Secrets["ADMIN_PASSWORD"] };
        using var answer = await http.PostAsJsonAsync(
            new Uri($"http://{run.Server.Front.Authority}{path}", asWritten),
            login
        );
        return answer.StatusCode;
    }
}
