using ClickNBack.Api.Users;

namespace ClickNBack.Api.Auth;

/// <summary>What the API's description shows of logins.</summary>
internal static class AuthExamples
{
    public static readonly Login.Request Login = new()
    {
        Email = UserExamples.Alice.Email,
        Password = UserExamples.StrongPass,
    };

    public static readonly IssuedTokens Tokens = new(
        "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoi….…",
        "eyJhbGciOiJIUzI1NiJ9.eyJqdGki….…"
    );

    public static readonly Refresh.Request Refresh = new() { RefreshToken = Tokens.RefreshToken };

    public static readonly ChangePassword.Request ChangePassword = new()
    {
        CurrentPassword = UserExamples.StrongPass,
        NewPassword = UserExamples.NextStrongPass,
    };

    public static readonly Logout.Request Logout = new() { RefreshToken = Tokens.RefreshToken };
}
