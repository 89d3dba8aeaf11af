using ClickNBack.Api.Purchases;
using Npgsql;
using static ClickNBack.Benchmarks.Bare.BareSql;

namespace ClickNBack.Benchmarks.Bare;

/// <summary>
/// What the API's verification job does while automatic confirmation is off: it claims what was recorded and puts it aside.
/// </summary>
internal sealed class BareJob(NpgsqlDataSource db, VerificationSignal signal, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var claimed = await ClaimAsync();
            if (claimed.Count > 0)
            {
                await ReadFlagsAsync([.. claimed.SelectMany(it => new[] { it.User, it.Merchant }).Distinct()]);
                await PutAsideAsync([.. claimed.Select(it => it.Id)]);
            }
            else
            {
                await NextAsync();
                await signal.WaitAsync(Interval, stoppingToken);
            }
        }
    }

    private async Task<List<(Guid Id, Guid User, Guid Merchant)>> ClaimAsync()
    {
        var now = time.GetUtcNow().UtcDateTime;
        await using var command = db.CreateCommand(
            """
            UPDATE purchases SET next_verification_at = $2
            WHERE id = ANY (ARRAY(
                SELECT id FROM purchases
                WHERE status = 'pending' AND next_verification_at <= $1
                ORDER BY next_verification_at
                LIMIT 500
                FOR NO KEY UPDATE SKIP LOCKED
            ))
            RETURNING purchases.id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, status, created_at,
                verification_failures, next_verification_at
            """
        );
        command.Parameters.Add(Of(now));
        command.Parameters.Add(Of(now + Lease));
        await using var row = await command.ExecuteReaderAsync();
        var claimed = new List<(Guid, Guid, Guid)>();
        var (id, user, merchant) = (row.GetOrdinal("id"), row.GetOrdinal("user_id"), row.GetOrdinal("merchant_id"));
        while (await row.ReadAsync())
        {
            claimed.Add((row.GetGuid(id), row.GetGuid(user), row.GetGuid(merchant)));
        }

        return claimed;
    }

    private async Task ReadFlagsAsync(Guid[] scopes)
    {
        await using var command = db.CreateCommand(
            """
            SELECT f.scope_type AS "ScopeType", f.scope_id AS "ScopeId", f.enabled AS "Enabled"
            FROM feature_flags AS f
            WHERE f.key = $1 AND (f.scope_id IS NULL OR f.scope_id = ANY ($2))
            """
        );
        command.Parameters.Add(Of("purchase_auto_confirm"));
        command.Parameters.Add(Of(scopes));
        await command.ExecuteNonQueryAsync();
    }

    private async Task PutAsideAsync(Guid[] purchases)
    {
        await using var command = db.CreateCommand(
            """
            UPDATE purchases AS p
            SET next_verification_at = $1
            WHERE p.id = ANY ($2) AND p.status = 'pending'
            """
        );
        command.Parameters.Add(Of(time.GetUtcNow().UtcDateTime + Interval));
        command.Parameters.Add(Of(purchases));
        await command.ExecuteNonQueryAsync();
    }

    private async Task NextAsync()
    {
        await using var command = db.CreateCommand(
            """
            SELECT min(p.next_verification_at)
            FROM purchases AS p
            WHERE p.status = 'pending'
            """
        );
        await command.ExecuteScalarAsync();
    }
}
