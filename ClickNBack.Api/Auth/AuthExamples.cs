namespace ClickNBack.Api.Auth;

/// <summary>What the API's description shows of logins.</summary>
internal static class AuthExamples
{
    public static readonly IssuedTokens Tokens = new(
        "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoi….…",
        "eyJhbGciOiJIUzI1NiJ9.eyJqdGki….…"
    );
}
