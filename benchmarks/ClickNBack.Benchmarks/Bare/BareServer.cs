using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using Npgsql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>
/// The yardstick: four routes of the API on Kestrel and Npgsql alone. No EF, no routing, no filters, no logs; the same token
/// checks, SQL and JSON.
/// </summary>
internal sealed class BareServer(
    BareSql sql,
    BareIngestion ingestion,
    BareToken tokens,
    VerificationSignal signal,
    TimeProvider time
)
{
    /// <summary>Serves until it is told to stop; configured as the API is.</summary>
    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddEnvironmentVariables();
        builder.WebHost.UseKestrelCore().UseUrls(builder.Configuration["ASPNETCORE_URLS"]!);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var connection = Database.Connection(builder.Configuration.GetConnectionString(Database.ConnectionName)!);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(NpgsqlDataSource.Create(connection));
        builder.Services.AddSingleton<BareSql>();
        builder.Services.AddSingleton<BareIngestion>();
        builder.Services.AddSingleton(
            new BareToken(builder.Configuration["Authentication:SigningKey"]!, TimeProvider.System)
        );
        builder.Services.AddSingleton<VerificationSignal>();
        builder.Services.AddHostedService<BareJob>();
        builder.Services.AddSingleton<BareServer>();
        await using var app = builder.Build();
        var server = app.Services.GetRequiredService<BareServer>();
        app.Run(server.AnswerAsync);
        await app.RunAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value;
        if (path == "/ready")
        {
            return;
        }

        if (tokens.Read(http.Request.Headers.Authorization.ToString()) is not { } user)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await (
            path switch
            {
                "/api/v1/offers/active" => OffersAsync(http, user),
                "/api/v1/users/me/wallet" => WalletAsync(http, user),
                "/api/v1/users/me/purchases" => PurchasesAsync(http, user),
                "/api/v1/purchases/" => PurchaseAsync(http, user),
                _ => throw new InvalidOperationException($"No such route: {path}"),
            }
        );
    }

    private async Task OffersAsync(HttpContext http, Guid user)
    {
        var limit = int.Parse(http.Request.Query["limit"].ToString(), CultureInfo.InvariantCulture);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (await sql.ActiveOffersAsync(user, today) is not { } offers)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await WriteAsync(
            http,
            json =>
            {
                json.WriteStartArray("data");
                foreach (var offer in offers.Take(limit))
                {
                    json.WriteStartObject();
                    json.WriteString("id", offer.Id);
                    json.WriteString("merchant_name", offer.Merchant);
                    json.WriteString("cashback_type", offer.Type);
                    json.WriteNumber("cashback_value", Plain(offer.Value));
                    json.WriteNumber("monthly_cap", Plain(offer.MonthlyCap));
                    json.WriteString("start_date", offer.Start.ToString("O", CultureInfo.InvariantCulture));
                    json.WriteString("end_date", offer.End.ToString("O", CultureInfo.InvariantCulture));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                WritePagination(json, limit, offers.Count);
            }
        );
    }

    private async Task PurchasesAsync(HttpContext http, Guid user)
    {
        var limit = int.Parse(http.Request.Query["limit"].ToString(), CultureInfo.InvariantCulture);
        var (page, total) = await sql.PurchasesAsync(user, 0, limit);
        if (page is null)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await WriteAsync(
            http,
            json =>
            {
                json.WriteStartArray("data");
                foreach (var purchase in page)
                {
                    json.WriteStartObject();
                    json.WriteString("id", purchase.Id);
                    json.WriteString("merchant_name", purchase.Merchant);
                    json.WriteString("amount", Money(purchase.Amount));
                    json.WriteString("status", purchase.Status);
                    json.WriteString("cashback_amount", Money(purchase.Cashback));
                    json.WriteString("cashback_status", purchase.CashbackStatus);
                    json.WriteString(
                        "created_at",
                        purchase.CreatedAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
                    );
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                WritePagination(json, limit, total);
            }
        );
    }

    private static void WritePagination(Utf8JsonWriter json, int limit, long total)
    {
        json.WriteStartObject("pagination");
        json.WriteNumber("offset", 0);
        json.WriteNumber("limit", limit);
        json.WriteNumber("total", total);
        json.WriteEndObject();
    }

    private async Task WalletAsync(HttpContext http, Guid user)
    {
        if (await sql.WalletAsync(user) is not { } wallet)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        await WriteAsync(
            http,
            json =>
            {
                json.WriteString("pending_balance", Money(wallet.Pending));
                json.WriteString("available_balance", Money(wallet.Available));
                json.WriteString("paid_balance", Money(wallet.Paid));
                json.WriteString("owed_balance", Money(wallet.Owed));
            }
        );
    }

    private async Task PurchaseAsync(HttpContext http, Guid user)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        var asked = new BareIngestion.Purchase(
            body.RootElement.GetProperty("external_id").GetString()!,
            body.RootElement.GetProperty("user_id").GetGuid(),
            body.RootElement.GetProperty("merchant_id").GetGuid(),
            body.RootElement.GetProperty("amount").GetDecimal()
        );
        if (
            asked.UserId != user
            || body.RootElement.GetProperty("currency").GetString() != "EUR"
            || await ingestion.RecordAsync(asked) is not var (id, cashback)
        )
        {
            http.Response.StatusCode = StatusCodes.Status409Conflict;
            return;
        }

        signal.Wake();
        http.Response.StatusCode = StatusCodes.Status201Created;
        http.Response.Headers.Location = $"/api/v1/purchases/{id}";
        await WriteAsync(
            http,
            json =>
            {
                json.WriteString("id", id);
                json.WriteString("status", "pending");
                json.WriteString("cashback_amount", Money(cashback));
            }
        );
    }

    private static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        await using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static decimal Plain(decimal amount) => amount / 1.0000000000000000000000000000m;
}
