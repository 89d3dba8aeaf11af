using System.Globalization;
using System.Text;
using System.Xml;
using ClickNBack.Api.Money;

namespace ClickNBack.Api.Payouts;

/// <summary>One transfer of a batch.</summary>
/// <param name="Payout">What the bank's statement names it by.</param>
/// <param name="Amount">EUR.</param>
/// <param name="Iban">Where to, without blanks.</param>
/// <param name="Holder">Whose account it is.</param>
internal sealed record CreditTransfer(Guid Payout, decimal Amount, string Iban, string Holder);

/// <summary>
/// A batch of payouts as a bank takes it: a SEPA credit transfer initiation, ISO 20022 <c>pain.001.001.09</c>. Written anew, it is
/// the same to the byte, and carries the same identifier, by which a bank refuses to carry it out twice.
/// </summary>
internal static class CreditTransferFile
{
    private const string Namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
    private const int MaxNameLength = 70; // of SEPA; the standard itself would take 140
    private const int MaxRemittanceLength = 140;

    /// <summary>Writes the file.</summary>
    public static async Task CreateAsync(
        Stream output,
        PayoutExport export,
        PayoutOptions payer,
        IReadOnlyCollection<CreditTransfer> transfers
    )
    {
        var settings = new XmlWriterSettings
        {
            Async = true,
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = true,
            NewLineChars = "\n",
        };
        await using var xml = XmlWriter.Create(output, settings);
        var file = new Elements(xml);
        await xml.WriteStartDocumentAsync();
        await xml.WriteStartElementAsync(null, "Document", Namespace);
        await file.OpenAsync("CstmrCdtTrfInitn");
        await WriteHeaderAsync(file, export, payer);
        await WritePaymentAsync(file, export, payer, transfers);
        await file.CloseAsync();
        await xml.WriteEndDocumentAsync();
    }

    private static async Task WriteHeaderAsync(Elements file, PayoutExport export, PayoutOptions payer)
    {
        await file.OpenAsync("GrpHdr");
        await file.WriteAsync("MsgId", Identifier(export.Id));
        await file.WriteAsync("CreDtTm", Utc(export.CreatedAt, "yyyy-MM-dd'T'HH:mm:ss'Z'"));
        await WriteTotalsAsync(file, export);
        await file.OpenAsync("InitgPty");
        await file.WriteAsync("Nm", SepaText.Of(payer.PayerName, MaxNameLength));
        await file.CloseAsync();
        await file.CloseAsync();
    }

    private static async Task WritePaymentAsync(
        Elements file,
        PayoutExport export,
        PayoutOptions payer,
        IReadOnlyCollection<CreditTransfer> transfers
    )
    {
        await file.OpenAsync("PmtInf");
        await file.WriteAsync("PmtInfId", Identifier(export.Id));
        await file.WriteAsync("PmtMtd", "TRF");
        await WriteTotalsAsync(file, export);
        await file.WriteAsync("PmtTpInf/SvcLvl/Cd", "SEPA");
        await file.WriteAsync("ReqdExctnDt/Dt", Utc(export.CreatedAt, "yyyy-MM-dd"));
        await file.WriteAsync("Dbtr/Nm", SepaText.Of(payer.PayerName, MaxNameLength));
        await file.WriteAsync("DbtrAcct/Id/IBAN", PayoutDestination.Compact(payer.PayerIban));
        await (
            payer.PayerBic.Length > 0
                ? file.WriteAsync("DbtrAgt/FinInstnId/BICFI", payer.PayerBic)
                : file.WriteAsync("DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
        );
        await file.WriteAsync("ChrgBr", "SLEV");
        foreach (var transfer in transfers)
        {
            await WriteTransferAsync(file, transfer);
        }

        await file.CloseAsync();
    }

    private static async Task WriteTransferAsync(Elements file, CreditTransfer transfer)
    {
        await file.OpenAsync("CdtTrfTxInf");
        await file.WriteAsync("PmtId/EndToEndId", Identifier(transfer.Payout));
        await file.OpenAsync("Amt");
        await file.WriteAsync("InstdAmt", Euro.Text(transfer.Amount), ("Ccy", "EUR"));
        await file.CloseAsync();
        await file.WriteAsync("Cdtr/Nm", SepaText.Of(transfer.Holder, MaxNameLength));
        await file.WriteAsync("CdtrAcct/Id/IBAN", transfer.Iban);
        await file.WriteAsync("RmtInf/Ustrd", SepaText.Of($"Cashback payout {transfer.Payout}", MaxRemittanceLength));
        await file.CloseAsync();
    }

    private static async Task WriteTotalsAsync(Elements file, PayoutExport export)
    {
        await file.WriteAsync("NbOfTxs", export.Payouts.ToString(CultureInfo.InvariantCulture));
        await file.WriteAsync("CtrlSum", Euro.Text(export.Amount));
    }

    // 32 of the 35 characters that an identifier may have.
    private static string Identifier(Guid id) => id.ToString("N");

    private static string Utc(DateTimeOffset at, string format) =>
        at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Elements(XmlWriter xml)
    {
        public Task OpenAsync(string name) => xml.WriteStartElementAsync(null, name, Namespace);

        public Task CloseAsync() => xml.WriteEndElementAsync();

        /// <summary>Writes an element with a text, within others.</summary>
        public async Task WriteAsync(string path, string text, (string Name, string Value)? attribute = null)
        {
            var names = path.Split('/');
            foreach (var name in names)
            {
                await OpenAsync(name);
            }

            if (attribute is var (attributeName, value))
            {
                await xml.WriteAttributeStringAsync(null, attributeName, null, value);
            }

            await xml.WriteStringAsync(text);
            foreach (var _ in names)
            {
                await CloseAsync();
            }
        }
    }
}
