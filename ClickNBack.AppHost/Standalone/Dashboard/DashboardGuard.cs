using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ClickNBack.AppHost.Standalone.Dashboard;

/// <summary>
/// Keeps other web sites away: a page somewhere in the developer's browser can send requests to this machine, too.
/// </summary>
internal sealed class DashboardGuard
{
    private const string NonceKey = "nonce";

    /// <summary>The name of the form field that carries the token.</summary>
    public const string TokenField = "token";

    /// <summary>Only a page that could read ours knows it; new in every run.</summary>
    public string Token { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Marks this answer's own style and script.</summary>
    public static string Nonce(HttpContext http) => (string)http.Items[NonceKey]!;

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        http.Items[NonceKey] = nonce;
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";

        if (!IsOurs(http.Request.Host.Host))
        {
            await RefuseAsync(http, StatusCodes.Status421MisdirectedRequest, "This page answers to localhost only.");
        }
        else if (HttpMethods.IsPost(http.Request.Method) && !await IsFromOurPageAsync(http.Request))
        {
            await RefuseAsync(
                http,
                StatusCodes.Status403Forbidden,
                "This was not sent by the dashboard's own page: reload it and try again."
            );
        }
        else
        {
            await next(http);
        }
    }

    // A name that somebody else's DNS points to this machine is not among them.
    private static bool IsOurs(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host == IPAddress.Loopback.ToString();

    private async Task<bool> IsFromOurPageAsync(HttpRequest request)
    {
        if (request.Headers.Origin != $"{request.Scheme}://{request.Host}" || !request.HasFormContentType)
        {
            return false;
        }

        try
        {
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            var token = Encoding.UTF8.GetBytes(form[TokenField].ToString());
            return CryptographicOperations.FixedTimeEquals(token, Encoding.UTF8.GetBytes(Token));
        }
        catch (Exception problem) when (problem is InvalidDataException or BadHttpRequestException)
        {
            return false;
        }
    }

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(reason, http.RequestAborted);
    }
}
