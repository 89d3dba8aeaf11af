using ClickNBack.Api.Http;

namespace ClickNBack.Api.Users;

/// <summary>What can go wrong with accounts.</summary>
public static class UserErrors
{
    /// <summary>The password breaks a rule.</summary>
    public static readonly ErrorCode PasswordNotComplexEnough = new(
        "PASSWORD_NOT_COMPLEX_ENOUGH",
        ErrorKind.Refused,
        "The password breaks the rule that `details.violations` names."
    )
    {
        DetailsExample = new { violations = new[] { new Violation("password", "must contain a digit") } },
    };

    /// <summary>The e-mail has an account.</summary>
    public static readonly ErrorCode EmailAlreadyRegistered = new(
        "EMAIL_ALREADY_REGISTERED",
        ErrorKind.Conflict,
        "There is an account with this e-mail."
    )
    {
        DetailsExample = new { email = UserExamples.Alice.Email },
    };

    internal static ApiError WeakPassword(string reason) =>
        PasswordNotComplexEnough.With(
            $"The password {reason}.",
            new { violations = new[] { new Violation("password", reason) } }
        );

    internal static ApiError EmailTaken(string email) =>
        EmailAlreadyRegistered.With($"There is already an account with {email}.", new { email });
}
