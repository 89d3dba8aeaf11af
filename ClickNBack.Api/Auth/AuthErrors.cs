using ClickNBack.Api.Http;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Auth;

/// <summary>What can go wrong with logins and tokens.</summary>
public static class AuthErrors
{
    /// <summary>Unknown e-mail or wrong password: the same answer.</summary>
    public static readonly ErrorCode InvalidCredentials = new(
        "INVALID_CREDENTIALS",
        ErrorKind.Unauthenticated,
        "The e-mail is unknown or the password wrong."
    );

    /// <summary>No usable access token, or not an administrator's on an administrator's route.</summary>
    public static readonly ErrorCode InvalidToken = new(
        "INVALID_TOKEN",
        ErrorKind.Unauthenticated,
        "There is no usable access token, or it is no administrator's on an administrator's route."
    );

    /// <summary>The access token is past its time.</summary>
    public static readonly ErrorCode ExpiredToken = new(
        "EXPIRED_TOKEN",
        ErrorKind.Unauthenticated,
        "The access token is past its time."
    );

    /// <summary>The account is switched off.</summary>
    public static readonly ErrorCode UserInactive = new(
        "USER_INACTIVE",
        ErrorKind.Unauthenticated,
        "The token is valid, the account is switched off."
    )
    {
        DetailsExample = new { user_id = UserExamples.Alice.Id },
    };

    /// <summary>Not a refresh token of ours.</summary>
    public static readonly ErrorCode InvalidRefreshToken = new(
        "INVALID_REFRESH_TOKEN",
        ErrorKind.Unauthenticated,
        "It is no refresh token of this platform."
    );

    /// <summary>The refresh token is past its time.</summary>
    public static readonly ErrorCode ExpiredRefreshToken = new(
        "EXPIRED_REFRESH_TOKEN",
        ErrorKind.Unauthenticated,
        "The refresh token is past its time."
    );

    /// <summary>The refresh token was used or revoked.</summary>
    public static readonly ErrorCode TokenRevoked = new(
        "TOKEN_REVOKED",
        ErrorKind.Unauthenticated,
        "The refresh token was used before, or its login was ended."
    );
}
