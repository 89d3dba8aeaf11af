using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ClickNBack.Api.Console;

/// <summary>Signing in: the API's login, whose identifier the cookie then carries instead of tokens.</summary>
internal static class SignIn
{
    internal sealed record Model(string Email, string? Return, string? Error);

    public const string Path = $"{ConsoleApp.Root}/sign-in";

    private const string ReturnParameter = "return";

    public static async Task<IResult> ShowAsync([FromQuery(Name = ReturnParameter)] string? target, HttpContext http)
    {
        var session = await http.AuthenticateAsync(ConsoleApp.Name);
        return session.Succeeded
            ? TypedResults.LocalRedirect(TargetOf(target))
            : Page.Of<SignInPage>(new Model("", target, null));
    }

    public static async Task<IResult> SubmitAsync(
        Form<Login.Request> form,
        HttpContext http,
        CredentialLimits limits,
        LoginMetrics metrics,
        ClickNBackDbContext db,
        Passwords passwords,
        TokenService tokens,
        ConsoleSession session,
        TimeProvider time,
        CancellationToken cancel
    )
    {
        var target = form.Text(ReturnParameter);
        if (form.Violations.Count > 0)
        {
            return Refused(AuthErrors.InvalidCredentials.With());
        }

        var answer = await Login.HandleAsync(form.AsBody(), http, limits, metrics, db, passwords, tokens, time, cancel);
        if (answer.Result is not Ok<IssuedTokens> { Value: { } issued })
        {
            return Refused((ApiError)answer.Result);
        }

        var login = await tokens.ReadAccessTokenAsync(issued.AccessToken);
        return await session.StartAsync(login.UserId, login.LoginId, cancel)
            ? TypedResults.LocalRedirect(TargetOf(target))
            : Refused(AuthErrors.InvalidCredentials.With());

        IResult Refused(ApiError error) =>
            Page.Of<SignInPage>(new Model(form.Text("email"), target, error.Message), error.Code.Kind);
    }

    /// <summary>Sends whoever is not signed in, or not any more, here and then back to where they were.</summary>
    public static Task RedirectAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        var request = context.Request;
        var query = HttpMethods.IsGet(request.Method)
            ? QueryString.Create(ReturnParameter, request.Path + request.QueryString)
            : QueryString.Empty;
        context.Response.Redirect(Path + query);
        return Task.CompletedTask;
    }

    // Only to the console's own pages, whatever a link says.
    private static string TargetOf(string? target) =>
        target is not null
        && (
            target.Split('?')[0] == ConsoleApp.Root
            || target.StartsWith($"{ConsoleApp.Root}/", StringComparison.Ordinal)
        )
        && Uri.IsWellFormedUriString(target, UriKind.Relative)
            ? target
            : ConsoleApp.Root;
}
