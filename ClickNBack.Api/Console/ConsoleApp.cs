using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;

namespace ClickNBack.Api.Console;

/// <summary>
/// The console: pages for administrators under <c>/console</c>, rendered on the server, which call the same use cases as the API
/// (docs/adr/0016).
/// </summary>
internal static class ConsoleApp
{
    /// <summary>Where it is.</summary>
    public const string Root = "/console";

    /// <summary>The name of the authentication scheme, and of the policy that every page but sign-in requires.</summary>
    public const string Name = "Console";

    // Nothing comes from elsewhere, nothing is inline, and nobody shows the console in a frame.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddRazorComponents();
        services.AddHttpContextAccessor();
        services.AddScoped<ConsoleSession>();
        services.AddScoped<Flash>();

        // Both colours read what either has written.
        services.AddDataProtection().SetApplicationName("clicknback").PersistKeysToDbContext<ClickNBackDbContext>();
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<FieldEncryption>(static (keys, encryption) => keys.XmlEncryptor = new KeyEncryptor(encryption));

        var cookies = new ConsoleCookies(builder.Environment);
        services.AddSingleton(cookies);
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie = cookies.Builder("form");
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        services
            .AddAuthentication()
            .AddCookie(
                Name,
                cookie =>
                {
                    cookie.Cookie = cookies.Builder();
                    cookie.ExpireTimeSpan = ConsoleSession.Lifetime;
                    cookie.SlidingExpiration = false;
                    cookie.Events = new CookieAuthenticationEvents
                    {
                        OnValidatePrincipal = ConsoleSession.ValidateAsync,
                        OnRedirectToLogin = SignIn.RedirectAsync,
                    };
                }
            );
        services
            .AddAuthorizationBuilder()
            .AddPolicy(Name, policy => policy.AddAuthenticationSchemes(Name).RequireAuthenticatedUser());
    }

    /// <summary>Before anything answers: what every answer under <c>/console</c> has, and errors as pages.</summary>
    public static void UseConsole(this WebApplication app)
    {
        var isDevelopment = app.Environment.IsDevelopment();
        app.Use(
            (http, next) =>
            {
                if (http.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase))
                {
                    if (!isDevelopment)
                    {
                        http.Request.Scheme = Uri.UriSchemeHttps; // browsers give the cookies to nothing else
                    }

                    http.Features.Set<IErrorWriter>(ErrorPages.Instance);
                    http.Response.OnStarting(
                        static state =>
                        {
                            var headers = ((HttpContext)state).Response.Headers;
                            headers.ContentSecurityPolicy = ContentSecurityPolicy;
                            headers.XContentTypeOptions = "nosniff";
                            headers["Referrer-Policy"] = "no-referrer";
                            headers["Cross-Origin-Opener-Policy"] = "same-origin";
                            headers["Cross-Origin-Resource-Policy"] = "same-origin";
                            if (!ConsoleFiles.IsOne((HttpContext)state))
                            {
                                headers.CacheControl = "no-store";
                            }

                            return Task.CompletedTask;
                        },
                        http
                    );
                }

                return next(http);
            }
        );
    }

    /// <summary>The routes. Every POST needs an antiforgery token, and every page an administrator who is signed in.</summary>
    public static void MapConsole(this WebApplication app)
    {
        var console = app.MapGroup(Root).ExcludeFromDescription();
        console.MapFiles();

        var forms = console.MapGroup("").WithMetadata(new RequireAntiforgeryTokenAttribute());
        forms.AddEndpointFilter<FormFilter>();
        forms.MapGet("/sign-in", SignIn.ShowAsync).AllowAnonymous();
        forms.MapPost("/sign-in", SignIn.SubmitAsync).RequireRateLimiting(LoginLimit.Name).AllowAnonymous();

        var pages = forms.MapGroup("").RequireAuthorization(Name);
        pages.MapPost("/sign-out", SignOut.HandleAsync);
        pages.MapGet("/", Overview.ShowAsync);
        pages.MapGet("/cases", CaseList.ShowAsync);
        pages.MapGet("/cases/next", CaseDetail.NextAsync);
        pages.MapGet("/cases/{id}", CaseDetail.ShowAsync);
        pages.MapPost("/cases/{id}", CaseDetail.DecideAsync);
        pages.MapGet("/purchases", PurchaseList.ShowAsync);
        pages.MapGet("/purchases/{id}", PurchaseDetail.ShowAsync);
        pages.MapPost("/purchases/{id}/confirm", PurchaseDetail.ConfirmAsync);
        pages.MapPost("/purchases/{id}/reverse", PurchaseDetail.ReverseAsync);
        pages.MapAdministration();
    }
}
