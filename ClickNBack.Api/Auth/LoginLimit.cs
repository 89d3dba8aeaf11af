using System.Threading.RateLimiting;
using ClickNBack.Api.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace ClickNBack.Api.Auth;

/// <summary>
/// Limits logins by client address, in addition to what holds for every request and for the account, and counts what it refuses.
/// </summary>
internal sealed class LoginLimit(RateLimitSettings settings, LoginMetrics metrics)
    : IRateLimiterPolicy<RateLimits.Client>
{
    /// <summary>The name of the policy.</summary>
    public const string Name = "logins";

    public Func<OnRejectedContext, CancellationToken, ValueTask> OnRejected =>
        (rejected, cancel) =>
        {
            metrics.Limited();
            return RateLimits.RefuseAsync(rejected, cancel);
        };

    public RateLimitPartition<RateLimits.Client> GetPartition(HttpContext httpContext) =>
        RateLimits.CredentialsOf(httpContext, settings);
}
