namespace ClickNBack.Api.FeatureFlags;

/// <summary>What the API's description shows of flags.</summary>
internal static class FlagExamples
{
    public static readonly FlagResponse Flag = new(
        new Guid("ff000001-0000-4000-8000-000000000001"),
        "purchase_auto_confirm",
        Enabled: true,
        FlagScope.Global,
        ScopeId: null,
        "Purchases are confirmed without an administrator.",
        new DateTimeOffset(2026, 11, 20, 21, 5, 23, 78, 79, TimeSpan.Zero),
        new DateTimeOffset(2026, 11, 21, 9, 0, 0, 500, 0, TimeSpan.Zero)
    );

    public static readonly SetFlag.Request Set = new() { Enabled = true };

    public static readonly FlagEvaluationResponse Evaluated = new(Flag.Key, Flag.Enabled);
}
