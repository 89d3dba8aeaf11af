using ClickNBack.Api.Http;

namespace ClickNBack.Api.Users;

internal static class UserErrors
{
    public static readonly ErrorCode<IReadOnlyList<Violation>> PasswordNotComplexEnough = HttpErrors.OfFields(
        "PASSWORD_NOT_COMPLEX_ENOUGH",
        ErrorKind.Refused,
        "The password breaks the rule that `details.violations` names.",
        new Violation("password", "must contain a digit")
    );

    public static readonly ErrorCode CurrentPasswordIncorrect = new(
        "CURRENT_PASSWORD_INCORRECT",
        ErrorKind.Refused,
        "The current password is another."
    );

    public static readonly ErrorCode<string> EmailAlreadyRegistered = new(
        "EMAIL_ALREADY_REGISTERED",
        ErrorKind.Conflict,
        "There is an account with this e-mail.",
        email => ($"There is already an account with {email}.", new { Email = email }),
        UserExamples.Alice.Email
    );
}
