using ClickNBack.Api.Http;
using ClickNBack.Api.Reports;

namespace ClickNBack.Api.Console;

/// <summary>The routes of pages about reports, payouts, accounts, merchants, flags, the ledger and the audit log.</summary>
internal static class AdministrationRoutes
{
    public static void MapAdministration(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/reports", ReportList.ShowAsync);
        pages.MapGet("/reports/unclaimed", ReportList.ShowUnclaimedAsync);
        pages.MapGet("/reports/files", ReportFileList.ShowAsync);
        pages
            .MapPost("/reports/files", ReportFileList.UploadAsync)
            .RequireRateLimiting(RateLimits.Uploads)
            .WithMetadata(new BodyLimit(ReportFiles.MaxBytes + RequestLimits.MaxBodyBytes)); // the file, and the form around it
        pages.MapGet("/reports/files/new", ReportFileList.ShowNewAsync);
        pages.MapGet("/reports/files/{id:guid}", ReportFileList.ShowOneAsync);
        pages.MapPost("/reports/files/{id:guid}/confirmation", ReportFileList.ConfirmAsync);

        pages.MapGet("/payouts", PayoutList.ShowAsync);
        pages.MapPost("/payouts/processing", PayoutList.ProcessAsync);
        pages.MapGet("/payouts/{id:guid}", PayoutDetail.ShowAsync);
        pages.MapPost("/payouts/{id:guid}/destination", PayoutDetail.ShowDestinationAsync);
        pages.MapPost("/payouts/{id:guid}/processing", PayoutDetail.ProcessAsync);
        pages.MapPost("/payouts/{id:guid}/release", PayoutDetail.ReleaseAsync);
        pages.MapPost("/payouts/{id:guid}/paid", PayoutDetail.PayAsync);
        pages.MapPost("/payouts/{id:guid}/failed", PayoutDetail.FailAsync);
        pages.MapGet("/payouts/batches", PayoutBatches.ListAsync);
        pages.MapPost("/payouts/batches", PayoutBatches.CreateAsync);
        pages.MapGet("/payouts/batches/{id:guid}", PayoutBatches.ShowAsync);
        pages.MapPost("/payouts/batches/{id:guid}/file", PayoutBatches.DownloadAsync);
        pages.MapPost("/payouts/batches/{id:guid}/paid", PayoutBatches.PayAsync);

        pages.MapGet("/users", UserList.ShowAsync);
        pages.MapGet("/users/{id:guid}", UserDetail.ShowAsync);
        pages.MapPost("/users/{id:guid}/deactivation", UserDetail.DeactivateAsync);
        pages.MapPost("/users/{id:guid}/reactivation", UserDetail.ReactivateAsync);
        pages.MapPost("/users/{id:guid}/end-sessions", UserDetail.EndSessionsAsync);
        pages.MapPost("/users/{id:guid}/erasure", UserDetail.EraseAsync);

        pages.MapGet("/merchants", MerchantList.ShowAsync);
        pages.MapPost("/merchants", MerchantList.CreateAsync);
        pages.MapGet("/merchants/new", MerchantList.ShowNew);
        pages.MapGet("/merchants/{id:guid}", MerchantDetail.ShowAsync);
        pages.MapPost("/merchants/{id:guid}/status", MerchantDetail.SetStatusAsync);
        pages.MapPost("/merchants/{id:guid}/secrets", MerchantDetail.CreateSecretAsync);
        pages.MapPost("/merchants/{id:guid}/secrets/{secretId:guid}/revocation", MerchantDetail.RevokeSecretAsync);

        pages.MapGet("/offers", OfferList.ShowAsync);
        pages.MapPost("/offers", OfferList.CreateAsync);
        pages.MapGet("/offers/new", OfferList.ShowNewAsync);
        pages.MapPost("/offers/{id:guid}/status", OfferList.SetStatusAsync);

        pages.MapGet("/feature-flags", FlagPages.ShowAsync);
        pages.MapPost("/feature-flags", FlagPages.SetAsync);
        pages.MapPost("/feature-flags/deletion", FlagPages.DeleteAsync);

        pages.MapGet("/ledger", LedgerPages.ShowAsync);
        pages.MapPost("/ledger/check", LedgerPages.CheckAsync);
        pages.MapGet("/ledger/comparison", LedgerPages.Compare);

        pages.MapGet("/audit", AuditPages.ShowAsync);
        pages.MapGet("/audit.csv", AuditPages.Export);
    }
}
