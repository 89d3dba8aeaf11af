using System.Runtime.CompilerServices;
using ClickNBack.Api.Http;
using CsvHelper;

namespace ClickNBack.Api.Reports;

/// <summary>What separates the columns of a file.</summary>
internal enum CsvSeparator
{
    Comma,

    Semicolon,
}

/// <summary>What separates cents from the rest of an amount.</summary>
internal enum CsvDecimal
{
    Point,

    Comma,
}

/// <summary>How a file is written: chosen by who knows it, since 1.234 can be guessed wrong.</summary>
internal sealed record CsvFormat(CsvSeparator Separator, CsvDecimal Decimal);

/// <summary>A row of a file.</summary>
/// <param name="Line">The line on which it begins; the first is 1.</param>
/// <param name="Transaction">What it says, if nothing is wrong with it.</param>
/// <param name="Violations">What is wrong, by column.</param>
internal sealed record CsvRow(int Line, ReceiveReport.Transaction Transaction, List<Violation> Violations);

/// <summary>
/// Reads the transactions of a file (RFC 4180, UTF-8) by the same rules as those of a message, row by row: however long the
/// file is, no more than a row of it is in memory.
/// </summary>
internal static class CsvReport
{
    /// <summary>The most rows that a file may have.</summary>
    public const int MaxRows = 100_000;

    // Twice of what a row can hold.
    private const int MaxRecordSize = 16 * 1024;

    /// <summary>What is wrong with a row and with no column of it.</summary>
    private const string Row = "row";

    private static readonly string[] Columns =
    [
        "order_reference",
        "amount",
        "currency",
        "status",
        "reported_at",
        "reason",
    ];

    /// <summary>Reads the rows; ends with the first that makes the rest unreadable.</summary>
    public static async IAsyncEnumerable<CsvRow> ReadAsync(
        Stream csv,
        CsvFormat format,
        DateTimeOffset now,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var badlyQuoted = new HashSet<long>();
        await using var rows = CsvReader.Create(
            csv,
            new CsvReaderOptions
            {
                Separator = format.Separator == CsvSeparator.Comma ? ',' : ';',
                HasHeader = false, // ours must be exact
                TrackLineNumbers = true,
                BufferSize = MaxRecordSize,
                MaxRecordSize = MaxRecordSize,
                OnMalformedRecord = it => badlyQuoted.Add(it.RecordNumber),
            },
            leaveOpen: true
        );
        if (await TryReadAsync(rows, cancel) is not (true, false))
        {
            yield return Wrong(1, Row, "must have a header");
            yield break;
        }

        var header = Fields(rows);
        if (FindWrongColumns(header) is { Count: > 0 } wrong)
        {
            yield return new CsvRow(1, null!, wrong);
            yield break;
        }

        var (count, line) = (0, 1);
        while (true)
        {
            var (isThere, isEndless) = await TryReadAsync(rows, cancel);
            if (isEndless)
            {
                yield return Wrong(line + 1, Row, "must be shorter: a quote is not closed");
                yield break;
            }

            if (!isThere)
            {
                break;
            }

            line = (int)rows.LineNumber;
            if (++count > MaxRows)
            {
                yield return Wrong(line, Row, $"must not be one of more than {MaxRows}");
                yield break;
            }

            var fields = Fields(rows);
            var violations = new List<Violation>();
            if (badlyQuoted.Remove(rows.RowNumber))
            {
                violations.Add(new Violation(Row, "must have quotes only around fields, and doubled within"));
            }

            if (fields.Length > header.Length)
            {
                violations.Add(new Violation(Row, $"must have at most {header.Length} columns"));
            }

            var transaction = Read(header, fields, format.Decimal, violations);
            if (violations.Count == 0 && ReceiveReport.IsUnlikely(transaction, now))
            {
                violations.Add(new Violation("reported_at", ReceiveReport.Unlikely));
            }

            yield return new CsvRow(line, transaction, violations);
        }

        if (count == 0)
        {
            yield return Wrong(1, Row, "must be followed by at least one transaction");
        }
    }

    // What follows a field without end cannot be told apart.
    private static async Task<(bool IsThere, bool IsEndless)> TryReadAsync(CsvReader rows, CancellationToken cancel)
    {
        try
        {
            return (await rows.ReadAsync(cancel), false);
        }
        catch (CsvFormatException) // too long
        {
            return (false, true);
        }
    }

    private static string[] Fields(CsvReader row) => [.. Enumerable.Range(0, row.FieldCount).Select(row.GetString)];

    private static List<Violation> FindWrongColumns(string[] header)
    {
        var violations = new List<Violation>();
        violations.AddRange(
            header.Except(Columns, StringComparer.Ordinal).Select(it => new Violation(it, "is no column of a report"))
        );
        violations.AddRange(
            Columns
                .Where(it => it != "reason")
                .Except(header, StringComparer.Ordinal)
                .Select(it => new Violation(it, "is required"))
        );
        violations.AddRange(
            header.CountBy(it => it).Where(it => it.Value > 1).Select(it => new Violation(it.Key, "must be there once"))
        );
        return violations;
    }

    private static ReceiveReport.Transaction Read(
        string[] header,
        string[] fields,
        CsvDecimal point,
        List<Violation> violations
    )
    {
        return (ReceiveReport.Transaction)
            RequestBinder.ReadText(typeof(ReceiveReport.Transaction), FieldOf, violations);

        string? FieldOf(string column)
        {
            var index = Array.IndexOf(header, column);
            if (index < 0 || index >= fields.Length || fields[index].Length == 0)
            {
                return null;
            }

            var field = fields[index];
            if (field.Contains('\uFFFD'))
            {
                violations.Add(new Violation(column, "must be UTF-8"));
            }

            return column == "amount" && point == CsvDecimal.Comma ? WithPoint(field) : field;
        }
    }

    // A point would be one of thousands, or the file is not what it was said to be: no number either way.
    private static string WithPoint(string amount) => amount.Contains('.') ? "" : amount.Replace(',', '.');

    private static CsvRow Wrong(int line, string field, string reason) =>
        new(line, null!, [new Violation(field, reason)]);
}
