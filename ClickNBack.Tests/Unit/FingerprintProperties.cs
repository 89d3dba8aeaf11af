using System.Text;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Persistence;
using FsCheck;
using FsCheck.Fluent;

namespace ClickNBack.Tests.Unit;

public sealed class FingerprintProperties
{
    private static readonly Fingerprints Keyed = With("the tests' own key, of 32 characters or more");

    // Few and short, so that many are equal or nearly so.
    private static readonly Gen<(string Method, string Path, string Body)> Requests =
        from method in Gen.Elements("POST", "PUT")
        from path in Gen.Elements("/purchases", "/purchases/", "/payouts")
        from body in Gen.ArrayOf(Gen.Elements('1', ' ', '\n'), 3)
        from length in Gen.Choose(0, 3)
        select (method, path, new string(body[..length]));

    [Fact]
    public void Requests_have_the_same_fingerprint_if_route_and_body_are_the_same_and_only_then() =>
        Prop.ForAll(
                Arb.From(from one in Requests from other in Gen.OneOf(Requests, Gen.Constant(one)) select (one, other)),
                it => Of(it.one).SequenceEqual(Of(it.other)) == (Meaning(it.one) == Meaning(it.other))
            )
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    private static byte[] Of((string Method, string Path, string Body) request) =>
        Keyed.Of(request.Method, request.Path, Encoding.UTF8.GetBytes(request.Body));

    // With and without a slash at the end it is the same route.
    private static (string, string, string) Meaning((string Method, string Path, string Body) request) =>
        (request.Method, request.Path.TrimEnd('/'), request.Body);

    [Fact]
    public void A_fingerprint_is_told_by_its_key_until_the_one_after_the_next()
    {
        const string one = "the first key of all, 32 characters or more";
        const string two = "the one after it, again 32 characters or more";
        var made = With(one).Of("POST", "/purchases", "body"u8);

        Assert.True(With(two, one).Matches(made, "POST", "/purchases", "body"u8));
        Assert.False(With(two, one).Matches(made, "POST", "/purchases", "other"u8));
        Assert.Null(With(two).Matches(made, "POST", "/purchases", "body"u8));
        Assert.NotEqual(made[8..], With(two).Of("POST", "/purchases", "body"u8)[8..]);
    }

    private static Fingerprints With(string key, string previous = "") =>
        new(new EncryptionSettings { Key = key, PreviousKey = previous });
}
