using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Net.Mail;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;

namespace ClickNBack.Api.Users;

/// <summary>A well-formed e-mail address: as given with the domain in lower case, and the form that is compared.</summary>
/// <param name="Address">As given, with the domain in lower case.</param>
/// <param name="Normalized">In upper case.</param>
internal sealed record EmailAddress(string Address, string Normalized)
{
    /// <summary>The longest address that can be delivered to (RFC 5321).</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;

    private static readonly SearchValues<char> NotAllowed = SearchValues.Create(" \"<>(),");

    /// <summary>The address in its one spelling; null if that is no address any more.</summary>
    public static async Task<EmailAddress?> ComposeAsync(
        ClickNBackDbContext db,
        string text,
        CancellationToken cancel
    ) => TryParse(await db.ComposeAsync(text, cancel), out var email) ? email : null;

    /// <summary>Whether the text is one address with nothing around it, at a domain with a dot.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EmailAddress? email)
    {
        email = null;
        var at = text.LastIndexOf('@');
        if (
            text.Length > MaxLength
            || at is < 1 or > MaxLocalLength
            || !VisibleTextAttribute.IsVisible(text)
            || text.AsSpan().ContainsAny(NotAllowed)
            || !MailAddress.TryCreate(text, out var parsed)
            || parsed.Address != text
            || !IsDomain(parsed.Host)
        )
        {
            return false;
        }

        var address = $"{parsed.User}@{parsed.Host.ToLowerInvariant()}";
        email = new EmailAddress(address, address.ToUpperInvariant());
        return true;
    }

    private static bool IsDomain(string host) =>
        host.Contains('.', StringComparison.Ordinal)
        && Uri.CheckHostName(host) == UriHostNameType.Dns
        && host.Split('.').All(label => label.Length > 0 && label[0] != '-' && label[^1] != '-');
}

/// <summary>Text that is an e-mail address.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class EmailAttribute() : ValidationAttribute(Reason)
{
    private const string Reason = "must be an e-mail address";

    /// <summary>The answer to an address that is found to be none later than usual.</summary>
    public static ApiError Refusal => HttpErrors.Invalid("email", Reason);

    public override bool IsValid(object? value) => value is string text && EmailAddress.TryParse(text, out _);
}
