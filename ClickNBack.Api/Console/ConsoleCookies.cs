namespace ClickNBack.Api.Console;

/// <summary>
/// The console's cookies: for this host alone, never for a script, and never sent along from another site. A browser keeps the
/// prefix's promise (secure, no domain) over TLS only, which a developer's machine does not have.
/// </summary>
internal sealed class ConsoleCookies(IHostEnvironment environment)
{
    private readonly bool _isSecure = !environment.IsDevelopment();

    /// <summary>The session's cookie, or another one beside it.</summary>
    public CookieBuilder Builder(string? suffix = null) =>
        new()
        {
            Name = $"{(_isSecure ? "__Host-" : "")}clicknback{(suffix is null ? "" : "-" + suffix)}",
            Path = "/",
            HttpOnly = true,
            IsEssential = true,
            SameSite = SameSiteMode.Strict,
            SecurePolicy = _isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest,
        };
}
