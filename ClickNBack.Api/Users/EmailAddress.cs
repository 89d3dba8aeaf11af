using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Net.Mail;

namespace ClickNBack.Api.Users;

/// <summary>A well-formed e-mail address: as given with the domain in lower case, and the form that is compared.</summary>
/// <param name="Address">As given, with the domain in lower case.</param>
/// <param name="Normalized">In upper case.</param>
internal sealed record EmailAddress(string Address, string Normalized)
{
    /// <summary>The longest address that can be delivered to (RFC 5321).</summary>
    public const int MaxLength = 254;

    private const int MaxLocalLength = 64;

    /// <summary>An address that <see cref="EmailAttribute"/> has let pass.</summary>
    public static EmailAddress Of(string text) =>
        TryParse(text, out var email) ? email : throw new ArgumentException("No e-mail address.", nameof(text));

    /// <summary>Whether the text is one address with nothing around it, at a domain with a dot.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EmailAddress? email)
    {
        email = null;
        var at = text.LastIndexOf('@');
        if (
            text.Length > MaxLength
            || at is < 1 or > MaxLocalLength
            || text.Any(it =>
                char.IsControl(it) || char.IsWhiteSpace(it) || it is '"' or '<' or '>' or '(' or ')' or ','
            )
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
internal sealed class EmailAttribute() : ValidationAttribute("must be an e-mail address")
{
    public override bool IsValid(object? value) => value is string text && EmailAddress.TryParse(text, out _);
}
