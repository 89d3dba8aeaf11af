namespace ClickNBack.Tests.Properties.Model;

/// <summary>Feature flags: contract 2.7.</summary>
internal sealed partial class Reference
{
    /// <summary>The record of that scope, else the global one, else on.</summary>
    private bool IsOn(string key, string scope, Guid? scopeId) =>
        (Find(key, scope, scopeId) ?? Find(key, "global", null))?.Enabled ?? true;

    /// <summary>Sets a record; without a description the old one stays.</summary>
    public Expected Set(Account? caller, FlagPlace place, bool enabled, string? description)
    {
        if (Refusal(caller, place) is { } refusal)
        {
            return refusal;
        }

        var flag = Find(place.Key, place.Scope, place.ScopeId);
        if (flag is null)
        {
            flag = new Flag(place.Key, place.Scope, place.ScopeId) { CreatedAt = Now };
            Flags.Add(flag);
        }

        flag.Enabled = enabled;
        flag.Description = description ?? flag.Description;
        flag.UpdatedAt = Now;
        return new Expected(200) { Learn = answer => flag.Id ??= answer["id"].GetGuid(), Body = () => Shape(flag) };
    }

    public Expected Delete(Account? caller, FlagPlace place) =>
        Refusal(caller, place)
        ?? (
            Flags.RemoveAll(it => it.Key == place.Key && it.Scope == place.Scope && it.ScopeId == place.ScopeId) == 1
                ? new Expected(204)
                : Expected.Refusal(404, "FEATURE_FLAG_NOT_FOUND")
        );

    public Expected Evaluate(Account? caller, FlagPlace place) =>
        Refusal(caller, place)
        ?? Expected.Ok(new { key = place.Key, enabled = IsOn(place.Key, place.Scope, place.ScopeId) });

    /// <summary>The records of a flag, newest first.</summary>
    public Expected ListFlags(Account? caller, string key, Paging paging) =>
        caller is not { IsAdmin: true } ? NoAdmin : Page(Newest(Flags, it => it.Key == key), paging, 20, Shape);

    private Flag? Find(string key, string scope, Guid? scopeId) =>
        Flags.Find(it => it.Key == key && it.Scope == scope && it.ScopeId == scopeId);

    private static Expected? Refusal(Account? caller, FlagPlace place) =>
        caller is not { IsAdmin: true } ? NoAdmin
        : !char.IsAsciiLetterLower(place.Key[0]) ? Malformed
        : place is { Scope: "global", ScopeId: not null } ? Malformed
        : place is { Scope: not "global", ScopeId: null } ? Expected.Refusal(422, "FEATURE_FLAG_SCOPE_ID_REQUIRED")
        : null;

    private object Shape(Flag flag) =>
        new
        {
            id = flag.Id,
            key = flag.Key,
            enabled = flag.Enabled,
            scope_type = flag.Scope,
            scope_id = flag.ScopeId,
            description = flag.Description,
            created_at = Microseconds(flag.CreatedAt),
            updated_at = Microseconds(flag.UpdatedAt),
        };
}

/// <summary>Which record of which flag.</summary>
internal sealed record FlagPlace(string Key, string Scope, Guid? ScopeId);
