using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.MerchantSimulator;

/// <summary>
/// All merchants: they report what became of their orders. A real merchant knows its orders from its own shop; these ones learn
/// of them from the list of pending purchases, as an administrator sees it.
/// </summary>
internal sealed class Merchants(
    Platform platform,
    SimulatorOptions options,
    TimeProvider time,
    ILogger<Merchants> logger
) : BackgroundService
{
    private sealed record Secret(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt);

    private sealed record NewSecret(string Secret);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Account _administrator = new(platform, Demo.Administrator);
    private readonly Dictionary<Guid, string> _secrets = [];
    private readonly PriorityQueue<ReportMessage, DateTimeOffset> _outbox = new();
    private readonly HashSet<ClaimedOrder> _known = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        do
        {
            try
            {
                await LearnAsync(stoppingToken);
                await ReportAsync(stoppingToken);
            }
            catch (Exception exception) when (Simulator.MayPass(exception))
            {
                logger.LogWarning("Merchants try again in a moment: {Reason}", exception.Message);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LearnAsync(CancellationToken cancel)
    {
        var pending = await _administrator.ListAsync<ClaimedOrder>("/api/v1/purchases/?status=pending", cancel);
        foreach (var order in pending.Where(_known.Add))
        {
            _outbox.EnqueueRange(OrderReports.Of(order, options).Select(it => (it, it.SendAt)));
        }

        _known.IntersectWith(pending); // what is decided does not come back
    }

    // A message is sent until it is answered; sent twice, it counts once.
    private async Task ReportAsync(CancellationToken cancel)
    {
        while (_outbox.TryPeek(out var message, out var sendAt) && sendAt <= time.GetUtcNow())
        {
            await ReportAsync(message, cancel);
            _outbox.Dequeue();
        }
    }

    private async Task ReportAsync(ReportMessage message, CancellationToken cancel)
    {
        var said = message.Transaction;
        var body = JsonSerializer.Serialize(new { Transactions = new[] { said } }, Platform.Json);
        try
        {
            var answer = await SendAsync(message, body, cancel);
            if (answer.Status == HttpStatusCode.Unauthorized) // revoked, or of a database that was thrown away
            {
                _secrets.Remove(message.MerchantId);
                answer = await SendAsync(message, body, cancel);
            }

            answer.ExpectSuccess();
            logger.LogInformation("{Order}: {Status} {Amount} EUR", said.OrderReference, said.Status, said.Amount);
        }
        catch (RefusedException refusal)
        {
            logger.LogError(
                "{Order}: {Status} was refused: {Reason}",
                said.OrderReference,
                said.Status,
                refusal.Message
            );
        }
    }

    private async Task<Answer> SendAsync(ReportMessage message, string body, CancellationToken cancel)
    {
        if (!_secrets.TryGetValue(message.MerchantId, out var secret))
        {
            secret = await NewSecretAsync(message.MerchantId, cancel);
            _secrets[message.MerchantId] = secret;
        }

        return await platform.SendAsync(
            HttpMethod.Post,
            $"/api/v1/merchants/{message.MerchantId}/reports",
            body,
            StandardWebhook.Headers(secret, message.Id, time.GetUtcNow(), body),
            cancel
        );
    }

    // A secret is shown once, so another run's is of no use. Two hold at a time: the older one makes room.
    private async Task<string> NewSecretAsync(Guid merchant, CancellationToken cancel)
    {
        var path = $"/api/v1/merchants/{merchant}/webhook-secrets/";
        var answer = await _administrator.SendAsync(HttpMethod.Post, path, cancel: cancel);
        if (answer.Status == HttpStatusCode.Conflict)
        {
            var secrets = await _administrator.ListAsync<Secret>(path, cancel);
            var oldest = secrets.Where(it => it.RevokedAt is null).MinBy(it => it.CreatedAt)!;
            await _administrator.SendAsync(HttpMethod.Delete, $"{path}{oldest.Id}", cancel: cancel);
            answer = await _administrator.SendAsync(HttpMethod.Post, path, cancel: cancel);
        }

        return answer.Read<NewSecret>().Secret;
    }
}
