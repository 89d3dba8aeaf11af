using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Graph;

/// <summary>What somebody does who has just started the whole graph, however it was started.</summary>
internal static class Journey
{
    private const string Alice = "b7e2c1a2-4f3a-4e2b-9c1a-8d2e3f4b5c6d";
    private const string TechZone = "f6a7b8c9-d0e1-4f2a-3b4c-5d6e7f8a9b0c";

    /// <summary>Logs in as somebody of the demo.</summary>
    public static async Task LogInAsync(HttpClient http, string name = "alice")
    {
        using var login = await http.PostAsJsonAsync(
            "/api/v1/auth/login",
            new { email = $"{name}@clicknback.com", password = "Str0ng!Pass" }
        );
        var tokens = await login.Content.ReadFromJsonAsync<JsonElement>();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            tokens.GetProperty("access_token").GetString()
        );
    }

    /// <summary>Claims an order of 40.10 EUR at TechZone (6 %) for alice, who is logged in.</summary>
    /// <returns>The purchase.</returns>
    public static async Task<string> ClaimAsync(HttpClient http, string order)
    {
        using var ingestion = await http.PostAsJsonAsync(
            "/api/v1/purchases/",
            new
            {
                external_id = order,
                user_id = Alice,
                merchant_id = TechZone,
                amount = "40.10",
                currency = "EUR",
            }
        );
        var purchase = await ingestion.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("2.41", purchase.GetProperty("cashback_amount").GetString());
        return purchase.GetProperty("id").GetString()!;
    }

    /// <summary>Returns when a purchase of somebody who is logged in is confirmed.</summary>
    public static Task ConfirmedAsync(HttpClient http, string purchase) =>
        Until.TrueAsync(
            async () =>
                (await http.GetFromJsonAsync<JsonElement>($"/api/v1/purchases/{purchase}"))
                    .GetProperty("status")
                    .GetString() == "confirmed",
            "the purchase was confirmed"
        );

    /// <summary>A purchase earns cashback that becomes available.</summary>
    /// <returns>The purchase's path.</returns>
    public static async Task<string> PurchaseToCashbackAsync(HttpClient http)
    {
        await LogInAsync(http);
        var id = await ClaimAsync(http, $"journey-{Guid.CreateVersion7()}");
        await ConfirmedAsync(http, id);
        var transactions = await http.GetFromJsonAsync<JsonElement>("/api/v1/users/me/wallet/transactions");
        var cashback = transactions
            .GetProperty("data")
            .EnumerateArray()
            .Single(it => it.GetProperty("related_purchase_id").GetString() == id);
        Assert.Equal("available", cashback.GetProperty("status").GetString());
        Assert.Equal("2.41", cashback.GetProperty("amount").GetString());
        return $"/api/v1/purchases/{id}";
    }
}
