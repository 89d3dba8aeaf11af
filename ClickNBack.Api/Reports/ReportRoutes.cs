using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Users;

namespace ClickNBack.Api.Reports;

/// <summary>What merchants report, and what administrators decide where that is not enough.</summary>
internal static class ReportRoutes
{
    public static void MapReports(this IEndpointRouteBuilder api)
    {
        api.MapPost("/merchants/{id}/reports", ReceiveReport.HandleAsync)
            .WithName("ReceiveReport")
            .WithSummary("Report what became of orders")
            .WithDescription(
                "For merchants: at most 1000 transactions in 1 MB, signed by Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature`). A message is taken in once, however often it is sent."
            )
            .WithExample(ReportExamples.Message, ReportExamples.Received)
            .ProducesErrors(ReportErrors.InvalidSignature, ReportErrors.MessageIdReused)
            .WithMetadata(new BodyLimit(ReceiveReport.MaxBytes))
            .WithTags("Reports");

        var secrets = api.MapGroup("/merchants/{id}/webhook-secrets")
            .WithTags("Reports")
            .RequireAuthorization(Policies.Admin);
        secrets
            .MapPost("/", CreateWebhookSecret.HandleAsync)
            .WithName("CreateWebhookSecret")
            .WithSummary("Make a secret for a merchant's reports")
            .WithDescription("It is shown this once. Two hold at a time, so that one can be replaced.")
            .WithExample(response: ReportExamples.NewSecret)
            .ProducesErrors(MerchantErrors.NotFound, ReportErrors.TooManySecrets);
        secrets
            .MapGet("/", ListWebhookSecrets.HandleAsync)
            .WithName("ListWebhookSecrets")
            .WithSummary("List a merchant's secrets")
            .WithDescription("Newest first, revoked ones too; what is secret is not shown.")
            .WithPageExample(ReportExamples.Secret)
            .ProducesErrors(MerchantErrors.NotFound);
        secrets
            .MapDelete("/{secretId}", RevokeWebhookSecret.HandleAsync)
            .WithName("RevokeWebhookSecret")
            .WithSummary("Revoke a merchant's secret")
            .WithDescription("What is signed with it is refused from now on.")
            .ProducesErrors(ReportErrors.SecretNotFound);

        MapFiles(api);
        MapCases(api);
    }

    private static void MapFiles(IEndpointRouteBuilder api)
    {
        api.MapPost("/merchants/{id}/report-files", UploadReportFile.HandleAsync)
            .WithName("UploadReportFile")
            .WithSummary("Upload a merchant's report as a file")
            .WithDescription(
                "The body is `text/csv` (RFC 4180, UTF-8, at most 100000 rows in 32 MiB) with the columns order_reference, amount, currency, status, reported_at and, if wanted, reason. Nothing of it counts before it is confirmed."
            )
            .WithExample(ReportExamples.Csv, ReportExamples.File)
            .ProducesErrors(MerchantErrors.NotFound, HttpErrors.UnsupportedMediaType, HttpErrors.TooLarge)
            .WithMetadata(new BodyLimit(ReportFiles.MaxBytes))
            .WithTags("Reports")
            .RequireAuthorization(Policies.Admin);

        var files = api.MapGroup("/admin/report-files").WithTags("Reports").RequireAuthorization(Policies.Admin);
        files
            .MapGet("/", ListReportFiles.HandleAsync)
            .WithName("ListReportFiles")
            .WithSummary("List reports that were uploaded as files")
            .WithDescription("Latest first, 50 at a time; while one is read, how far it is.")
            .WithExample(response: new Slice<ReportFileResponse>([ReportExamples.Confirmed], Next: null));
        files
            .MapGet("/{id}", GetReportFile.HandleAsync)
            .WithName("GetReportFile")
            .WithSummary("Preview a file")
            .WithDescription("Its first transactions, what it says in all, and its first wrong lines.")
            .WithExample(response: ReportExamples.Preview)
            .ProducesErrors(ReportErrors.FileNotFound);
        files
            .MapGet("/{id}/errors", ListReportFileErrors.HandleAsync)
            .WithName("ListReportFileErrors")
            .WithSummary("List a file's wrong lines")
            .WithDescription("All of them, 100 at a time, with each wrong column.")
            .WithExample(response: new ReportFileErrorsResponse([ReportExamples.WrongLine], Next: null))
            .ProducesErrors(ReportErrors.FileNotFound);
        files
            .MapPost("/{id}/confirmation", ConfirmReportFile.HandleAsync)
            .WithName("ConfirmReportFile")
            .WithSummary("Confirm a file")
            .WithDescription("What it says is taken in, once, however often the same file is uploaded and confirmed.")
            .WithExample(response: ReportExamples.Confirmed)
            .ProducesErrors(ReportErrors.FileNotFound, ReportErrors.FileIsWrong, ReportErrors.FileIsIncomplete);

        var reports = api.MapGroup("/admin/reports").WithTags("Reports").RequireAuthorization(Policies.Admin);
        reports
            .MapGet("/", ListReports.HandleAsync)
            .WithName("ListReports")
            .WithSummary("List what merchants sent")
            .WithDescription("Messages and confirmed files, latest first, 50 at a time.")
            .WithExample(response: new Slice<ReceivedReportResponse>([ReportExamples.InList], Next: null));
        reports
            .MapGet("/unclaimed", ListUnclaimed.HandleAsync)
            .WithName("ListUnclaimed")
            .WithSummary("List transactions that nobody has claimed")
            .WithDescription("Latest first, 50 at a time.")
            .WithExample(response: new Slice<UnclaimedTransactionResponse>([ReportExamples.Unclaimed], Next: null));
    }

    private static void MapCases(IEndpointRouteBuilder api)
    {
        var cases = api.MapGroup("/admin/cases").WithTags("Cases").RequireAuthorization(Policies.Admin);
        cases
            .MapGet("/", ListCases.HandleAsync)
            .WithName("ListCases")
            .WithSummary("List cases")
            .WithDescription(
                "Purchases that an administrator has to decide, and users whom a limit has refused something, the oldest first."
            )
            .WithPageExample(ReportExamples.Open);
        cases
            .MapGet("/{id}", GetCase.HandleAsync)
            .WithName("GetCase")
            .WithSummary("One case")
            .WithDescription(
                "With all sides: what was claimed, who else claims it, and what was reported; or what a limit has refused."
            )
            .WithExample(response: ReportExamples.BothSides)
            .ProducesErrors(ReportErrors.CaseNotFound);
        cases
            .MapPost("/{id}/decision", DecideCase.HandleAsync)
            .WithName("DecideCase")
            .WithSummary("Decide a case")
            .WithDescription(
                "Once and for all. Dismissing it leaves the purchase as it is, for the merchant's next report to decide. The first of two claims is kept or taken back; the second stays refused, so nobody is paid twice. What a limit has refused stays refused: such a case is dismissed once it was looked at."
            )
            .WithExample(ReportExamples.Decide, ReportExamples.Decided)
            .ProducesErrors(ReportErrors.CaseNotFound, ReportErrors.CaseDecided, ReportErrors.DecisionImpossible);
    }
}
