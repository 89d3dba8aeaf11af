using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Status;
using ClickNBack.ServiceDefaults;
using Npgsql;

namespace ClickNBack.Api.Console;

/// <summary>How the platform is doing, at a glance.</summary>
internal static class Overview
{
    /// <summary>What all users had at the last money check of a day that asked about everybody.</summary>
    internal sealed record Day(DateOnly Date, decimal Pending, decimal Available, decimal Paid, decimal Owed);

    /// <summary>What waits for somebody.</summary>
    /// <param name="Name">What it is.</param>
    /// <param name="Path">Where it is decided.</param>
    /// <param name="Count">How many.</param>
    /// <param name="Oldest">Since when the oldest waits.</param>
    internal sealed record Queue(string Name, string Path, long Count, DateTimeOffset? Oldest);

    internal sealed record Model(SystemStatusResponse Status, List<Day> Days, List<Queue> Queues);

    // Of each day one row, found by its key: what the last check of it that summed up all accounts found in those of the users.
    private const string FindDays = """
        SELECT day::date, coalesce(sum(sign * balance) FILTER (WHERE name = 'user_pending'), 0),
            coalesce(sum(sign * balance) FILTER (WHERE name = 'user_available'), 0),
            coalesce(sum(sign * balance) FILTER (WHERE name = 'paid_out'), 0),
            coalesce(sum(sign * balance) FILTER (WHERE name = 'user_debt'), 0)
        FROM generate_series($1::timestamptz - interval '29 days', $1, interval '1 day') AS day, LATERAL (
            SELECT accounts FROM money_checks
            WHERE checked_at >= day AND checked_at < day + interval '1 day' AND accounts IS NOT NULL
            ORDER BY checked_at DESC LIMIT 1) AS last
        LEFT JOIN LATERAL (
            SELECT key AS name, CASE key WHEN 'user_debt' THEN -1 ELSE 1 END AS sign,
                (value->>'debit')::numeric - (value->>'credit')::numeric AS balance
            FROM jsonb_each(accounts)) AS account ON true
        GROUP BY day ORDER BY day
        """;

    private const string FindQueues = """
        SELECT (SELECT count(*) FROM cases WHERE decided_at IS NULL), (SELECT min(opened_at) FROM cases WHERE decided_at IS NULL),
            (SELECT count(*) FROM payouts WHERE status = 'requested' AND held_for IS NULL),
            (SELECT min(requested_at) FROM payouts WHERE status = 'requested' AND held_for IS NULL),
            (SELECT count(*) FROM payouts WHERE status = 'processing'),
            (SELECT min(requested_at) FROM payouts WHERE status = 'processing'),
            (SELECT min(created_at) FROM purchases WHERE status = 'pending'),
            (SELECT count(*) FROM payouts WHERE held_for IS NOT NULL AND status IN ('requested', 'processing')),
            (SELECT min(requested_at) FROM payouts WHERE held_for IS NOT NULL AND status IN ('requested', 'processing'))
        """;

    public static async Task<IResult> ShowAsync(
        ClickNBackDbContext db,
        NpgsqlDataSource database,
        BuildInfo build,
        VerificationOptions verification,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var status = (await GetStatus.HandleAsync(db, build, verification, time, cancel)).Value!;
        var today = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await using var batch = database.CreateBatch();
        batch.Add(FindDays, it => it.AddValue(today)).Add(FindQueues, it => it);
        await using var row = await batch.ExecuteReaderAsync(cancel);
        var days = await row.ReadAllAsync(
            it => new Day(
                it.GetFieldValue<DateOnly>(0),
                it.GetDecimal(1),
                it.GetDecimal(2),
                it.GetDecimal(3),
                it.GetDecimal(4)
            ),
            cancel
        );
        var queues = await row.ReadAllAsync(
            it =>
                (List<Queue>)
                    [
                        new("Cases to decide", CaseList.Path, it.GetInt64(0), Since(1)),
                        new("Payouts requested", PayoutList.Path, it.GetInt64(2), Since(3)),
                        new("Payouts held", PayoutList.HeldPath, it.GetInt64(7), Since(8)),
                        new("Payouts in progress", $"{PayoutList.Path}?status=processing", it.GetInt64(4), Since(5)),
                        new(
                            "Purchases pending",
                            PurchaseList.Path + QueryString.Create("status", "pending"),
                            status.PendingPurchases,
                            Since(6)
                        ),
                    ],
            cancel
        );
        return Page.Of<OverviewPage>(new Model(status, days, queues[0]));

        DateTimeOffset? Since(int column) => row.GetFieldValue<DateTimeOffset?>(column);
    }
}
