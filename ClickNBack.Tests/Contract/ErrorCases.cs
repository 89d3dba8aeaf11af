using ClickNBack.Api.Accounts;
using ClickNBack.Api.Auth;
using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Http;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Users;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Contract;

/// <summary>Requests that lead to an error.</summary>
/// <param name="Error">The catalogue's entry.</param>
/// <param name="Details">The names of its details, in their order; those of the objects in a list are in brackets.</param>
/// <param name="ReachAsync">Sends them; answers the last answer.</param>
internal sealed record ErrorCase(ErrorCode Error, string Details, Func<PopulatedPlatform, Task<Answer>> ReachAsync);

/// <summary>
/// At least one case for each entry of the catalogue; several where its details differ, and the first leads to those that
/// its example shows.
/// </summary>
internal static class ErrorCases
{
    private const string V1 = "/api/v1";
    private const string Violations = "violations[field reason]";
    private const string Resource = "resource_type resource_id";
    private const string Nobody = "00000000-0000-0000-0000-000000000001";

    public static readonly ErrorCase[] All =
    [
        // Any request
        new(HttpErrors.Malformed, Violations, it => it.Anonymous.PostAsync($"{V1}/auth/login", new { })),
        new(HttpErrors.UnknownRoute, "", it => it.Anonymous.GetAsync($"{V1}/nothing")),
        new(HttpErrors.MethodNotAllowed, "", it => it.Anonymous.PutAsync($"{V1}/users/me")),
        new(
            HttpErrors.UnsupportedMediaType,
            "",
            it => it.Anonymous.SendTextAsync(HttpMethod.Post, $"{V1}/auth/login", "{}", "text/plain")
        ),
        new(
            HttpErrors.TooLarge,
            "",
            it =>
                it.Anonymous.SendTextAsync(
                    HttpMethod.Post,
                    $"{V1}/auth/login",
                    new string(' ', RequestLimits.MaxBodyBytes + 1)
                )
        ),
        new(HttpErrors.BadRequest, "", ErrorScenarios.BrokenChunkAsync),
        new(HttpErrors.Internal, "request_id timestamp", ErrorScenarios.BugAsync),
        new(HttpErrors.Unavailable, "", ErrorScenarios.NoDatabaseAsync),
        new(RateLimits.Limited, "", ErrorScenarios.FloodAsync),
        // Who is asking
        new(AuthErrors.InvalidToken, "", it => it.Anonymous.GetAsync($"{V1}/users/me")),
        new(AuthErrors.ExpiredToken, "", it => it.Server.With(it.ExpiredToken).GetAsync($"{V1}/users/me")),
        new(AuthErrors.UserInactive, "user_id", it => it.Inactive.Api.GetAsync($"{V1}/users/me")),
        new(AuthErrors.InvalidCredentials, "", it => it.Anonymous.LoginAsync(it.User.Email, "wrong")),
        new(AuthErrors.InvalidRefreshToken, "", it => it.Anonymous.RefreshAsync("garbage")),
        new(AuthErrors.ExpiredRefreshToken, "", ErrorScenarios.ExpiredRefreshTokenAsync),
        new(
            AuthErrors.TokenRevoked,
            "",
            async it =>
            {
                var login = await it.Server.LoginAsync(it.User.Email, Person.UsualPassword);
                (await it.Anonymous.RefreshAsync(login.RefreshToken)).Expect(200);
                return await it.Anonymous.RefreshAsync(login.RefreshToken);
            }
        ),
        // Accounts
        new(UserErrors.PasswordNotComplexEnough, Violations, it => it.Anonymous.RegisterAsync("a@b.example", "weak")),
        new(
            UserErrors.EmailAlreadyRegistered,
            "email",
            it => it.Anonymous.RegisterAsync(it.User.Email, Person.UsualPassword)
        ),
        new(
            UserErrors.CurrentPasswordIncorrect,
            "",
            it =>
                it.User.Api.PutAsync(
                    $"{V1}/users/me/password",
                    new { current_password = "wrong", new_password = Person.UsualPassword }
                )
        ),
        new(
            AccountErrors.NotSettled,
            "pending_balance available_balance owed_balance open_payouts action",
            it => it.User.Api.DeleteAsync($"{V1}/users/me")
        ),
        // Merchants
        new(
            MerchantErrors.NotFound,
            Resource,
            it => it.Admin.Api.PatchAsync($"{V1}/merchants/{Nobody}/status", new { status = "active" })
        ),
        new(MerchantErrors.NotFound, Resource, it => CreateOfferAsync(it, new Guid(Nobody))),
        new(
            MerchantErrors.PercentageOutOfRange,
            "field reason",
            it =>
                it.Admin.Api.PostAsync(
                    $"{V1}/merchants/",
                    new { name = Unique.Text(), default_cashback_percentage = 20.01 }
                )
        ),
        new(
            MerchantErrors.NameAlreadyExists,
            "name",
            async it =>
            {
                var merchant = new { name = Unique.Text(), default_cashback_percentage = 5 };
                (await it.Admin.Api.PostAsync($"{V1}/merchants/", merchant)).Expect(201);
                return await it.Admin.Api.PostAsync($"{V1}/merchants/", merchant);
            }
        ),
        new(
            MerchantErrors.NotActive,
            "merchant_id action",
            async it => await CreateOfferAsync(it, await it.Admin.OpenMerchantAsync(active: false))
        ),
        new(MerchantErrors.NotEligible, "merchant_id reason", it => BuyAtAsync(it, new Guid(Nobody))),
        new(
            MerchantErrors.NotEligible,
            "merchant_id reason",
            async it => await BuyAtAsync(it, await it.Admin.OpenMerchantAsync(active: false))
        ),
        // Reports and cases
        new(
            ReportErrors.InvalidSignature,
            "",
            it =>
                it.Anonymous.PostAsync(
                    $"{V1}/merchants/{it.Shop.Merchant}/reports",
                    new { transactions = Array.Empty<int>() }
                )
        ),
        new(ReportErrors.MessageIdReused, "webhook_id", ErrorScenarios.ReusedMessageAsync),
        new(
            ReportErrors.SecretNotFound,
            Resource,
            it => it.Admin.Api.DeleteAsync($"{V1}/merchants/{it.Shop.Merchant}/webhook-secrets/{Nobody}")
        ),
        new(
            ReportErrors.TooManySecrets,
            "merchant_id",
            async it =>
            {
                var secrets = $"{V1}/merchants/{await it.Admin.OpenMerchantAsync()}/webhook-secrets";
                (await it.Admin.Api.PostAsync(secrets)).Expect(201);
                (await it.Admin.Api.PostAsync(secrets)).Expect(201);
                return await it.Admin.Api.PostAsync(secrets);
            }
        ),
        new(ReportErrors.FileNotFound, Resource, it => it.Admin.Api.GetAsync($"{V1}/admin/report-files/{Nobody}")),
        new(
            ReportErrors.FileIsWrong,
            "file_id wrong",
            async it =>
            {
                var upload = await it.RequestAsync("POST /api/v1/merchants/{id}/report-files");
                var file = (await upload.SendAsync(it.Admin.Api, "order_reference\n")).Expect(201)["id"].GetGuid();
                return await it.Admin.Api.PostAsync($"{V1}/admin/report-files/{file}/confirmation");
            }
        ),
        new(
            ReportErrors.FileIsIncomplete,
            "file_id",
            async it =>
            {
                var upload = await it.RequestAsync("POST /api/v1/merchants/{id}/report-files");
                var file = (await upload.SendAsync(it.Admin.Api)).Expect(201)["id"].GetGuid();
                await it.Database.ExecuteAsync("DELETE FROM report_file_rows WHERE file_id = $1", file);
                return await it.Admin.Api.PostAsync($"{V1}/admin/report-files/{file}/confirmation");
            }
        ),
        new(ReportErrors.CaseNotFound, Resource, it => it.Admin.Api.GetAsync($"{V1}/admin/cases/{Nobody}")),
        new(
            ReportErrors.CaseDecided,
            "case_id",
            async it =>
            {
                var decide = await it.RequestAsync("POST /api/v1/admin/cases/{id}/decision");
                (await decide.SendAsync(it.Admin.Api)).Expect(200);
                return await decide.SendAsync(it.Admin.Api);
            }
        ),
        new(
            ReportErrors.DecisionImpossible,
            "case_id decision purchase_status",
            async it =>
            {
                var decide = await it.RequestAsync("POST /api/v1/admin/cases/{id}/decision");
                return await decide.SendAsync(it.Admin.Api, """{"decision": "reverse", "note": "It is pending."}""");
            }
        ),
        // Offers
        new(OfferErrors.NotFound, Resource, it => it.User.Api.GetAsync($"{V1}/offers/{Nobody}")),
        new(OfferErrors.Invalid, Violations, it => CreateOfferAsync(it, it.Shop.Merchant, value: 0)),
        new(OfferErrors.InvalidFilter, Violations, it => it.User.Api.GetAsync($"{V1}/offers/?status=gone")),
        new(
            OfferErrors.NotForUsers,
            $"{Resource} reason",
            async it =>
            {
                var shop = await it.Admin.OpenShopAsync();
                await SetStatusAsync(it, "offers", shop.Offer, "inactive");
                return await it.User.Api.GetAsync($"{V1}/offers/{shop.Offer}");
            }
        ),
        new(OfferErrors.ActiveOfferAlreadyExists, "merchant_id action", it => CreateOfferAsync(it, it.Shop.Merchant)),
        new(
            OfferErrors.NotAvailable,
            "merchant_id reason",
            async it => await BuyAtAsync(it, await it.Admin.OpenMerchantAsync())
        ),
        // Purchases
        new(PurchaseErrors.NotFound, Resource, it => it.User.Api.GetAsync($"{V1}/purchases/{Nobody}")),
        new(
            PurchaseErrors.SomebodyElses,
            "purchase_id resource_owner current_user",
            it => it.Other.Api.GetAsync($"{V1}/purchases/{it.Purchase}")
        ),
        new(
            PurchaseErrors.ForSomebodyElse,
            "",
            it => it.Other.Api.PostAsync($"{V1}/purchases/", it.User.PurchaseAt(it.Shop.Merchant, 10))
        ),
        new(
            PurchaseErrors.Duplicate,
            "external_id previously_created_at previously_processed_amount action",
            async it => await BuyTwiceAsync(it, it.User)
        ),
        new(PurchaseErrors.Duplicate, "external_id action", async it => await BuyTwiceAsync(it, it.Other)),
        new(
            PurchaseErrors.UnsupportedCurrency,
            "currency",
            it =>
            {
                var purchase = it.User.PurchaseAt(it.Shop.Merchant, 10);
                purchase["currency"] = "USD";
                return it.User.Api.PostAsync($"{V1}/purchases/", purchase);
            }
        ),
        new(PurchaseErrors.DailyLimit, "violations action", ErrorScenarios.OneClaimTooManyAsync),
        new(PurchaseErrors.InvalidStatus, "", it => it.Admin.Api.GetAsync($"{V1}/purchases/?status=gone")),
        new(PurchaseErrors.InvalidStatus, "", it => it.User.Api.GetAsync($"{V1}/users/me/purchases?status=gone")),
        new(
            PurchaseErrors.NotPending,
            "violations[purchase_id current_status required_status]",
            async it =>
            {
                var purchase = await it.User.BuyAsync(it.Shop, 10);
                (await it.Admin.Api.ConfirmAsync(purchase)).Expect(200);
                return await it.Admin.Api.ConfirmAsync(purchase);
            }
        ),
        new(
            PurchaseErrors.AlreadyReversed,
            "violations[purchase_id current_status reversible_from_statuses]",
            async it =>
            {
                var purchase = await it.User.BuyAsync(it.Shop, 10);
                (await it.Admin.Api.ReverseAsync(purchase)).Expect(200);
                return await it.Admin.Api.ReverseAsync(purchase);
            }
        ),
        // Payouts
        new(PayoutErrors.NotFound, Resource, it => ProcessAsync(it, new Guid(Nobody))),
        new(PayoutErrors.NotFound, Resource, it => it.Admin.Api.GetAsync($"{V1}/admin/payouts/{Nobody}/destination")),
        new(
            PayoutErrors.DestinationErased,
            "",
            async it =>
            {
                var payout = await it.User.WithdrawAsync(10);
                (await ProcessAsync(it, payout)).Expect(200);
                await it.Database.ExecuteAsync("UPDATE payouts SET destination = NULL WHERE id = $1", payout);
                return await it.Admin.Api.GetAsync($"{V1}/admin/payouts/{payout}/destination");
            }
        ),
        new(
            PayoutErrors.InsufficientBalance,
            "requested_amount available_balance pending_balance action",
            it => it.Other.TryWithdrawAsync(10)
        ),
        new(PayoutErrors.PolicyViolation, "violations action", it => it.User.TryWithdrawAsync(9.99m)),
        new(
            PayoutErrors.InvalidTransition,
            "violations[payout_id current_status requested_status]",
            async it =>
            {
                var payout = await it.User.WithdrawAsync(10);
                (await ProcessAsync(it, payout)).Expect(200);
                return await ProcessAsync(it, payout);
            }
        ),
        new(
            PayoutErrors.Held,
            "payout_id held_for action",
            async it => await ProcessAsync(it, await it.HeldPayoutAsync())
        ),
        new(
            PayoutErrors.NotHeld,
            "payout_id",
            async it => await it.Admin.Api.PostAsync($"{V1}/admin/payouts/{await it.User.WithdrawAsync(10)}/release")
        ),
        // Idempotency keys
        new(
            IdempotencyErrors.KeyReused,
            "",
            async it =>
            {
                var (path, key) = ($"{V1}/purchases/", Unique.Text());
                (await it.User.Api.PostAsync(path, it.User.PurchaseAt(it.Shop.Merchant, 10), key)).Expect(201);
                return await it.User.Api.PostAsync(path, it.User.PurchaseAt(it.Shop.Merchant, 20), key);
            }
        ),
        new(IdempotencyErrors.KeyInUse, "", ErrorScenarios.KeyInFlightAsync),
        // Feature flags
        new(FlagErrors.MalformedKey, $"key {Violations}", it => SetFlagAsync(it, "UPPER", new { enabled = true })),
        new(
            FlagErrors.ScopeIdRequired,
            "scope_type",
            it => SetFlagAsync(it, "some_flag", new { enabled = true, scope_type = "user" })
        ),
        new(
            FlagErrors.NotFound,
            "key scope_type scope_id",
            it => it.Admin.Api.DeleteAsync($"{V1}/feature-flags/no_such_flag?scope_type=merchant&scope_id={Nobody}")
        ),
    ];

    private static Task<Answer> SetFlagAsync(PopulatedPlatform platform, string key, object flag) =>
        platform.Admin.Api.PutAsync($"{V1}/feature-flags/{key}", flag);

    private static Task<Answer> CreateOfferAsync(PopulatedPlatform platform, Guid merchant, object? value = null) =>
        platform.Admin.Api.PostAsync($"{V1}/offers/", Person.OfferOf(merchant, value));

    private static async Task SetStatusAsync(PopulatedPlatform platform, string collection, Guid id, string status) =>
        (await platform.Admin.Api.PatchAsync($"{V1}/{collection}/{id}/status", new { status })).Expect(200);

    private static Task<Answer> BuyAtAsync(PopulatedPlatform platform, Guid merchant) =>
        platform.User.Api.PostAsync($"{V1}/purchases/", platform.User.PurchaseAt(merchant, 10));

    private static async Task<Answer> BuyTwiceAsync(PopulatedPlatform platform, Person second)
    {
        var externalId = Unique.Text();
        await platform.User.BuyAsync(platform.Shop, 10, externalId);
        return await second.TryBuyAsync(platform.Shop, 10, externalId);
    }

    private static Task<Answer> ProcessAsync(PopulatedPlatform platform, Guid payout) =>
        platform.Admin.Api.PatchAsync($"{V1}/admin/payouts/{payout}/process", new { status = "completed" });
}
