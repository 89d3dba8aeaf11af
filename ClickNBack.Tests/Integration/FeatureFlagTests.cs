using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class FeatureFlagTests(Platform platform) : IClassFixture<Platform>
{
    private const string Path = "/api/v1/feature-flags";

    private ApiClient Admin => platform.Admin.Api;

    [Fact]
    public async Task Setting_a_flag_makes_one_record_a_scope_and_keeps_an_omitted_description()
    {
        var key = Key();

        var made = (await Admin.PutAsync($"{Path}/{key}", new { enabled = false, description = "why" })).Expect(200);
        var set = (await Admin.PutAsync($"{Path}/{key}", new { enabled = true })).Expect(200);

        Assert.Equal(made["id"].GetGuid(), set["id"].GetGuid());
        Assert.True(set["enabled"].GetBoolean());
        Assert.Equal("why", set["description"].GetString());
        Assert.Equal("global", set["scope_type"].GetString());
        Assert.Equal(
            ["id", "key", "enabled", "scope_type", "scope_id", "description", "created_at", "updated_at"],
            set.Json.EnumerateObject().Select(it => it.Name)
        );
    }

    [Fact]
    public async Task The_scoped_record_wins_over_the_global_one_and_without_any_the_flag_is_on()
    {
        var key = Key();
        var user = Guid.CreateVersion7();
        Assert.True(await EvaluateAsync(key, $"?scope_type=user&scope_id={user}"));

        (await Admin.PutAsync($"{Path}/{key}", new { enabled = false })).Expect(200);
        Assert.False(await EvaluateAsync(key, $"?scope_type=user&scope_id={user}"));

        (
            await Admin.PutAsync(
                $"{Path}/{key}",
                new
                {
                    enabled = true,
                    scope_type = "user",
                    scope_id = user,
                }
            )
        ).Expect(200);
        Assert.True(await EvaluateAsync(key, $"?scope_type=user&scope_id={user}"));
        Assert.False(await EvaluateAsync(key, $"?scope_type=merchant&scope_id={user}"));
        Assert.False(await EvaluateAsync(key, ""));
    }

    [Fact]
    public async Task Deleting_a_record_uncovers_the_next_one()
    {
        var key = Key();
        (await Admin.PutAsync($"{Path}/{key}", new { enabled = false })).Expect(200);

        (await Admin.DeleteAsync($"{Path}/{key}?scope_type=global")).Expect(204);

        Assert.True(await EvaluateAsync(key, ""));
        var again = await Admin.DeleteAsync($"{Path}/{key}?scope_type=global");
        again.Expect(404, "FEATURE_FLAG_NOT_FOUND");
        Assert.Equal(key, again.Details.GetProperty("key").GetString());
        Assert.Equal(JsonValueKind.Null, again.Details.GetProperty("scope_id").ValueKind);
    }

    [Fact]
    public async Task Simultaneous_settings_all_succeed_and_leave_one_record()
    {
        var key = Key();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(it => Admin.PutAsync($"{Path}/{key}", new { enabled = it % 2 == 0 }))
        );

        Assert.All(answers, it => it.Expect(200));
        Assert.Equal(1, (await Admin.GetAsync($"{Path}?key={key}")).Expect(200)["pagination.total"].GetInt32());
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("1st")]
    [InlineData("with-hyphen")]
    [InlineData(
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )]
    public async Task An_impossible_key_is_named(string key)
    {
        var answer = await Admin.PutAsync($"{Path}/{key}", new { enabled = true });

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(key, answer.Details.GetProperty("key").GetString());
    }

    [Fact]
    public async Task A_scope_needs_to_say_whose_and_the_global_one_must_not()
    {
        var key = Key();

        var missing = await Admin.PutAsync($"{Path}/{key}", new { enabled = true, scope_type = "merchant" });
        var evaluated = await Admin.GetAsync($"{Path}/{key}/evaluate?scope_type=user");
        var superfluous = await Admin.PutAsync(
            $"{Path}/{key}",
            new { enabled = true, scope_id = Guid.CreateVersion7() }
        );

        missing.Expect(422, "FEATURE_FLAG_SCOPE_ID_REQUIRED");
        Assert.Equal("merchant", missing.Details.GetProperty("scope_type").GetString());
        evaluated.Expect(422, "FEATURE_FLAG_SCOPE_ID_REQUIRED");
        superfluous.Expect(422, "VALIDATION_ERROR");
        (await Admin.GetAsync($"{Path}/{key}/evaluate?scope_type=planet")).Expect(422, "VALIDATION_ERROR");
        (await Admin.DeleteAsync($"{Path}/{key}")).Expect(422, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task Flags_are_listed_newest_first_and_filtered()
    {
        var (older, newer) = (Key(), Key());
        var merchant = Guid.CreateVersion7();
        (await Admin.PutAsync($"{Path}/{older}", new { enabled = true })).Expect(200);
        (
            await Admin.PutAsync(
                $"{Path}/{newer}",
                new
                {
                    enabled = true,
                    scope_type = "merchant",
                    scope_id = merchant,
                }
            )
        ).Expect(200);

        var all = (await Admin.GetAsync($"{Path}?limit=100")).Expect(200);
        var filtered = (await Admin.GetAsync($"{Path}?scope_type=merchant&scope_id={merchant}")).Expect(200);

        var keys = all["data"].EnumerateArray().Select(it => it.GetProperty("key").GetString()).ToList();
        Assert.True(keys.IndexOf(newer) < keys.IndexOf(older));
        Assert.Equal(newer, filtered["data.0.key"].GetString());
        Assert.Equal(1, filtered["pagination.total"].GetInt32());
    }

    private async Task<bool> EvaluateAsync(string key, string query)
    {
        var answer = (await Admin.GetAsync($"{Path}/{key}/evaluate{query}")).Expect(200);
        Assert.Equal(key, answer["key"].GetString());
        return answer["enabled"].GetBoolean();
    }

    private static string Key() => $"flag_{Guid.CreateVersion7():N}";
}
