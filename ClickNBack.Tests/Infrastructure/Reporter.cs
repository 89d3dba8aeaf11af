using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClickNBack.MerchantSimulator;

namespace ClickNBack.Tests.Infrastructure;

/// <summary>A merchant that reports transactions, signed.</summary>
internal sealed record Reporter(Shop Shop, string Secret)
{
    /// <summary>How a file begins.</summary>
    public const string CsvHeader = "order_reference,amount,currency,status,reported_at,reason\n";

    /// <summary>The merchant's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>One that has just got its first secret.</summary>
    public static async Task<Reporter> NewAsync(Person admin, Shop shop) =>
        new(shop, await NewSecretAsync(admin, shop.Merchant));

    public static async Task<string> NewSecretAsync(Person admin, Guid merchant) =>
        (await admin.Api.PostAsync($"/api/v1/merchants/{merchant}/webhook-secrets")).Expect(201)["secret"].GetString()!;

    /// <summary>One transaction, of now unless said otherwise.</summary>
    public JsonObject Said(
        string order,
        decimal amount,
        string status = "approved",
        DateTimeOffset? at = null,
        string currency = "EUR",
        string? reason = null
    ) =>
        new()
        {
            ["order_reference"] = order,
            ["amount"] = amount,
            ["currency"] = currency,
            ["status"] = status,
            ["reported_at"] = (at ?? Clock.GetUtcNow()).ToString("O"),
            ["reason"] = reason,
        };

    /// <summary>Reports; fails if that is refused.</summary>
    public async Task ReportAsync(ApiClient api, params JsonObject[] transactions) =>
        (await TryReportAsync(api, Body(transactions))).Expect(202);

    /// <summary>Has an administrator upload and confirm the same as a file.</summary>
    public async Task ReportAsFileAsync(Person admin, params JsonObject[] transactions)
    {
        string[] columns = ["order_reference", "amount", "currency", "status", "reported_at", "reason"];
        var rows = transactions.Select(it => string.Join(',', columns.Select(column => it[column])));
        var file = await UploadAsync(admin, Encoding.UTF8.GetBytes($"{CsvHeader}{string.Join('\n', rows)}"));
        (await ConfirmAsync(admin, file)).Expect(200);
    }

    /// <summary>Has an administrator upload a file.</summary>
    public async Task<Guid> UploadAsync(Person admin, byte[] csv, string separator = "comma", string point = "point")
    {
        var content = new ByteArrayContent(csv);
        content.Headers.ContentType = new(MediaTypeNames.Text.Csv);
        var path = $"/api/v1/merchants/{Shop.Merchant}/report-files?separator={separator}&decimal={point}";
        return (await admin.Api.SendAsync(HttpMethod.Post, path, content)).Expect(201)["id"].GetGuid();
    }

    /// <summary>Has an administrator confirm it.</summary>
    public static Task<Answer> ConfirmAsync(Person admin, Guid file) =>
        admin.Api.PostAsync($"/api/v1/admin/report-files/{file}/confirmation");

    /// <summary>The message of these transactions.</summary>
    public static string Body(params JsonNode[] transactions) =>
        JsonSerializer.Serialize(new { transactions = transactions.Select(it => it.DeepClone()) });

    /// <summary>Sends a message, signed now unless said otherwise.</summary>
    public Task<Answer> TryReportAsync(ApiClient api, string body, string? id = null, DateTimeOffset? at = null) =>
        SendAsync(api, body, Headers(body, id, at));

    /// <summary>The headers of a message that is signed now, unless said otherwise.</summary>
    public (string Name, string Value)[] Headers(string body, string? id = null, DateTimeOffset? at = null) =>
        StandardWebhook.Headers(Secret, id ?? Unique.Text(), at ?? Clock.GetUtcNow(), body);

    /// <summary>Sends a message with these headers.</summary>
    public Task<Answer> SendAsync(ApiClient api, string body, params (string, string)[] headers) =>
        api.SendAsync(
            HttpMethod.Post,
            $"/api/v1/merchants/{Shop.Merchant}/reports",
            new StringContent(body, Encoding.UTF8, MediaTypeNames.Application.Json),
            headers
        );
}
