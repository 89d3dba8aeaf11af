using System.ComponentModel.DataAnnotations;
using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ClickNBack.Api.Reports;

/// <summary>An administrator uploads a merchant's report as a file. Nothing of it counts before it is confirmed.</summary>
internal static class UploadReportFile
{
    internal sealed record Request
    {
        /// <summary>What to call it.</summary>
        [StringLength(ReportFile.MaxNameLength, MinimumLength = 1)]
        public string Name { get; init; } = "report.csv";

        /// <summary>What separates its columns.</summary>
        public required CsvSeparator Separator { get; init; }

        /// <summary>What separates cents in its amounts.</summary>
        public required CsvDecimal Decimal { get; init; }
    }

    public static async Task<Results<Created<ReportFileResponse>, ApiError>> HandleAsync(
        string id,
        Query<Request> query,
        CsvBody body,
        Caller caller,
        ReportFileReading files,
        CancellationToken cancel
    )
    {
        if (!Ids.TryParse(id, out var merchantId))
        {
            return MerchantErrors.NotFound.With(id);
        }

        var (name, format) = (query.Value.Name, new CsvFormat(query.Value.Separator, query.Value.Decimal));
        try
        {
            return await files.ReadAsync(merchantId, name, body.Value, format, caller.Id, cancel) is { } file
                ? TypedResults.Created($"/api/v1/admin/report-files/{file.Id}", ReportFileResponse.Of(file))
                : MerchantErrors.NotFound.With(id);
        }
        catch (BadHttpRequestException refused) // what a client does to its upload is no error of ours
        {
            return HttpErrors.Unreadable(refused);
        }
    }
}

/// <summary>The body of a request as it comes in, which says that it is CSV.</summary>
internal sealed class CsvBody(Stream value, ApiError? error) : IBoundRequest
{
    /// <summary>What it says that it is.</summary>
    public const string ContentType = "text/csv";

    /// <summary>What comes in; the server limits its length.</summary>
    public Stream Value => value;

    public ApiError? Error => error;

    public static ValueTask<CsvBody> BindAsync(HttpContext context)
    {
        var isCsv =
            context.Request.GetTypedHeaders().ContentType is { } type
            && type.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase);
        return ValueTask.FromResult(
            new CsvBody(
                context.Request.Body,
                isCsv ? null : HttpErrors.UnsupportedMediaType.With($"The body must be {ContentType}.")
            )
        );
    }
}
