using System.Text.Json;
using ClickNBack.Api.Http;
using Microsoft.AspNetCore.DataProtection;

namespace ClickNBack.Api.Console;

/// <summary>What an action has to say, shown once by the page that it redirects to. Nobody else can write it.</summary>
internal sealed class Flash(IHttpContextAccessor accessor, ConsoleCookies cookies, IDataProtectionProvider protection)
{
    /// <summary>A message.</summary>
    /// <param name="IsError">Whether it says why nothing was done.</param>
    /// <param name="Text">In plain words.</param>
    internal sealed record Message(bool IsError, string Text);

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private readonly ITimeLimitedDataProtector _protector = protection
        .CreateProtector("flash")
        .ToTimeLimitedDataProtector();
    private readonly CookieBuilder _cookie = cookies.Builder("flash");

    private HttpContext Http => accessor.HttpContext!;

    public void Succeeded(string text) => Write(new Message(IsError: false, text));

    public void Failed(ApiError error) => Failed(error.Message);

    public void Failed(string reason) => Write(new Message(IsError: true, reason));

    /// <summary>Takes the message out, if there is one.</summary>
    public Message? Take()
    {
        if (Http.Request.Cookies[_cookie.Name!] is not { Length: > 0 } text)
        {
            return null;
        }

        Http.Response.Cookies.Delete(_cookie.Name!, _cookie.Build(Http));
        try
        {
            return JsonSerializer.Deserialize<Message>(_protector.Unprotect(text));
        }
        catch (System.Security.Cryptography.CryptographicException) // too old, or not ours
        {
            return null;
        }
    }

    private void Write(Message message) =>
        Http.Response.Cookies.Append(
            _cookie.Name!,
            _protector.Protect(JsonSerializer.Serialize(message), Lifetime),
            _cookie.Build(Http)
        );
}
