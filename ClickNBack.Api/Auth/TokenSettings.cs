using System.ComponentModel.DataAnnotations;
using ClickNBack.ServiceDefaults;

namespace ClickNBack.Api.Auth;

/// <summary>Settings of section <c>Authentication</c>.</summary>
internal sealed record TokenSettings
{
    /// <summary>Signs tokens (HS256): at least 32 characters of randomness.</summary>
    [Required, MinLength(32), Secret]
    public string SigningKey { get; init; } = "";

    /// <summary>The key before a rotation: still verifies, no longer signs. Empty: none.</summary>
    [RegularExpression("(?s).{32,}", ErrorMessage = "at least 32 characters, or nothing"), Secret]
    public string PreviousSigningKey { get; init; } = "";

    /// <summary>How long an access token is good for, in minutes.</summary>
    [Range(1, 1440)]
    public int AccessTokenMinutes { get; init; } = 15;

    /// <summary>How long a refresh token is good for, in minutes (30 days).</summary>
    [Range(1, 525_600)]
    public int RefreshTokenMinutes { get; init; } = 43_200;
}
