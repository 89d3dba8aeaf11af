using System.Globalization;

namespace ClickNBack.Tests.Properties.Model;

/// <summary>
/// The platform as the contract describes it, in lists and loops: what each request must be answered and what each wallet
/// must hold. One file a section of the contract; nothing of the API's own code.
/// </summary>
/// <param name="suffix">Set apart from others in the same database.</param>
internal sealed partial class Reference(string suffix = "")
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    public List<Account> Accounts { get; init; } = [];
    public List<Merchant> Merchants { get; } = [];
    public List<Offer> Offers { get; } = [];
    public List<Purchase> Purchases { get; } = [];
    public List<Payout> Payouts { get; } = [];
    public List<Flag> Flags { get; } = [];

    /// <summary>The merchant at which no purchase is ever verified.</summary>
    public required Merchant RejectionMerchant { get; init; }

    /// <summary>An offer that others use too and nobody changes.</summary>
    public Offer? SharedOffer { get; init; }

    /// <summary>The time at which the next request arrives, UTC.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>Whether the platform's clock is ours, so that instants can be told to the second.</summary>
    public bool KnowsTime { get; init; } = true;

    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    /// <summary>A name or key that is this model's alone.</summary>
    public string Own(string name) => name + suffix;

    private static readonly Expected NoAdmin = Expected.Refusal(401, "INVALID_TOKEN");
    private static readonly Expected Malformed = Expected.Refusal(422, "VALIDATION_ERROR");
    private static readonly Expected Unknown = Expected.Refusal(404, "NOT_FOUND");

    private static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private string Seconds(DateTimeOffset instant) =>
        KnowsTime ? instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : Expected.Anything;

    private string Microseconds(DateTimeOffset instant) =>
        KnowsTime ? instant.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture) : Expected.Anything;

    /// <summary>A page of all matches (contract 1).</summary>
    private static Expected Page<T>(IEnumerable<T> matches, Paging paging, int defaultLimit, Func<T, object> shape)
    {
        if (paging.IsOutOfRange)
        {
            return Malformed;
        }

        var all = matches.ToList();
        var (offset, limit) = (paging.Offset ?? 0, paging.Limit ?? defaultLimit);
        return Expected.Ok(
            new
            {
                data = all.Skip(offset).Take(limit).Select(shape),
                pagination = new
                {
                    offset,
                    limit,
                    total = all.Count,
                },
            }
        );
    }
}

/// <summary>Which page is asked for.</summary>
internal sealed record Paging(int? Offset, int? Limit)
{
    public bool IsOutOfRange => Offset < 0 || Limit is < 1 or > 100;

    /// <summary>The query string, with a leading separator.</summary>
    public string In(string path)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var parts = new List<string>();
        if (Offset is not null)
        {
            parts.Add($"offset={Offset}");
        }

        if (Limit is not null)
        {
            parts.Add($"limit={Limit}");
        }

        return parts.Count == 0 ? path : $"{path}{separator}{string.Join('&', parts)}";
    }
}
