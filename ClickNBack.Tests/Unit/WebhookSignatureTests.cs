using System.Text;
using ClickNBack.Api.Reports;
using ClickNBack.MerchantSimulator;
using Microsoft.AspNetCore.Http;

namespace ClickNBack.Tests.Unit;

/// <summary>Standard Webhooks 1.0, with the vector that its libraries share.</summary>
public sealed class WebhookSignatureTests
{
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Timestamp = "1614265330";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    private const string Body = """{"test": 2432232314}""";

    private static readonly byte[] Secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static readonly DateTimeOffset Sent = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    [Fact]
    public void The_specifications_message_is_valid() => Assert.True(IsValid());

    [Fact]
    public void A_merchant_signs_as_the_specification_does() =>
        Assert.Equal(
            [("webhook-id", Id), ("webhook-timestamp", Timestamp), ("webhook-signature", Signature)],
            StandardWebhook.Headers($"whsec_{Convert.ToBase64String(Secret)}", Id, Sent, Body)
        );

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void A_message_is_good_for_five_minutes(int seconds, bool expected) =>
        Assert.Equal(expected, IsValid(now: Sent.AddSeconds(seconds)));

    [Theory]
    [InlineData("v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", true)] // one of several
    [InlineData("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false)]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O", false)]
    [InlineData("v1,", false)]
    [InlineData("v1,not base64", false)]
    [InlineData("", false)]
    public void Of_several_signatures_one_must_be_right_and_of_version_1(string signatures, bool expected) =>
        Assert.Equal(expected, IsValid(signatures: signatures));

    [Fact]
    public void What_was_signed_must_be_what_was_sent()
    {
        Assert.False(IsValid(body: Body + " "));
        Assert.False(IsValid(id: Id + "x"));
        Assert.False(IsValid(timestamp: "1614265331"));
        Assert.False(IsValid(timestamp: "+1614265330"));
        Assert.False(IsValid(timestamp: "soon"));
    }

    [Fact]
    public void Any_secret_that_holds_will_do_and_without_one_nothing_is_valid()
    {
        Assert.True(IsValid(secrets: [new byte[32], Secret]));
        Assert.False(IsValid(secrets: [new byte[32]]));
        Assert.False(IsValid(secrets: []));
    }

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("webhook-timestamp")]
    [InlineData("webhook-signature")]
    public void Each_header_is_needed_once(string name)
    {
        var headers = Headers(Id, Timestamp, Signature);
        headers.Append(name, headers[name]);
        Assert.False(WebhookSignature.IsValid(headers, Encoding.UTF8.GetBytes(Body), Sent, [Secret]));
        headers.Remove(name);
        Assert.False(WebhookSignature.IsValid(headers, Encoding.UTF8.GetBytes(Body), Sent, [Secret]));
    }

    private static bool IsValid(
        string id = Id,
        string timestamp = Timestamp,
        string signatures = Signature,
        string body = Body,
        DateTimeOffset? now = null,
        List<byte[]>? secrets = null
    ) =>
        WebhookSignature.IsValid(
            Headers(id, timestamp, signatures),
            Encoding.UTF8.GetBytes(body),
            now ?? Sent,
            secrets ?? [Secret]
        );

    private static HeaderDictionary Headers(string id, string timestamp, string signatures) =>
        new()
        {
            ["webhook-id"] = id,
            ["webhook-timestamp"] = timestamp,
            ["webhook-signature"] = signatures,
        };
}
