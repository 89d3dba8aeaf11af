using System.Text;
using ClickNBack.Api.Accounts;
using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Console;
using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.OpenApi;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Retention;
using ClickNBack.Api.Status;
using ClickNBack.Api.Users;
using ClickNBack.Api.Wallets;
using ClickNBack.ServiceDefaults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.RateLimiting;

namespace ClickNBack.Api;

internal static class ClickNBackApi
{
    public static WebApplicationBuilder AddClickNBack(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddDatabase();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestLimits.MaxBodyBytes;
            // Any byte is a character, which whoever reads the header refuses in the envelope; the server would do it without.
            kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        });

        var services = builder.Services;
        services.ConfigureHttpJsonOptions(json => Json.Configure(json.SerializerOptions));

        services.AddApiDocument();
        services.AddValidatedOptions<CorsSettings>("Cors");
        services.AddOriginPolicy();
        services.AddValidatedOptions<RateLimitSettings>("RateLimits");
        services.AddRateLimits();
        services.AddSingleton<Fingerprints>();
        services.AddScoped<IdempotentAttempts>();
        services.AddValidatedOptions<RetentionOptions>("Retention");
        services.AddHostedService<RetentionJob>();

        services.AddValidatedOptions<EncryptionSettings>("Encryption");
        services.AddSingleton<FieldEncryption>();
        services.AddValidatedOptions<TokenSettings>("Authentication");
        services.AddSingleton<TokenService>();
        services.AddSingleton<LoginMetrics>();
        services.Configure<RateLimiterOptions>(it => it.AddPolicy<RateLimits.Client, LoginLimit>(LoginLimit.Name));
        services.AddSingleton<IPasswordHasher<User>, PasswordHasher<User>>();
        services.AddScoped<Passwords>();
        services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = BearerAuthentication.SchemeName;
            authentication.AddScheme<BearerAuthentication>(BearerAuthentication.SchemeName, displayName: null);
        });
        services.AddWebEncoders();
        services.AddTransient<BearerAuthentication>();
        services
            .AddAuthorizationBuilder()
            .AddPolicy(Policies.Admin, policy => policy.RequireRole(Json.Name(Role.Admin)));

        services.AddValidatedOptions<CashbackOptions>("Cashback");
        services.AddSingleton<ActiveOffers>();
        services.AddScoped<AuditTrail>();
        services.AddScoped<AuditSearch>();
        services.AddScoped<AccountErasure>();
        services.AddScoped<AccountAccess>();
        services.AddSingleton<AccountDirectory>();
        services.AddValidatedOptions<LedgerOptions>("Ledger");
        services.AddHostedService<MoneyCheckJob>();

        services.AddValidatedOptions<PayoutOptions>("Payouts");
        services.AddSingleton<PayoutMetrics>();
        services.AddSingleton<PayoutProcessing>();
        services.AddScoped<PayoutDestinations>();
        services.AddScoped<PayoutExports>();
        services.AddHostedService<DestinationErasure>();

        services.AddValidatedOptions<ClaimOptions>("Claims");
        services.AddValidatedOptions<VerificationOptions>("Verification");
        services.AddOutgoingPipeline(VerificationRound.PipelineName);
        services.AddSingleton<IPurchaseVerifier, SimulatedVerifier>();
        services.AddSingleton<PurchaseMetrics>();
        services.AddSingleton<VerificationSignal>();
        services.AddSingleton<VerificationRound>();
        services.AddSingleton<ManualVerification>();
        services.AddSingleton<MatchingRound>();
        services.AddSingleton<WebhookSecretVault>();
        services.AddScoped<ReportFiles>();
        services.AddScoped<ReportFileReading>();
        services.AddScoped<ReportFileConfirmation>();
        services.AddScoped<ReportDirectory>();
        services.AddSingleton<DuePurchases>();
        services.AddSingleton<IVerificationRound>(provider =>
            provider.GetRequiredService<VerificationOptions>().Mode switch
            {
                VerificationMode.Simulated => provider.GetRequiredService<VerificationRound>(),
                VerificationMode.Reports => provider.GetRequiredService<MatchingRound>(),
                VerificationMode.Manual => provider.GetRequiredService<ManualVerification>(),
            }
        );
        services.AddHostedService<VerificationJob>();
        builder.AddConsole();
        return builder;
    }

    /// <summary>What a request passes through, and where it ends.</summary>
    public static WebApplication MapClickNBack(this WebApplication app)
    {
        app.UseRequestLog();
        app.UseConsole();
        app.UseErrorEnvelope();
        app.UseCors();
        BearerAuthentication.ReadToken(app);
        app.UseRateLimiter(); // before authentication, which asks the database
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapHealthEndpoints();
        app.MapApiDocument();

        var api = app.MapGroup("/api/v1")
            .AddEndpointFilter<CallerFilter>()
            .AddEndpointFilter<RequestFilter>()
            .AddEndpointFilter<RepeatedReads>();
        api.MapAuth();
        api.MapUsers();
        api.MapAccounts();
        api.MapMerchants();
        api.MapOffers();
        api.MapPurchases();
        api.MapReports();
        api.MapWallets();
        api.MapPayouts();
        api.MapFeatureFlags();
        api.MapAudit();
        api.MapStatus();
        app.MapConsole();
        return app;
    }
}
