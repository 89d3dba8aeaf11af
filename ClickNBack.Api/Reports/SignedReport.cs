using System.Reflection;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Reports;

/// <summary>
/// A message of a merchant. That it is the merchant's is checked before anybody looks at what it says: a sender who is unknown
/// learns nothing, not even whether the merchant exists.
/// </summary>
internal sealed class SignedReport(string messageId, Body<ReceiveReport.Request> body, ApiError? refusal)
    : IBoundRequest,
        IEndpointParameterMetadataProvider
{
    /// <summary>The sender's identifier of the message.</summary>
    public string MessageId => messageId;

    /// <summary>What it says.</summary>
    public ReceiveReport.Request Value => body.Value;

    /// <summary>The message as it was sent.</summary>
    public ReadOnlyMemory<byte> Bytes => body.Bytes;

    public ApiError? Error => refusal ?? body.Error;

    public static async ValueTask<SignedReport> BindAsync(HttpContext context)
    {
        var body = await Body<ReceiveReport.Request>.BindAsync(context);
        var headers = context.Request.Headers;
        var services = context.RequestServices;
        var isKnown = Ids.TryParse(context.GetRouteValue("id") as string, out var merchant);
        var secrets = isKnown ? await LoadSecretsAsync(services, merchant, context.RequestAborted) : [];
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var refusal = WebhookSignature.IsValid(headers, body.Bytes.Span, now, secrets)
            ? null
            : ReportErrors.InvalidSignature.With();
        return new SignedReport($"{headers["webhook-id"]}", body, refusal);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        Body<ReceiveReport.Request>.PopulateMetadata(parameter, builder);

    private static async Task<List<byte[]>> LoadSecretsAsync(
        IServiceProvider services,
        Guid merchant,
        CancellationToken cancel
    )
    {
        var db = services.GetRequiredService<ClickNBackDbContext>();
        var secrets = await db
            .WebhookSecrets.AsNoTracking()
            .Where(it => it.MerchantId == merchant && it.RevokedAt == null)
            .ToListAsync(cancel);
        var vault = services.GetRequiredService<WebhookSecretVault>();
        return [.. secrets.Select(vault.Open).OfType<byte[]>()];
    }
}
