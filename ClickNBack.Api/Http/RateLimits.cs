using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using ClickNBack.Api.Auth;
using Microsoft.AspNetCore.RateLimiting;

namespace ClickNBack.Api.Http;

/// <summary>Settings of section <c>RateLimits</c> (contract D8). The limits are each process's own; the edge has its own too.</summary>
public sealed record RateLimitSettings
{
    /// <summary>Whether anybody is limited at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Logins, refreshes and registrations a minute and client address.</summary>
    [Range(1, 100_000)]
    public int CredentialsPerMinute { get; init; } = 20;

    /// <summary>Other requests a minute and user.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; init; } = 600;
}

/// <summary>Rate limits.</summary>
public static class RateLimits
{
    /// <summary>The policy of logins, refreshes and registrations: by client address.</summary>
    public const string Credentials = "credentials";

    /// <summary>The policy of everything else: by user.</summary>
    public const string Requests = "requests";

    /// <summary>Too many requests.</summary>
    public static readonly ErrorCode Limited = new(
        "RATE_LIMITED",
        ErrorKind.RateLimited,
        "Too many requests; try again after `Retry-After` seconds."
    );

    /// <summary>Registers the policies.</summary>
    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<RateLimitSettings>(Configure);
    }

    private static void Configure(RateLimiterOptions limiter, RateLimitSettings settings)
    {
        limiter.AddPolicy(Credentials, http => Bucket(settings, Client.At(http), settings.CredentialsPerMinute));
        limiter.AddPolicy(
            Requests,
            http =>
                Bucket(
                    settings,
                    http.Features.Get<Caller>() is { } caller ? new Client(caller.Id, null) : Client.At(http),
                    settings.RequestsPerMinute
                )
        );
        limiter.OnRejected = async (rejected, _) =>
        {
            var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after)
                ? after
                : TimeSpan.FromSeconds(1);
            rejected.HttpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds))
                .ToString(CultureInfo.InvariantCulture);
            await ErrorResponse.WriteAsync(rejected.HttpContext, Limited.With("Too many requests."));
        };
    }

    // Whose requests are counted together.
    private readonly record struct Client(Guid? User, IPAddress? Address)
    {
        public static Client At(HttpContext http) => new(null, http.Connection.RemoteIpAddress);
    }

    // A bucket of a minute's tokens that refills every second: bursts pass, a steady flood does not.
    private static RateLimitPartition<Client> Bucket(RateLimitSettings settings, Client client, int perMinute) =>
        settings.Enabled
            ? RateLimitPartition.GetTokenBucketLimiter(
                client,
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = perMinute,
                    TokensPerPeriod = Math.Max(1, perMinute / 60),
                    ReplenishmentPeriod = TimeSpan.FromMinutes(1) / Math.Min(60, perMinute),
                    QueueLimit = 0,
                }
            )
            : RateLimitPartition.GetNoLimiter(client);
}
