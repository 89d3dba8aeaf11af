using System.Text.Json;
using ClickNBack.Api.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace ClickNBack.Tests.Contract;

/// <summary>
/// The committed OpenAPI document is what the API serves and what its code describes. <c>make openapi</c> runs this with CLICKNBACK_WRITE=true,
/// which writes it anew.
/// </summary>
public sealed class ApiDocumentTests(PopulatedPlatform platform) : IClassFixture<PopulatedPlatform>
{
    private static readonly List<JsonElement> Operations =
    [
        .. ApiOperations
            .Document.GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject())
            .Select(it => it.Value),
    ];

    [Fact]
    [Trait("Category", "Drift")]
    public async Task The_committed_document_is_the_one_that_the_code_describes()
    {
        var documents = platform.Server.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1");
        var described = await (await documents.GetOpenApiDocumentAsync()).SerializeAsJsonAsync(
            OpenApiSpecVersion.OpenApi3_1
        );

        await Committed.IsAsync("ClickNBack.Api/openapi.json", described.ReplaceLineEndings("\n") + "\n");
    }

    [Fact]
    public async Task The_committed_document_is_served_and_not_sent_again_to_who_has_it()
    {
        var served = (await platform.Server.Anonymous.GetAsync("/openapi.json")).Expect(200);
        var again = await platform.Server.Anonymous.SendAsync(
            HttpMethod.Get,
            "/openapi.json",
            content: null,
            ("If-None-Match", served.Headers["ETag"])
        );

        Assert.Equal(Committed.Read("ClickNBack.Api/openapi.json"), served.Text);
        Assert.Equal((304, ""), (again.Status, again.Text));
    }

    public static IEnumerable<object[]> Routes => ApiOperations.All.Keys.Select(it => new object[] { it });

    [Fact]
    public void Operations_are_named_apart()
    {
        var names = Operations.Select(it => it.GetProperty("operationId").GetString()).ToList();

        Assert.True(names.Count > 30);
        Assert.Distinct(names);
    }

    [Fact]
    public void Every_operation_says_what_it_does_and_what_it_can_answer() =>
        Assert.All(
            Operations,
            it =>
            {
                Assert.NotEmpty(it.GetProperty("summary").GetString()!);
                Assert.NotEmpty(it.GetProperty("description").GetString()!);
                Assert.NotEmpty(it.GetProperty("tags").EnumerateArray());
                var responses = it.GetProperty("responses").EnumerateObject().Select(response => response.Name);
                Assert.Single(responses, status => status.StartsWith('2'));
                Assert.Superset(new HashSet<string> { "429", "500", "503" }, responses.ToHashSet());
            }
        );

    [Theory]
    [MemberData(nameof(Routes))]
    public void Every_body_has_examples_that_its_schema_allows(string route)
    {
        var operation = ApiOperations.All[route];

        foreach (var body in operation.Answers.Values.Append(operation.Body).OfType<DescribedJson>())
        {
            Assert.NotEmpty(body.Examples);
            Assert.All(body.Examples, it => Assert.Empty(ApiSchema.Problems(body.Schema, it)));
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public void The_example_of_a_success_is_what_the_contract_says(string route)
    {
        var success = ApiOperations.All[route].Answers.Where(it => it.Key.StartsWith('2')).Select(it => it.Value);

        Assert.Empty(success.SelectMany(it => it.Examples).SelectMany(it => ShapeTests.Differences(route, it)));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_example_of_a_request_is_well_formed(string route)
    {
        foreach (var example in ApiOperations.All[route].Body?.Examples ?? [])
        {
            var request = await platform.RequestAsync(route);
            var caller = await platform.CallerAsync(route);
            var answer = await request.SendAsync(caller, example.GetRawText());

            Assert.False(answer.Text.Contains("violations"), $"{example} is answered {answer}");
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task The_example_of_a_malformed_request_is_answered_to_one(string route)
    {
        var request = await platform.RequestAsync(route);
        var caller = await platform.CallerAsync(route);
        var empty = request with { Path = request.Path.Split('?')[0], Body = request.Body is null ? null : [] };

        foreach (var (_, _, error) in ErrorsOf(route).Where(it => it.When == HttpErrors.Malformed.When))
        {
            var violation = error.GetProperty("details").GetProperty("violations")[0];
            var invalid = empty with { Path = $"{empty.Path}?{violation.GetProperty("field")}=invalid" };
            var answers = new[] { await empty.SendAsync(caller), await invalid.SendAsync(caller) };

            Assert.Contains(
                answers.Where(it => it.Status == 422).SelectMany(it => it["error.details.violations"].EnumerateArray()),
                it => JsonElement.DeepEquals(it, violation)
            );
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public void The_examples_of_errors_have_the_details_of_the_catalogue(string route)
    {
        Assert.All(
            ErrorsOf(route),
            it =>
            {
                var entry = ErrorCatalogue.Entries.Values.Single(entry => entry.When == it.When);
                Assert.Equal(it.Status, $"{entry.Kind:D}");
                Assert.Equal(entry.Code, it.Error.GetProperty("code").GetString());
                Assert.Equal(
                    JsonShape.Of(ErrorCatalogue.DetailsExampleOf(entry)),
                    JsonShape.Of(it.Error.GetProperty("details"))
                );
            }
        );
    }

    [Fact]
    public async Task The_pages_are_served()
    {
        Assert.Contains("swagger", (await platform.Server.Anonymous.GetAsync("/docs/index.html")).Expect(200).Text);
    }

    // The example's message says when.
    private static IEnumerable<(string Status, string? When, JsonElement Error)> ErrorsOf(string route) =>
        ApiOperations
            .All[route]
            .Answers.Where(it => !it.Key.StartsWith('2'))
            .SelectMany(answer =>
                answer
                    .Value.Examples.Select(it => it.GetProperty("error"))
                    .Select(it => (answer.Key, it.GetProperty("message").GetString(), it))
            );
}
