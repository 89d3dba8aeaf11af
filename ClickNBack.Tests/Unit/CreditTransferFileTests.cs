using System.Text;
using System.Xml.Linq;
using ClickNBack.Api.Payouts;
using static ClickNBack.Tests.Infrastructure.CreditTransferSchema;

namespace ClickNBack.Tests.Unit;

/// <summary>What a bank gets to read.</summary>
public sealed class CreditTransferFileTests
{
    private const string Iban = "DE89370400440532013000";

    private static readonly PayoutOptions Payer = new()
    {
        PayerName = "ClickNBack & Söhne",
        PayerIban = "DE02 1203 0000 0000 2020 51",
    };

    [Fact]
    public async Task The_file_is_valid_and_says_who_gets_what_from_whom()
    {
        var (one, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());

        var file = Validated(
            await WriteAsync(
                Payer,
                new CreditTransfer(one, 1234.5m, Iban, "Zoë Müller"),
                new CreditTransfer(other, 0.01m, "NL91ABNA0417164300", "A <b>&amp; \"B\"")
            )
        );

        Assert.Equal(["2", "2"], Texts(file, "NbOfTxs"));
        Assert.Equal(["1234.51", "1234.51"], Texts(file, "CtrlSum"));
        Assert.Equal(["1234.50", "0.01"], Texts(file, "InstdAmt"));
        Assert.Equal(["ClickNBack + Sohne", "ClickNBack + Sohne", "Zoe Muller", "A .b.+amp, 'B'"], Texts(file, "Nm"));
        Assert.Equal(["DE02120300000000202051", Iban, "NL91ABNA0417164300"], Texts(file, "IBAN"));
        Assert.Equal([$"{one:N}", $"{other:N}"], Texts(file, "EndToEndId"));
        Assert.Equal([$"Cashback payout {one}", $"Cashback payout {other}"], Texts(file, "Ustrd"));
        Assert.Equal(["2026-11-27T22:15:30Z"], Texts(file, "CreDtTm"));
        Assert.Equal(["2026-11-27"], Texts(file, "Dt"));
    }

    [Fact]
    public async Task A_bank_that_wants_its_BIC_gets_it_and_another_is_told_that_there_is_none()
    {
        var transfer = new CreditTransfer(Guid.CreateVersion7(), 10, Iban, "Somebody");

        var with = Validated(await WriteAsync(Payer with { PayerBic = "BYLADEM1001" }, transfer));
        var without = Validated(await WriteAsync(Payer, transfer));

        Assert.Equal(["BYLADEM1001"], Texts(with, "BICFI"));
        Assert.Contains("NOTPROVIDED", Texts(without, "Id"));
    }

    [Theory]
    [InlineData("Müller-Lüdenscheidt", "Muller-Ludenscheidt")]
    [InlineData("Straße & Co.", "Strasse + Co.")]
    [InlineData("Łukasz Żółć", "Lukasz Zolc")]
    [InlineData("Γεώργιος Ψαράς", "Georgios PSaras")]
    [InlineData("Щъркел Юлия", "SHTarkel YUliya")]
    [InlineData("Søren Ærø", "Soren AEro")]
    [InlineData("O’Neill “Bob”", "O'Neill 'Bob'")]
    [InlineData("a@b_c", "a(at)b-c")]
    [InlineData("李小龍", "...")]
    [InlineData("Tab\tNew\nline\0", "Tab.New.line.")]
    [InlineData("👩‍🚀", ".....")]
    [InlineData("Zoe\u0308 Nguyễn Ţiriac", "Zoe Nguyen Tiriac")]
    [InlineData("  ", ".")]
    public void Text_is_written_with_the_letters_that_every_bank_takes(string text, string expected)
    {
        Assert.Equal(expected, SepaText.Of(text, 70));
    }

    [Fact]
    public async Task However_long_or_strange_a_name_is_the_file_stays_valid()
    {
        var random = new Random(20261127);
        var names = Enumerable
            .Range(0, 500)
            .Select(length => new string([
                .. Enumerable.Range(0, length % 141).Select(_ => (char)random.Next(0x10000)),
            ]))
            .Append(new string('ß', 140));

        var file = await WriteAsync(
            Payer,
            [.. names.Select(it => new CreditTransfer(Guid.CreateVersion7(), 0.1m, Iban, it))]
        );

        Assert.Equal(["50.10", "50.10"], Texts(Validated(file), "CtrlSum"));
        Assert.All(Encoding.UTF8.GetString(file), it => Assert.InRange(it, '\n', '~'));
    }

    private static async Task<byte[]> WriteAsync(PayoutOptions payer, params CreditTransfer[] transfers)
    {
        using var output = new MemoryStream();
        var export = new PayoutExport
        {
            Id = Guid.CreateVersion7(),
            CreatedAt = new DateTimeOffset(2026, 11, 27, 22, 15, 30, 123, TimeSpan.Zero),
            CreatedBy = Guid.CreateVersion7(),
            Payouts = transfers.Length,
            Amount = transfers.Sum(it => it.Amount),
        };
        await CreditTransferFile.CreateAsync(output, export, payer, transfers);
        return output.ToArray();
    }

    private static IEnumerable<string> Texts(XDocument file, string element) =>
        file.Descendants(Names + element).Where(it => !it.HasElements).Select(it => it.Value);
}
