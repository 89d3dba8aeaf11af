using System.Text.Json;

namespace ClickNBack.Tests.Contract;

/// <summary>
/// Each error of the catalogue is reached over HTTP: its status, its code, and exactly its details (contract 1.1), of which
/// its example is one.
/// </summary>
public sealed class ErrorCodeTests(PopulatedPlatform platform) : IClassFixture<PopulatedPlatform>
{
    public static IEnumerable<object[]> Errors => ErrorCatalogue.Entries.Keys.Select(it => new object[] { it });

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Every_error_code_is_reached(string name)
    {
        var error = ErrorCatalogue.Entries[name];
        var cases = ErrorCases.All.Where(it => it.Error == error).ToList();
        Assert.True(cases.Count > 0, $"Nothing reaches {name} ({error.Code}): add a case to {nameof(ErrorCases)}.");

        foreach (var errorCase in cases)
        {
            var answer = await errorCase.ReachAsync(platform);

            answer.Expect((int)error.Kind, error.Code);
            Assert.True(
                errorCase.Details == Outline(answer.Details),
                $"Expected details of {errorCase.Details}, got {answer}"
            );
            if (errorCase.Details == cases[0].Details)
            {
                Assert.Equal(JsonShape.Of(ErrorCatalogue.DetailsExampleOf(error)), JsonShape.Of(answer.Details));
            }
        }
    }

    // The names of an object's fields; those of the objects in a list are in brackets.
    private static string Outline(JsonElement element) =>
        string.Join(
            ' ',
            element
                .EnumerateObject()
                .Select(it =>
                    it.Value.ValueKind == JsonValueKind.Array && it.Value[0].ValueKind == JsonValueKind.Object
                        ? $"{it.Name}[{Outline(it.Value[0])}]"
                        : it.Name
                )
        );
}
