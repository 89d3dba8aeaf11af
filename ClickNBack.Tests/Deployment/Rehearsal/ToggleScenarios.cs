using System.Net;

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
}
