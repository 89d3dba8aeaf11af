using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace ClickNBack.Api.Http;

/// <summary>Settings of section <c>RateLimits</c> (contract D8). The limits are each process's own; the edge has its own too.</summary>
internal sealed record RateLimitSettings
{
    /// <summary>Whether anybody is limited at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>
    /// Logins a minute and client address, and as many a minute and account; registrations a minute and client address; refreshes
    /// a minute and login.
    /// </summary>
    [Range(1, 100_000)]
    public int CredentialsPerMinute { get; init; } = 20;

    /// <summary>Requests a minute and user, or a minute and client address where there is no valid access token.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; init; } = 600;
}

/// <summary>Whose valid access token a request carries: that is who is counted, before the account is looked at.</summary>
/// <param name="UserId">The user.</param>
/// <param name="LoginId">The login that the token descends from; empty if it does not say.</param>
internal sealed record TokenHolder(Guid UserId, Guid LoginId);

internal static class RateLimits
{
    /// <summary>The policy of registrations: by client address, in addition to what holds for every request.</summary>
    public const string Registrations = "registrations";

    /// <summary>
    /// The policy of forms with a large file, which lies in <c>/tmp</c> until it is read: one at a time, and others wait for it.
    /// </summary>
    public const string Uploads = "uploads";

    /// <summary>How many wait.</summary>
    public const int MostWaitingUploads = 4;

    public static readonly ErrorCode Limited = new(
        "RATE_LIMITED",
        ErrorKind.RateLimited,
        "Too many requests; try again after `Retry-After` seconds."
    );

    /// <summary>Registers the limits. Every request is subject to one, by user or by client address, known route or not.</summary>
    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddSingleton<CredentialLimits>();
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<RateLimitSettings>(Configure);
    }

    internal static RateLimitPartition<TKey> Bucket<TKey>(RateLimitSettings settings, TKey key, int perMinute) =>
        settings.Enabled
            ? RateLimitPartition.GetTokenBucketLimiter(key, _ => TokensOf(perMinute))
            : RateLimitPartition.GetNoLimiter(key);

    // A minute's tokens that are refilled all the time: bursts pass, a steady flood does not.
    internal static TokenBucketRateLimiterOptions TokensOf(int perMinute)
    {
        var atOnce = (int)Math.Ceiling(perMinute / 60.0); // a whole number, about once a second
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = perMinute,
            TokensPerPeriod = atOnce,
            ReplenishmentPeriod = TimeSpan.FromMinutes(1) * atOnce / perMinute,
            QueueLimit = 0,
        };
    }

    /// <summary>What limits a client address where it gives or makes credentials.</summary>
    internal static RateLimitPartition<Client> CredentialsOf(HttpContext http, RateLimitSettings settings) =>
        Bucket(settings, Client.At(http), settings.CredentialsPerMinute);

    /// <summary>Answers a request that a limit refused.</summary>
    internal static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancel)
    {
        TellWhenToRetry(rejected.HttpContext, rejected.Lease);
        await ErrorResponse.WriteAsync(rejected.HttpContext, Limited.With());
    }

    internal static void TellWhenToRetry(HttpContext http, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        http.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds))
            .ToString(CultureInfo.InvariantCulture);
    }

    private static void Configure(RateLimiterOptions limiter, RateLimitSettings settings)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Client>(http =>
            Bucket(settings, Client.Of(http), settings.RequestsPerMinute)
        );
        limiter.AddPolicy(Registrations, http => CredentialsOf(http, settings));

        limiter.AddConcurrencyLimiter(
            Uploads,
            it =>
            {
                it.PermitLimit = 1;
                it.QueueLimit = MostWaitingUploads;
            }
        );
        limiter.OnRejected = RefuseAsync;
    }

    /// <summary>Whose requests are counted together.</summary>
    internal readonly record struct Client(Guid? User, IPAddress? Address)
    {
        private const int NetworkBytes = 8;

        public static Client Of(HttpContext http) =>
            http.Features.Get<TokenHolder>() is { } holder ? new Client(holder.UserId, null) : At(http);

        public static Client At(HttpContext http) =>
            new(null, http.Connection.RemoteIpAddress is { } address ? NetworkOf(address) : null);

        // A customer of IPv6 has a /64: as many addresses as they like.
        private static IPAddress NetworkOf(IPAddress address)
        {
            if (address.IsIPv4MappedToIPv6 || address.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return address.MapToIPv4();
            }

            var bytes = address.GetAddressBytes();
            bytes.AsSpan(NetworkBytes).Clear();
            return new IPAddress(bytes);
        }
    }
}

/// <summary>
/// Limits by what only a request's body names, the account that somebody logs in to and the login that is refreshed: many
/// addresses do not get more guesses at one of them, and one address does not use up the others'.
/// </summary>
internal sealed class CredentialLimits(RateLimitSettings settings) : IAsyncDisposable
{
    private readonly PartitionedRateLimiter<object> _limiter = PartitionedRateLimiter.Create<object, object>(key =>
        RateLimits.Bucket(settings, key, settings.CredentialsPerMinute)
    );

    /// <summary>Counts an attempt; answers why it is refused, or null.</summary>
    /// <param name="http">The request.</param>
    /// <param name="key">What is counted together: an e-mail in its compared form, or the identifier of a login.</param>
    public ApiError? Refuse(HttpContext http, object key)
    {
        using var lease = _limiter.AttemptAcquire(key);
        if (lease.IsAcquired)
        {
            return null;
        }

        RateLimits.TellWhenToRetry(http, lease);
        return RateLimits.Limited.With();
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();
}
