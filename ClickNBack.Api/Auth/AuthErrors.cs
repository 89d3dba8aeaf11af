using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Auth;

/// <summary>What can go wrong with logins and tokens.</summary>
internal static class AuthErrors
{
    public const string TokenRequired = "A valid access token is required.";

    public static readonly ErrorCode InvalidCredentials = Unauthenticated(
        "INVALID_CREDENTIALS",
        "The e-mail is unknown or the password wrong."
    );

    public static readonly ErrorCode InvalidToken = Unauthenticated(
        "INVALID_TOKEN",
        "There is no usable access token, or it is no administrator's on an administrator's route."
    );

    public static readonly ErrorCode ExpiredToken = Unauthenticated(
        "EXPIRED_TOKEN",
        "The access token is past its time."
    );

    public static readonly ErrorCode<Guid> UserInactive = new(
        "USER_INACTIVE",
        ErrorKind.Unauthenticated,
        "The token is valid, the account is switched off.",
        id => ("This account is switched off.", new { UserId = id }),
        UserExamples.Alice.Id
    );

    public static readonly ErrorCode InvalidRefreshToken = Unauthenticated(
        "INVALID_REFRESH_TOKEN",
        "It is no refresh token of this platform."
    );

    public static readonly ErrorCode ExpiredRefreshToken = Unauthenticated(
        "EXPIRED_REFRESH_TOKEN",
        "The refresh token is past its time."
    );

    public static readonly ErrorCode TokenRevoked = Unauthenticated(
        "TOKEN_REVOKED",
        "The refresh token was used before, or its login was ended."
    );

    private static ErrorCode Unauthenticated(string code, string when) => new(code, ErrorKind.Unauthenticated, when);
}
