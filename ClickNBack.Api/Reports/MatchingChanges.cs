using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Reports;

/// <summary>
/// What a round of matching writes beside money: what became of transactions, cases, and when purchases are looked at again.
/// One statement a table, however many rows.
/// </summary>
internal sealed class MatchingChanges(DateTimeOffset now)
{
    private const string InsertCases = """
        INSERT INTO cases (id, kind, purchase_id, opened_at)
        SELECT id, kind, purchase_id, $4 FROM unnest($1, $2, $3) AS opened (id, kind, purchase_id)
        """;

    private const string UpdateTransactions = """
        UPDATE reported_transactions SET state = change.state, case_id = change.case_id, due_at = change.due_at
        FROM unnest($1, $2, $3, $4) AS change (id, state, case_id, due_at)
        WHERE reported_transactions.id = change.id
        """;

    private const string UpdatePurchases = """
        UPDATE purchases SET next_verification_at = change.at
        FROM unnest($1, $2) AS change (id, at)
        WHERE purchases.id = change.id AND status = 'pending'
        """;

    private readonly List<(Guid Id, CaseKind Kind, Guid PurchaseId)> _cases = [];
    private readonly List<(Guid Id, MatchState State, Guid? CaseId, DateTimeOffset DueAt)> _transactions = [];
    private readonly List<(Guid Id, DateTimeOffset At)> _purchases = [];

    /// <summary>Opens a case; answers its identifier.</summary>
    public Guid Open(CaseKind kind, Guid purchaseId)
    {
        var id = Guid.CreateVersion7(now);
        _cases.Add((id, kind, purchaseId));
        return id;
    }

    /// <summary>Says what became of a transaction.</summary>
    public void Mark(Guid transactionId, MatchState state, Guid? caseId = null) =>
        _transactions.Add((transactionId, state, caseId, now));

    /// <summary>A transaction is taken again then.</summary>
    public void Again(Guid transactionId, DateTimeOffset dueAt) =>
        _transactions.Add((transactionId, MatchState.New, null, dueAt));

    /// <summary>A purchase is looked at again then.</summary>
    public void LookAgain(Guid purchaseId, DateTimeOffset at) => _purchases.Add((purchaseId, at));

    /// <summary>Writes all of it, in one round trip.</summary>
    public async Task SaveAsync(NpgsqlTransaction transaction, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        if (_cases.Count > 0)
        {
            batch.Add(
                InsertCases,
                it =>
                    it.AddValue(_cases.Select(x => x.Id).ToArray())
                        .AddValue(_cases.Select(x => Json.Name(x.Kind)).ToArray())
                        .AddValue(_cases.Select(x => x.PurchaseId).ToArray())
                        .AddValue(now)
            );
        }

        if (_transactions.Count > 0)
        {
            batch.Add(
                UpdateTransactions,
                it =>
                    it.AddValue(_transactions.Select(x => x.Id).ToArray())
                        .AddValue(_transactions.Select(x => Json.Name(x.State)).ToArray())
                        .AddValue(_transactions.Select(x => x.CaseId).ToArray())
                        .AddValue(_transactions.Select(x => x.DueAt).ToArray())
            );
        }

        if (_purchases.Count > 0)
        {
            batch.Add(
                UpdatePurchases,
                it =>
                    it.AddValue(_purchases.Select(x => x.Id).ToArray()).AddValue(_purchases.Select(x => x.At).ToArray())
            );
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(cancel);
        }
    }
}
