using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClickNBack.MerchantSimulator;

/// <summary>Some users of the demo, who buy here and there, and now and then withdraw what they have earned.</summary>
internal sealed class Shoppers(Platform platform, SimulatorOptions options, TimeProvider time, ILogger<Shoppers> logger)
    : BackgroundService
{
    private sealed record Me(Guid Id);

    private sealed record Offer(Guid MerchantId);

    private sealed record Wallet(decimal AvailableBalance);

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private const decimal WithdrawFrom = 25;

    private readonly Account _administrator = new(platform, Demo.Administrator);
    private readonly Account[] _shoppers = Array.ConvertAll(Demo.Shoppers, name => new Account(platform, name));
    private readonly Random _random = new(options.Seed);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.PurchasesPerMinute == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Minute / options.PurchasesPerMinute, time);
        do
        {
            try
            {
                await BuyAsync(stoppingToken);
            }
            catch (Exception exception) when (Simulator.MayPass(exception))
            {
                logger.LogWarning("Users try again in a moment: {Reason}", exception.Message);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task BuyAsync(CancellationToken cancel)
    {
        var today = $"{time.GetUtcNow():yyyy-MM-dd}";
        var offers = await _administrator.ListAsync<Offer>(
            $"/api/v1/offers/?status=active&date_from={today}&date_to={today}",
            cancel
        );
        var (order, merchant) = (
            $"order-{Guid.CreateVersion7(time.GetUtcNow())}",
            _random.GetItems([.. offers], 1)[0].MerchantId
        );
        var amount = _random.Next(500, 20_000) / 100m;
        _random.Shuffle(_shoppers);
        await ClaimAsync(_shoppers[0], order, merchant, amount, cancel);
        if (_random.Next(100) < options.ClaimedTwicePercent)
        {
            await ClaimAsync(_shoppers[1], order, merchant, amount, cancel);
        }

        await WithdrawAsync(_shoppers[0], cancel);
    }

    private async Task ClaimAsync(
        Account shopper,
        string order,
        Guid merchant,
        decimal amount,
        CancellationToken cancel
    )
    {
        var me = (await shopper.SendAsync(HttpMethod.Get, "/api/v1/users/me", cancel: cancel)).Read<Me>();
        var answer = await shopper.SendAsync(
            HttpMethod.Post,
            "/api/v1/purchases/",
            new
            {
                ExternalId = order,
                UserId = me.Id,
                MerchantId = merchant,
                Amount = amount,
                Currency = "EUR",
            },
            cancel
        );
        logger.LogInformation("{User} claims {Order} of {Amount} EUR: {Status}", me.Id, order, amount, answer.Status);
    }

    private async Task WithdrawAsync(Account shopper, CancellationToken cancel)
    {
        var wallet = (
            await shopper.SendAsync(HttpMethod.Get, "/api/v1/users/me/wallet", cancel: cancel)
        ).Read<Wallet>();
        if (wallet.AvailableBalance < WithdrawFrom)
        {
            return;
        }

        var answer = await shopper.SendAsync(
            HttpMethod.Post,
            "/api/v1/users/me/payouts",
            new
            {
                Amount = wallet.AvailableBalance,
                Method = "bank_transfer",
                Details = new { Iban = "DE89370400440532013000", AccountHolder = "A demo user" },
            },
            cancel
        );
        logger.LogInformation("A user withdraws {Amount} EUR: {Status}", wallet.AvailableBalance, answer.Status);
    }
}
