using System.Globalization;
using ClickNBack.Api.Http;
using CsvHelper;

namespace ClickNBack.Api.Audit;

/// <summary>The audit log for a spreadsheet: RFC 4180, UTF-8, and nothing in it that a spreadsheet would execute.</summary>
internal static class AuditCsv
{
    public const string ContentType = "text/csv; charset=utf-8";

    private static readonly string[] Head =
    [
        "occurred_at",
        "action",
        "actor_type",
        "actor_id",
        "resource_type",
        "resource_id",
        "outcome",
        "details",
    ];

    private static readonly CsvWriterOptions Options = new()
    {
        Injection = CsvInjection.Escape,
        WriteByteOrderMark = true, // or Excel takes it for something else than UTF-8
    };

    /// <summary>Writes rows as they come.</summary>
    public static async Task WriteAsync(Stream output, IAsyncEnumerable<AuditLog> logs, CancellationToken cancel)
    {
        await using var csv = CsvWriter.Create(output, Options, leaveOpen: true);
        await csv.WriteRecordAsync(Head, cancel);
        await foreach (var log in logs.WithCancellation(cancel))
        {
            await csv.WriteRecordAsync(
                [
                    log.OccurredAt.UtcDateTime.ToString(
                        "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'",
                        CultureInfo.InvariantCulture
                    ),
                    log.Action,
                    Json.Name(log.ActorType),
                    log.ActorId?.ToString() ?? "",
                    log.ResourceType,
                    $"{log.ResourceId}",
                    Json.Name(log.Outcome),
                    log.Details ?? "",
                ],
                cancel
            );
        }
    }
}
