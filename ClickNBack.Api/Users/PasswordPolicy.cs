namespace ClickNBack.Api.Users;

/// <summary>What a password must have (contract 2.2).</summary>
internal static class PasswordPolicy
{
    /// <summary>The fewest characters.</summary>
    public const int MinLength = 8;

    /// <summary>The most characters: nothing is truncated, and nobody hashes megabytes.</summary>
    public const int MaxLength = 1024;

    /// <summary>The first rule the password breaks, or null.</summary>
    public static string? FirstViolation(string password) =>
        password switch
        {
            { Length: < MinLength } => $"must have at least {MinLength} characters",
            _ when !password.Any(char.IsAsciiLetterUpper) => "must contain an upper-case letter",
            _ when !password.Any(char.IsAsciiLetterLower) => "must contain a lower-case letter",
            _ when !password.Any(char.IsAsciiDigit) => "must contain a digit",
            _ when password.All(char.IsAsciiLetterOrDigit) => "must contain a character that is no letter and no digit",
            _ => null,
        };
}
