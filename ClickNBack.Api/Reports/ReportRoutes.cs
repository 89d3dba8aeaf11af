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

        var cases = api.MapGroup("/admin/cases").WithTags("Cases").RequireAuthorization(Policies.Admin);
        cases
            .MapGet("/", ListCases.HandleAsync)
            .WithName("ListCases")
            .WithSummary("List cases")
            .WithDescription("Purchases that an administrator has to decide, the oldest first.")
            .WithPageExample(ReportExamples.Open);
        cases
            .MapGet("/{id}", GetCase.HandleAsync)
            .WithName("GetCase")
            .WithSummary("One case")
            .WithDescription("With all sides: what was claimed, who else claims it, and what was reported.")
            .WithExample(response: ReportExamples.BothSides)
            .ProducesErrors(ReportErrors.CaseNotFound);
        cases
            .MapPost("/{id}/decision", DecideCase.HandleAsync)
            .WithName("DecideCase")
            .WithSummary("Decide a case")
            .WithDescription(
                "Once and for all. Dismissing it leaves the purchase as it is, for the merchant's next report to decide. The first of two claims is kept or taken back; the second stays refused, so nobody is paid twice."
            )
            .WithExample(ReportExamples.Decide, ReportExamples.Decided)
            .ProducesErrors(ReportErrors.CaseNotFound, ReportErrors.CaseDecided, ReportErrors.DecisionImpossible);
    }
}
