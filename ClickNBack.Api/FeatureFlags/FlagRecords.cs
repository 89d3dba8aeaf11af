using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

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
        ClickNBackDbContext db,
        string key,
        IEnumerable<Guid> scopeIds,
        CancellationToken cancel
    )
    {
        var ids = scopeIds.Distinct().ToArray();
        var records = await db
            .FeatureFlags.AsNoTracking()
            .Where(it => it.Key == key && (it.ScopeId == null || ids.Contains(it.ScopeId.Value)))
            .Select(it => new
            {
                it.ScopeType,
                it.ScopeId,
                it.Enabled,
            })
            .ToListAsync(cancel);
        return new FlagRecords(records.ToDictionary(it => (it.ScopeType, it.ScopeId), it => it.Enabled));
    }

    /// <summary>The record of that very scope, else the global one, else true.</summary>
    public bool IsEnabled(FlagScope scope, Guid? scopeId) =>
        !(
            _records.TryGetValue((scope, scopeId), out var enabled)
            || _records.TryGetValue((FlagScope.Global, null), out enabled)
        ) || enabled;
}
