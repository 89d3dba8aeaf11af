using System.Text.Json;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Money;
using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ClickNBack.Api.Payouts;

/// <summary>
/// Batches of payouts for the bank: a payout that is processing and goes to an IBAN is put into one batch, once, whoever else
/// exports. The file of a batch can be fetched again, which is audited each time.
/// </summary>
internal sealed class PayoutExports(
    ClickNBackDbContext db,
    FieldEncryption encryption,
    AuditTrail audit,
    IOptions<PayoutOptions> options,
    TimeProvider time
)
{
    /// <summary>How many payouts a batch holds at most; the rest goes into the next one.</summary>
    public const int MaxPayouts = 1000;

    public const string PayerUnknown =
        "It is not known who pays: set Payouts:PayerName and Payouts:PayerIban, restart the API and export again.";

    public const string NothingToExport =
        "No payout is waiting for an export. Mark requested bank transfers as processing first.";

    public const string NotFound = "There is no such batch.";

    public const string DestinationsErased =
        "It is forgotten where some of these payouts went, some days after they ended. The file cannot be made again.";

    public const string KeyUnknown = "The encryption key is being changed. Please try again in a moment.";

    /// <summary>Makes a batch of the oldest payouts that wait for one; answers it, or why there is none.</summary>
    public async Task<(PayoutExport? Export, string? Refusal)> CreateAsync(Guid administrator, CancellationToken cancel)
    {
        if (!options.Value.HasPayer)
        {
            return (null, PayerUnknown);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var waiting = await db
            .Database.SqlQuery<WaitingPayout>(
                $"""
                SELECT id, amount FROM payouts
                WHERE status = 'processing' AND method = 'bank_transfer' AND export_id IS NULL AND destination IS NOT NULL
                    AND held_for IS NULL
                ORDER BY requested_at, id
                LIMIT {MaxPayouts}
                FOR NO KEY UPDATE
                """
            )
            .ToListAsync(cancel);
        if (waiting.Count == 0)
        {
            return (null, NothingToExport);
        }

        var now = time.GetUtcNow();
        var export = new PayoutExport
        {
            Id = Guid.CreateVersion7(now),
            CreatedAt = now,
            CreatedBy = administrator,
            Payouts = waiting.Count,
            Amount = waiting.Sum(it => it.Amount),
        };
        db.PayoutExports.Add(export);
        Record(export, AuditActions.PayoutsExported, administrator);
        await db.SaveChangesAsync(cancel);
        var ids = waiting.ConvertAll(it => it.Id);
        await db
            .Payouts.Where(it => ids.Contains(it.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.ExportId, export.Id), cancel);
        await transaction.CommitAsync(cancel);
        return (export, null);
    }

    /// <summary>Writes the file of a batch and records who fetched it; answers why not, before it has written anything.</summary>
    public async Task<(byte[]? File, string? Refusal)> ReadFileAsync(
        Guid id,
        Guid administrator,
        CancellationToken cancel
    )
    {
        if (!options.Value.HasPayer)
        {
            return (null, PayerUnknown);
        }

        if (await db.PayoutExports.AsNoTracking().FirstOrDefaultAsync(it => it.Id == id, cancel) is not { } export)
        {
            return (null, NotFound);
        }

        var payouts = await db
            .Payouts.AsNoTracking()
            .Where(it => it.ExportId == id)
            .OrderBy(it => it.RequestedAt)
            .ThenBy(it => it.Id)
            .ToListAsync(cancel);
        if (payouts.Exists(it => it.Destination is null))
        {
            return (null, DestinationsErased);
        }

        if (payouts.Exists(it => !encryption.CanDecrypt(it.Destination))) // a process that knows the new key can
        {
            return (null, KeyUnknown);
        }

        using var file = new MemoryStream();
        await CreditTransferFile.CreateAsync(file, export, options.Value, payouts.ConvertAll(Transfer));
        Record(export, AuditActions.PayoutExportRead, administrator);
        await db.SaveChangesAsync(cancel);
        return (file.ToArray(), null);
    }

    private CreditTransfer Transfer(Payout payout)
    {
        var destination = JsonSerializer.Deserialize<JsonElement>(
            encryption.Decrypt(Payout.DestinationField, payout.Id, payout.Destination)
        );
        return new CreditTransfer(
            payout.Id,
            payout.Amount,
            destination.GetProperty("iban").GetString()!.ToUpperInvariant(),
            destination.GetProperty("account_holder").GetString()!
        );
    }

    private void Record(PayoutExport export, string action, Guid administrator) =>
        audit.Record(
            new Actor(ActorType.Admin, administrator),
            action,
            "payout_export",
            export.Id,
            new { export.Payouts, amount = Euro.Text(export.Amount) }
        );

    private sealed record WaitingPayout(Guid Id, decimal Amount);
}
