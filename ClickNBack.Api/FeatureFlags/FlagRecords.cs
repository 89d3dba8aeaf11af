using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.FeatureFlags;

/// <summary>The keys that the platform itself asks for.</summary>
internal static class FlagKeys
{
    /// <summary>Whether purchases are confirmed by the verification job or wait for an administrator.</summary>
    public const string PurchaseAutoConfirm = "purchase_auto_confirm";

    /// <summary>What the audit log calls a record of a flag.</summary>
    public const string ResourceType = "feature_flag";
}

/// <summary>The records of one flag, and the one rule by which they are resolved (contract 2.7).</summary>
internal sealed class FlagRecords
{
    private readonly Dictionary<(FlagScope, Guid?), bool> _records;

    private FlagRecords(Dictionary<(FlagScope, Guid?), bool> records) => _records = records;

    /// <summary>Loads the global record of a flag and those of the given merchants and users.</summary>
    public static async Task<FlagRecords> LoadAsync(
        NpgsqlDataSource database,
        string key,
        IEnumerable<Guid> scopeIds,
        CancellationToken cancel
    )
    {
        await using var command = database.CreateCommand(
            """
            SELECT scope_type, scope_id, enabled
            FROM feature_flags
            WHERE key = $1 AND (scope_id IS NULL OR scope_id = ANY ($2))
            """
        );
        command.Parameters.AddValue(key).AddValue(scopeIds.Distinct().ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var records = await reader.ReadAllAsync(
            row =>
                (
                    Scope: row.GetChoice<FlagScope>(0),
                    Id: row.IsDBNull(1) ? (Guid?)null : row.GetGuid(1),
                    Enabled: row.GetBoolean(2)
                ),
            cancel
        );
        return new FlagRecords(records.ToDictionary(it => (it.Scope, it.Id), it => it.Enabled));
    }

    /// <summary>The record of that very scope, else the global one, else true.</summary>
    public bool IsEnabled(FlagScope scope, Guid? scopeId) =>
        !(
            _records.TryGetValue((scope, scopeId), out var enabled)
            || _records.TryGetValue((FlagScope.Global, null), out enabled)
        ) || enabled;
}
