using ClickNBack.Api.Audit;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.Api.Console;

/// <summary>Merchants' reports as files: uploaded, looked at, and then confirmed or left.</summary>
internal static class ReportFileList
{
    public const string Path = $"{ReportList.Path}/files";

    /// <summary>How the file is written, and whose it is. The file itself is the part <c>file</c> of the form.</summary>
    internal sealed record Upload
    {
        public required string Merchant { get; init; }

        public required CsvSeparator Separator { get; init; }

        public required CsvDecimal Decimal { get; init; }
    }

    internal sealed record Model(
        IReadOnlyList<ReportFile> Files,
        ReportList.MerchantNames Merchants,
        string? Next,
        string? First
    );

    internal sealed record NewModel(
        IReadOnlyList<string> Merchants,
        Func<string, string> Text,
        IReadOnlyList<Violation> Violations
    );

    internal sealed record DetailModel(
        ReportFilePreview Preview,
        string Merchant,
        string UploadedBy,
        string? ConfirmedBy
    );

    public static async Task<IResult> ShowAsync(
        Guid? after,
        ReportFiles files,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var found = await files.ListAsync(merchantId: null, after, cancel);
        return Page.Of<ReportFileListPage>(
            new Model(
                found.Data,
                await ReportList.MerchantNames.OfAsync(db, found.Data.Select(it => it.MerchantId), cancel),
                ReportList.NextPage(Path, found.Next),
                ReportList.FirstPage(Path, after)
            )
        );
    }

    public static async Task<IResult> ShowNewAsync(ClickNBackDbContext db, CancellationToken cancel) =>
        Page.Of<NewReportFilePage>(new NewModel(await NamesAsync(db, cancel), static _ => "", []));

    public static async Task<IResult> UploadAsync(
        Form<Upload> form,
        Administrator administrator,
        ReportFileReading files,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        var violations = form.Violations.ToList();
        var csv = form.File("file");
        if (csv is not { Length: > 0 })
        {
            violations.Add(new Violation("file", "must be a file with something in it"));
        }

        var name = await db.ComposeAsync(form.Text("merchant").Trim(), cancel);
        var merchant = await db
            .Merchants.Where(it => it.Name == name)
            .Select(it => (Guid?)it.Id)
            .FirstOrDefaultAsync(cancel);
        if (merchant is null && violations.TrueForAll(it => it.Field != "merchant"))
        {
            violations.Add(new Violation("merchant", "is no merchant's name"));
        }

        if (violations.Count > 0)
        {
            return Page.Of<NewReportFilePage>(
                new NewModel(await NamesAsync(db, cancel), form.Text, violations),
                ErrorKind.Invalid
            );
        }

        await using var content = csv!.OpenReadStream();
        var file = await files.ReadAsync(
            merchant!.Value,
            NameOf(csv.FileName),
            content,
            new CsvFormat(form.Value.Separator, form.Value.Decimal),
            administrator.Id,
            cancel
        );
        return TypedResults.LocalRedirect($"{Path}/{file!.Id}");
    }

    public static async Task<IResult> ShowOneAsync(
        Guid id,
        ReportFiles files,
        ClickNBackDbContext db,
        CancellationToken cancel
    )
    {
        if (await files.PreviewAsync(id, cancel) is not { } preview)
        {
            return ReportErrors.FileNotFound.With($"{id}");
        }

        var file = preview.File;
        var merchants = await ReportList.MerchantNames.OfAsync(db, [file.MerchantId], cancel);
        var emails = await db
            .Users.Where(it => it.Id == file.UploadedBy || it.Id == file.ConfirmedBy)
            .ToDictionaryAsync(it => it.Id, it => it.Email, cancel);
        return Page.Of<ReportFilePage>(
            new DetailModel(
                preview,
                merchants[file.MerchantId],
                emails[file.UploadedBy],
                file.ConfirmedBy is { } by ? emails[by] : null
            )
        );
    }

    public static async Task<IResult> ConfirmAsync(
        Guid id,
        Caller caller,
        ReportFileConfirmation confirmation,
        Flash flash,
        CancellationToken cancel
    )
    {
        if (await confirmation.ConfirmAsync(id, Actor.Of(caller), cancel) is { } refusal)
        {
            flash.Failed(refusal);
        }
        else
        {
            flash.Succeeded("The file is taken in. Its orders are matched with what users claimed.");
        }

        return TypedResults.LocalRedirect($"{Path}/{id}");
    }

    private static Task<List<string>> NamesAsync(ClickNBackDbContext db, CancellationToken cancel) =>
        db.Merchants.OrderBy(it => it.Name).Select(it => it.Name).Take(500).ToListAsync(cancel);

    // Browsers name the file alone; somebody else may send anything.
    private static string NameOf(string fileName)
    {
        var name = System.IO.Path.GetFileName(fileName.Replace('\\', '/')).Replace("\0", "", StringComparison.Ordinal);
        return name.Length is > 0 and <= ReportFile.MaxNameLength ? name : "report.csv";
    }
}
