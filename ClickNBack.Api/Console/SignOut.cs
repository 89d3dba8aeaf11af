namespace ClickNBack.Api.Console;

/// <summary>Ends the session, or every login of the account wherever it is: other browsers, the mobile app.</summary>
internal static class SignOut
{
    internal sealed record Request
    {
        public bool Everywhere { get; init; }
    }

    public static async Task<IResult> HandleAsync(
        Form<Request> form,
        Administrator caller,
        ConsoleSession session,
        Flash flash,
        CancellationToken cancel
    )
    {
        await session.EndAsync(caller, form.Value.Everywhere, cancel);
        flash.Succeeded(form.Value.Everywhere ? "You are signed out everywhere." : "You are signed out.");
        return TypedResults.LocalRedirect(SignIn.Path);
    }
}
