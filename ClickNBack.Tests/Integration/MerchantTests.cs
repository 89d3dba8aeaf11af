using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class MerchantTests(Platform platform) : IClassFixture<Platform>
{
    private const string Merchants = "/api/v1/merchants/";

    private ApiClient Admin => platform.Admin.Api;

    [Fact]
    public async Task A_new_merchant_is_active()
    {
        var name = Unique.Text();

        var answer = await Admin.PostAsync(Merchants, new { name, default_cashback_percentage = 3.5m });

        answer.Expect(201);
        Assert.Equal(
            ["id", "name", "default_cashback_percentage", "active"],
            answer.Json.EnumerateObject().Select(it => it.Name)
        );
        Assert.Equal(name, answer["name"].GetString());
        Assert.Equal(JsonValueKind.Number, answer["default_cashback_percentage"].ValueKind);
        Assert.Equal(3.5m, answer["default_cashback_percentage"].GetDecimal());
        Assert.True(answer["active"].GetBoolean());
    }

    [Theory]
    [InlineData("0", 201)]
    [InlineData("20", 201)]
    [InlineData("20.01", 409)]
    [InlineData("-0.01", 409)]
    public async Task The_percentage_is_from_0_to_the_platforms_maximum(string percentage, int status)
    {
        var body = $$"""{"name":"{{Unique.Text()}}","default_cashback_percentage":{{percentage}}}""";

        var answer = await Admin.SendTextAsync(HttpMethod.Post, Merchants, body);

        answer.Expect(status);
        if (status == 409)
        {
            answer.Expect(409, "VALIDATION_ERROR");
            Assert.Equal("default_cashback_percentage", answer["error.details.field"].GetString());
            Assert.NotEmpty(answer["error.details.reason"].GetString()!);
        }
    }

    [Theory]
    [InlineData("""{"default_cashback_percentage":5}""", "name")]
    [InlineData("""{"name":"","default_cashback_percentage":5}""", "name")]
    [InlineData("""{"name":"  \t ","default_cashback_percentage":5}""", "name")]
    [InlineData("""{"name":"a\u0000b","default_cashback_percentage":5}""", "name")]
    [InlineData("""{"name":7,"default_cashback_percentage":5}""", "name")]
    [InlineData("""{"name":"x"}""", "default_cashback_percentage")]
    [InlineData("""{"name":"x","default_cashback_percentage":"NaN"}""", "default_cashback_percentage")]
    [InlineData("""{"name":"x","default_cashback_percentage":5,"active":"perhaps"}""", "active")]
    public async Task A_malformed_merchant_is_refused_by_its_field(string body, string field)
    {
        var answer = await Admin.SendTextAsync(HttpMethod.Post, Merchants, body);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal(field, answer["error.details.violations.0.field"].GetString());
    }

    [Theory]
    [InlineData(255, 201)]
    [InlineData(256, 422)]
    [InlineData(5000, 422)]
    public async Task A_name_has_at_most_255_characters(int length, int status)
    {
        var name = Unique.Text().PadRight(length, 'x');

        (await Admin.PostAsync(Merchants, new { name, default_cashback_percentage = 1 })).Expect(status);
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        var body = new { name = Unique.Text(), default_cashback_percentage = 5 };
        (await Admin.PostAsync(Merchants, body)).Expect(201);

        (await Admin.PostAsync(Merchants, body)).Expect(409, "MERCHANT_NAME_ALREADY_EXISTS");
    }

    [Fact]
    public async Task The_list_filters_by_activity()
    {
        var active = await platform.Admin.OpenMerchantAsync();
        var inactive = await platform.Admin.OpenMerchantAsync(active: false);

        var answer = await Admin.GetAsync(Merchants + "?active=false&limit=100");

        var ids = answer.Expect(200)["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid()).ToList();
        Assert.Contains(inactive, ids);
        Assert.DoesNotContain(active, ids);
        Assert.All(answer["data"].EnumerateArray(), it => Assert.False(it.GetProperty("active").GetBoolean()));
    }

    [Fact]
    public async Task Setting_a_status_twice_changes_and_audits_it_once()
    {
        var merchant = await platform.Admin.OpenMerchantAsync();

        for (var time = 0; time < 2; time++)
        {
            var answer = await Admin.PatchAsync($"{Merchants}{merchant}/status", new { status = "inactive" });
            answer.Expect(200);
            Assert.Equal(["id", "status"], answer.Json.EnumerateObject().Select(it => it.Name));
            Assert.Equal("inactive", answer["status"].GetString());
        }

        Assert.Equal(
            [$"MERCHANT_ACTIVATED admin {platform.Admin.Id}", $"MERCHANT_DEACTIVATED admin {platform.Admin.Id}"],
            await platform.Database.RowsAsync(
                "SELECT action, actor_type, actor_id FROM audit_logs WHERE resource_id = $1 ORDER BY occurred_at",
                merchant
            )
        );
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-00000000dead")]
    [InlineData("invalid")]
    public async Task An_unknown_merchant_is_not_found(string id)
    {
        var answer = await Admin.PatchAsync($"{Merchants}{id}/status", new { status = "active" });

        answer.Expect(404, "NOT_FOUND");
        Assert.Equal("merchant", answer["error.details.resource_type"].GetString());
        Assert.Equal(id, answer["error.details.resource_id"].GetString());
        Assert.Contains(id, answer["error.message"].GetString());
    }

    [Theory]
    [InlineData("""{"status":"Active"}""")]
    [InlineData("""{"status":"gone"}""")]
    [InlineData("""{"status":true}""")]
    [InlineData("{}")]
    public async Task An_unknown_status_is_refused(string body)
    {
        var merchant = await platform.Admin.OpenMerchantAsync();

        var answer = await Admin.SendTextAsync(HttpMethod.Patch, $"{Merchants}{merchant}/status", body);

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal("status", answer["error.details.violations.0.field"].GetString());
    }
}
