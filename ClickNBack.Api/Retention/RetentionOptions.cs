using System.ComponentModel.DataAnnotations;

namespace ClickNBack.Api.Retention;

/// <summary>Settings of section <c>Retention</c>.</summary>
internal sealed record RetentionOptions
{
    /// <summary>For how many days refresh tokens are kept after they have expired, and logins after the last of theirs.</summary>
    [Range(0, 3650)]
    public int RefreshTokenDays { get; init; } = 30;
}
