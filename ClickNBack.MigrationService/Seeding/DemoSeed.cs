using ClickNBack.Api.Audit;
using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ClickNBack.MigrationService.Seeding;

/// <summary>
/// Seeds the demo through the rules the API follows, so that every balance is backed by the ledger (contract D11). All of
/// it or nothing; a database that has it stays as it is.
/// </summary>
internal sealed class DemoSeed(
    ClickNBackDbContext db,
    IOptions<SeedOptions> seed,
    TimeProvider time,
    ILogger<DemoSeed> logger
)
{
    private readonly DateTimeOffset _now = time.GetUtcNow();

    public async Task RunAsync(CancellationToken cancel)
    {
        if (await db.Users.AnyAsync(it => it.Id == DemoPeople.Alice, cancel))
        {
            logger.LogInformation("The demo is seeded already");
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        AddPeople();
        AddCatalogue();
        AddFlags();
        await db.SaveChangesAsync(cancel);
        foreach (var purchase in DemoPeople.Purchases)
        {
            await BuyAsync((NpgsqlTransaction)transaction.GetDbTransaction(), purchase, cancel);
        }

        await PayOutAsync((NpgsqlTransaction)transaction.GetDbTransaction(), DemoPeople.Alice, 50, cancel);
        await transaction.CommitAsync(cancel);
        logger.LogInformation(
            "Seeded the demo: {People} people, {Merchants} merchants, {Offers} offers, {Purchases} purchases",
            DemoPeople.People.Count,
            DemoCatalogue.Merchants.Count,
            DemoCatalogue.Offers.Count,
            DemoPeople.Purchases.Count
        );
    }

    private void AddPeople()
    {
        // One hash for all: they have one password, and hashing is slow on purpose.
        var password = seed.Value.DemoPassword is { Length: > 0 } given ? given : DemoPeople.Password;
        var hash = new PasswordHasher<User>().HashPassword(null!, password);
        db.Users.AddRange(
            DemoPeople.People.Select(person => new User
            {
                Id = person.Id,
                Email = $"{person.Name}@clicknback.com",
                NormalizedEmail = $"{person.Name}@clicknback.com".ToUpperInvariant(),
                PasswordHash = hash,
                Role = person.Role,
                CreatedAt = _now.AddDays(-90),
            })
        );
    }

    private void AddCatalogue()
    {
        var today = DateOnly.FromDateTime(_now.UtcDateTime);
        db.Merchants.AddRange(
            DemoCatalogue.Merchants.Select(it => new Merchant
            {
                Id = new Guid(it.Id),
                Name = it.Name,
                DefaultCashbackPercentage = it.Percentage,
                Active = it.Active,
                CreatedAt = _now.AddDays(-90),
            })
        );
        db.Offers.AddRange(
            DemoCatalogue.Offers.Select(it => new Offer
            {
                Id = new Guid(it.Id),
                MerchantId = MerchantId(it.Merchant),
                CashbackType = it.Type,
                CashbackValue = it.Value,
                StartDate = today.AddDays(it.FirstDay),
                EndDate = today.AddDays(it.LastDay),
                MonthlyCap = it.MonthlyCap,
                Active = it.Active,
                CreatedAt = _now.AddDays(-90),
            })
        );
    }

    private void AddFlags()
    {
        Add(FlagScope.Global, null, true, "Purchases are confirmed automatically.");
        Add(FlagScope.User, DemoPeople.Dave, false, "Dave's purchases wait for an administrator.");

        void Add(FlagScope scope, Guid? scopeId, bool enabled, string description) =>
            db.FeatureFlags.Add(
                new FeatureFlag
                {
                    Id = Guid.CreateVersion7(_now),
                    Key = FlagKeys.PurchaseAutoConfirm,
                    Enabled = enabled,
                    ScopeType = scope,
                    ScopeId = scopeId,
                    Description = description,
                    CreatedAt = _now,
                    UpdatedAt = _now,
                }
            );
    }

    private async Task BuyAsync(NpgsqlTransaction transaction, DemoPeople.DemoPurchase bought, CancellationToken cancel)
    {
        var offer = DemoCatalogue.Offers.Single(it => it.Merchant == bought.Merchant && it.Active);
        var recordedAt = _now - bought.Ago;
        var purchase = new Purchase
        {
            Id = new Guid(bought.Id),
            ExternalId = bought.ExternalId,
            UserId = bought.UserId,
            MerchantId = MerchantId(bought.Merchant),
            OfferId = new Guid(offer.Id),
            Amount = bought.Amount,
            CashbackAmount = Cashback.Of(offer.Type, offer.Value, bought.Amount),
            CreatedAt = recordedAt,
            NextVerificationAt = recordedAt,
        };
        var buyer = new Actor(ActorOf(bought.UserId), bought.UserId);
        var ledger = new GeneralLedger();
        ledger.Earn(purchase, ledger.Audit(IngestPurchase.Credited(purchase, buyer)));
        await WriteAsync(transaction, IngestPurchase.InsertOf(purchase), ledger, cancel);

        var (locked, wallet) = (
            await LockedPurchases.LockForDecisionAsync(transaction, purchase.Id, _now, cancel)
        )!.Value;
        var resolution = new PurchaseResolution(recordedAt.AddHours(1));
        switch (bought.Status)
        {
            case PurchaseStatus.Confirmed:
                resolution.Confirm(locked, wallet, Actor.System);
                break;
            case PurchaseStatus.Reversed:
                resolution.Reverse(locked, wallet, new Actor(ActorType.Admin, DemoPeople.Carol));
                break;
        }

        await resolution.SaveAsync(transaction, cancel);
    }

    private async Task PayOutAsync(NpgsqlTransaction transaction, Guid userId, decimal amount, CancellationToken cancel)
    {
        var payout = new Payout
        {
            Id = Guid.CreateVersion7(_now.AddDays(-40)),
            UserId = userId,
            Amount = amount,
            Method = PayoutMethod.BankTransfer,
            RequestedAt = _now.AddDays(-40),
        };
        var request = new GeneralLedger();
        request.Request(payout, request.Audit(RequestPayout.Requested(payout, new Actor(ActorType.User, userId))));
        await WriteAsync(transaction, RequestPayout.InsertOf(payout), request, cancel);

        var completion = new GeneralLedger();
        var admin = new Actor(ActorType.Admin, DemoPeople.Carol);
        completion.Complete(
            payout,
            completion.Audit(PayoutProcessing.Processed(payout, PayoutStatus.Completed, admin, _now.AddDays(-38)))
        );
        await WriteAsync(transaction, null, completion, cancel);
    }

    private static async Task WriteAsync(
        NpgsqlTransaction transaction,
        NpgsqlBatchCommand? insert,
        GeneralLedger ledger,
        CancellationToken cancel
    )
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        if (insert is not null)
        {
            batch.BatchCommands.Add(insert);
        }

        ledger.AddTo(batch);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    private static ActorType ActorOf(Guid userId) =>
        DemoPeople.People.Single(it => it.Id == userId).Role == Role.Admin ? ActorType.Admin : ActorType.User;

    private static Guid MerchantId(string name) => new(DemoCatalogue.Merchants.Single(it => it.Name == name).Id);
}
