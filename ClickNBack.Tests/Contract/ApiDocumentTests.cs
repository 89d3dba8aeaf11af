using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Contract;

/// <summary>
/// The committed OpenAPI document is the one the API serves. <c>make openapi</c> runs this with CLICKNBACK_WRITE=true,
/// which writes it anew.
/// </summary>
public sealed class ApiDocumentTests(Platform platform) : IClassFixture<Platform>
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    [Fact]
    public async Task The_committed_document_is_the_one_that_is_served()
    {
        var served =
            (await platform.Server.Anonymous.GetAsync("/openapi.json")).Expect(200).Text.ReplaceLineEndings("\n")
            + "\n";
        await Committed.IsAsync("ClickNBack.Api/openapi.json", served);
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_what_it_can_answer()
    {
        var document = (await platform.Server.Anonymous.GetAsync("/openapi.json")).Expect(200).Json;
        var operations = document
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path =>
                path.Value.EnumerateObject().Where(it => Methods.Contains(it.Name)).Select(it => (path.Name, it.Value))
            )
            .ToList();

        Assert.True(operations.Count > 30);
        Assert.Equal(
            operations.Count,
            operations.Select(it => it.Value.GetProperty("operationId").GetString()).Distinct().Count()
        );
        Assert.All(
            operations,
            it =>
            {
                Assert.NotEmpty(it.Value.GetProperty("summary").GetString()!);
                Assert.NotEqual("The handler.", it.Value.GetProperty("summary").GetString());
                Assert.NotEmpty(it.Value.GetProperty("description").GetString()!);
                Assert.NotEmpty(it.Value.GetProperty("tags").EnumerateArray());
                var responses = it
                    .Value.GetProperty("responses")
                    .EnumerateObject()
                    .Select(response => response.Name)
                    .ToList();
                Assert.Contains(responses, status => status.StartsWith('2'));
                Assert.Contains("500", responses);
            }
        );
    }

    [Fact]
    public async Task The_pages_are_served()
    {
        Assert.Contains("swagger", (await platform.Server.Anonymous.GetAsync("/docs/index.html")).Expect(200).Text);
    }
}
