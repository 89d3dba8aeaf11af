using System.Security.Claims;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.Api.Console;

/// <summary>An administrator who is signed in.</summary>
/// <param name="Id">The account.</param>
/// <param name="Email">Its e-mail.</param>
/// <param name="SessionId">The login, which is a family of refresh tokens like any other.</param>
internal sealed record Administrator(Guid Id, string Email, Guid SessionId)
{
    /// <summary>Called by the framework; only on pages that require one.</summary>
    public static ValueTask<Administrator?> BindAsync(HttpContext http) =>
        ValueTask.FromResult(http.Features.Get<Administrator>());
}

/// <summary>
/// Who is signed in to the console. The cookie names account and login, nothing else: whether both still hold is asked anew for
/// each request, in one round trip.
/// </summary>
internal sealed class ConsoleSession(
    IHttpContextAccessor accessor,
    ClickNBackDbContext db,
    NpgsqlDataSource database,
    TimeProvider time
)
{
    /// <summary>How long somebody stays signed in: a working day.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const string SessionClaim = "sid";

    private const string FindAdministrator = """
        SELECT email FROM users JOIN refresh_token_families AS login ON login.user_id = users.id
        WHERE users.id = $1 AND login.id = $2 AND active AND role = 'admin' AND revoked_at IS NULL
        """;

    private HttpContext Http => accessor.HttpContext!;

    /// <summary>Starts a session of a login that was just made; answers whether the account is an administrator's.</summary>
    public async Task<bool> StartAsync(Guid userId, Guid loginId, CancellationToken cancel)
    {
        if (await FindAsync(userId, loginId, cancel) is null)
        {
            await db.RevokeFamilyAsync(loginId, time.GetUtcNow(), cancel);
            return false;
        }

        Claim[] claims = [new(ClaimTypes.NameIdentifier, $"{userId}"), new(SessionClaim, $"{loginId}")];
        await Http.SignInAsync(ConsoleApp.Name, new ClaimsPrincipal(new ClaimsIdentity(claims, ConsoleApp.Name)));
        return true;
    }

    /// <summary>Ends the caller's session, or all logins of the account wherever they are.</summary>
    public async Task EndAsync(Administrator caller, bool everywhere, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await db
            .RefreshTokenFamilies.Where(it => it.UserId == caller.Id && it.RevokedAt == null)
            .Where(it => everywhere || it.Id == caller.SessionId)
            .ExecuteUpdateAsync(set => set.SetProperty(it => it.RevokedAt, now), cancel);
        await Http.SignOutAsync(ConsoleApp.Name);
    }

    /// <summary>Called by the framework with what the cookie says.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext cookie)
    {
        var http = cookie.HttpContext;
        var session = http.RequestServices.GetRequiredService<ConsoleSession>();
        if (
            Guid.TryParse(cookie.Principal?.FindFirstValue(ClaimTypes.NameIdentifier), out var userId)
            && Guid.TryParse(cookie.Principal.FindFirstValue(SessionClaim), out var loginId)
            && await session.FindAsync(userId, loginId, http.RequestAborted) is { } administrator
        )
        {
            http.Features.Set(administrator);
            http.Features.Set(new Caller(userId, Role.Admin));
        }
        else
        {
            cookie.RejectPrincipal();
        }
    }

    private Task<Administrator?> FindAsync(Guid userId, Guid loginId, CancellationToken cancel) =>
        database.ReadAsync(async () =>
        {
            await using var command = database.CreateCommand(FindAdministrator);
            command.Parameters.AddValue(userId).AddValue(loginId);
            return await command.ExecuteScalarAsync(cancel) is string email
                ? new Administrator(userId, email, loginId)
                : null;
        });
}
