using ClickNBack.Tests.Properties.Model;

namespace ClickNBack.Tests.Properties.Operations;

/// <summary>
/// Something that somebody does. It names things by their place in the model, newest first, so that it means something in
/// any sequence: of a failing sequence any part can be left out.
/// </summary>
internal abstract record Operation
{
    /// <summary>What this means where the model stands now; moves the model on.</summary>
    public abstract Step On(Reference model);

    /// <summary>An identifier that nothing has.</summary>
    protected static readonly Guid Nothing = new("00000000-0000-4000-8000-000000000000");

    /// <summary>The nth newest of the things, counted round and round; null for a negative number.</summary>
    protected static T? Pick<T>(List<T> things, int nth)
        where T : class => nth < 0 || things.Count == 0 ? null : things[^((nth % things.Count) + 1)];

    /// <summary>The nth account; null is nobody in particular.</summary>
    protected static Account? Caller(Reference model, int nth) =>
        nth < 0 ? null : model.Accounts[nth % model.Accounts.Count];

    /// <summary>The nth account.</summary>
    protected static Account Account(Reference model, int nth) => model.Accounts[nth % model.Accounts.Count];
}

/// <summary>A request and what it must be answered, or what happens without one.</summary>
internal sealed record Step(Call? Call, Expected? Expected)
{
    /// <summary>How many purchases the verification job must find due; null if it does not look.</summary>
    public int? Verified { get; init; }
}

/// <summary>A request.</summary>
internal sealed record Call(HttpMethod Method, string Path, Account? Caller, object? Body = null, string? Key = null)
{
    public static Step Get(string path, Account? caller, Expected expected) =>
        new(new Call(HttpMethod.Get, path, caller), expected);

    public static Step Post(string path, Account? caller, object? body, Expected expected, string? key = null) =>
        new(new Call(HttpMethod.Post, path, caller, body, key), expected);

    public static Step Patch(string path, Account? caller, object? body, Expected expected) =>
        new(new Call(HttpMethod.Patch, path, caller, body), expected);

    public static Step Put(string path, Account? caller, object body, Expected expected) =>
        new(new Call(HttpMethod.Put, path, caller, body), expected);

    public static Step Delete(string path, Account? caller, Expected expected) =>
        new(new Call(HttpMethod.Delete, path, caller), expected);
}
