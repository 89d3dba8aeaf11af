using System.Text;
using ClickNBack.Api.Reports;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

/// <summary>A merchant's report as a file: read and checked, previewed, confirmed, and then as good as a message.</summary>
public sealed class ReportFileTests(Reporting platform) : IClassFixture<Reporting>, IAsyncLifetime
{
    private const string Header = Reporter.CsvHeader;

    private readonly string _order = Unique.Text();
    private Person _user = null!;
    private Reporter _merchant = null!;

    public async Task InitializeAsync()
    {
        _user = await platform.Server.UserAsync();
        _merchant = await platform.NewMerchantAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Nothing_counts_before_it_is_confirmed_and_then_it_counts_once()
    {
        var purchase = await _user.BuyAsync(_merchant.Shop, 100, _order);
        var csv = Header + $"{_order},100.00,EUR,approved,2025-11-15T10:00:00Z,\n";
        var file = await UploadAsync(csv);
        await RoundAsync();
        Assert.Equal("pending", await _user.StatusOfAsync(purchase));

        var confirmed = (await ConfirmAsync(file)).Expect(200);
        await RoundAsync();

        Assert.Equal("confirmed", await _user.StatusOfAsync(purchase));
        Assert.Equal(confirmed.Text, (await ConfirmAsync(file)).Expect(200).Text);
        var again = await UploadAsync(csv);
        Assert.Equal(confirmed["report_id"].GetGuid(), (await ConfirmAsync(again)).Expect(200)["report_id"].GetGuid());
        Assert.Equal(1, await CountAsync());
        Assert.Equal(
            ["REPORT_FILE_CONFIRMED admin"],
            await platform.Database.RowsAsync("SELECT action, actor_type FROM audit_logs WHERE resource_id = $1", file)
        );
    }

    [Theory]
    [InlineData(
        "comma",
        "point",
        "\"a,\"\"b\"\"\r\nc\",1234.50,EUR,returned,2025-11-15T10:00:00+01:00,\"sent, back\"\r\n"
    )]
    [InlineData("semicolon", "comma", "\"a,\"\"b\"\"\r\nc\";1234,50;EUR;returned;2025-11-15T10:00:00+01:00;sent, back")]
    [InlineData(
        "comma",
        "comma",
        "\"a,\"\"b\"\"\r\nc\",\"1234,50\",EUR,returned,2025-11-15T09:00:00Z,\"sent, back\"\n\n"
    )]
    public async Task It_may_be_written_in_many_ways_that_are_chosen_and_not_guessed(
        string separator,
        string point,
        string row
    )
    {
        var header = (separator == "comma" ? Header : Header.Replace(',', ';')).Replace("\n", "\r\n");
        foreach (var mark in new[] { "", "\uFEFF" })
        {
            var file = await UploadAsync(mark + header + row, separator, point);

            var preview = (await platform.Admin.Api.GetAsync($"/api/v1/admin/report-files/{file}")).Expect(200);
            Assert.Equal("a,\"b\"\r\nc", preview["rows.0.order_reference"].GetString());
            Assert.Equal("1234.50", preview["rows.0.amount"].GetString());
            Assert.Equal("sent, back", preview["rows.0.reason"].GetString());
            Assert.Equal(
                new DateTimeOffset(2025, 11, 15, 9, 0, 0, TimeSpan.Zero),
                preview["rows.0.reported_at"].GetDateTimeOffset()
            );
            Assert.Equal("returned", preview["totals.0.status"].GetString());
        }
    }

    [Fact]
    public async Task Every_wrong_row_and_column_is_named_and_nothing_can_be_confirmed()
    {
        var file = await UploadAsync(
            Header
                + "right,1,EUR,approved,2025-11-15T10:00:00Z,\n"
                + ",\"1,5\",eur,lost,2025-11-15T10:00:00,\n"
                + "short,1\n"
                + "long,1,EUR,approved,2025-11-15T10:00:00Z,,more\n"
                + "late,1,EUR,approved,2999-01-15T10:00:00Z,\n"
                + "quo\"ted,1,EUR,approved,2025-11-15T10:00:00Z,\n"
        );

        var errors = (await platform.Admin.Api.GetAsync($"/api/v1/admin/report-files/{file}/errors")).Expect(200);
        Assert.Equal(
            [
                "3: order_reference amount currency status reported_at",
                "4: currency status reported_at",
                "5: row",
                "6: reported_at",
                "7: row",
            ],
            errors["data"]
                .EnumerateArray()
                .Select(it =>
                    $"{it.GetProperty("line")}: {string.Join(' ', it.GetProperty("violations").EnumerateArray().Select(x => x.GetProperty("field").GetString()))}"
                )
        );
        (await ConfirmAsync(file)).Expect(400, "REPORT_FILE_INVALID");
        Assert.Equal(0, await CountAsync());
    }

    [Theory]
    [InlineData("", "row")]
    [InlineData(Header, "row")]
    [InlineData("order_reference,amount,currency,status\n", "reported_at")]
    [InlineData("order_reference,amount,currency,status,reported_at,note\n", "note")]
    [InlineData("order_reference,amount,amount,currency,status,reported_at\n", "amount")]
    [InlineData(
        "order_reference;amount;currency;status;reported_at\n",
        "order_reference;amount;currency;status;reported_at"
    )]
    public async Task What_is_no_report_is_named_by_its_header(string csv, string field)
    {
        var file = await UploadAsync(csv);

        var preview = (await platform.Admin.Api.GetAsync($"/api/v1/admin/report-files/{file}")).Expect(200);
        Assert.Equal(field, preview["errors.0.violations.0.field"].GetString());
        (await ConfirmAsync(file)).Expect(400, "REPORT_FILE_INVALID");
    }

    [Fact]
    public async Task A_quote_that_is_not_closed_and_text_that_is_not_UTF_8_are_wrong_rows()
    {
        var unclosed = await UploadAsync(Header + "\"" + new string('x', 30_000));
        var latin = await UploadAsync([
            .. Encoding.Latin1.GetBytes(Header + "b\u00fccher,1,EUR,approved,2025-11-15T10:00:00Z,\n"),
        ]);

        foreach (var file in new[] { unclosed, latin })
        {
            Assert.Equal(
                1,
                (await platform.Admin.Api.GetAsync($"/api/v1/admin/report-files/{file}"))
                    .Expect(200)["file.wrong"]
                    .GetInt32()
            );
        }
    }

    [Fact]
    public async Task A_hundred_thousand_rows_are_read_and_taken_in_and_not_one_more()
    {
        var rows = string.Concat(
            Enumerable
                .Range(0, CsvReport.MaxRows)
                .Select(it => $"{_order}-{it},1.00,EUR,approved,2025-11-15T10:00:00Z,\n")
        );
        var file = await UploadAsync(Header + rows);

        Assert.Equal(CsvReport.MaxRows, (await ConfirmAsync(file)).Expect(200)["rows"].GetInt32());
        Assert.Equal(CsvReport.MaxRows, await CountAsync());
        var longer = await UploadAsync(Header + rows + "more,1.00,EUR,approved,2025-11-15T10:00:00Z,\n");
        (await ConfirmAsync(longer)).Expect(400, "REPORT_FILE_INVALID");
        await platform.Database.ExecuteAsync(
            "UPDATE reported_transactions SET state = 'unclaimed' WHERE state = 'new'"
        );
    }

    [Fact]
    public async Task Two_who_confirm_the_same_file_at_once_take_it_in_once()
    {
        var csv = Header + $"{_order},100.00,EUR,approved,2025-11-15T10:00:00Z,\n";
        var files = new[] { await UploadAsync(csv), await UploadAsync(csv) };

        var answers = await Task.WhenAll([.. files.Select(ConfirmAsync), .. files.Select(ConfirmAsync)]);

        Assert.Single(answers.Select(it => it.Expect(200)["report_id"].GetGuid()).Distinct());
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task What_is_uploaded_sent_and_unclaimed_can_be_looked_through()
    {
        var file = await UploadAsync(Header + $"{_order},100.00,EUR,approved,2025-11-15T10:00:00Z,\n");
        (await ConfirmAsync(file)).Expect(200);
        foreach (var number in Enumerable.Range(0, 60))
        {
            await _merchant.ReportAsync(platform.Server.Anonymous, _merchant.Said($"{_order}-{number}", 1));
        }

        await RoundAsync();

        Assert.Equal(61, (await AllAsync("reports")).Distinct().Count());
        Assert.Equal(61, (await AllAsync("reports/unclaimed")).Distinct().Count());
        Assert.Equal([file], await AllAsync("report-files"));
    }

    private async Task<List<Guid>> AllAsync(string list)
    {
        List<Guid> all = [];
        for (var after = ""; ; )
        {
            var slice = (
                await platform.Admin.Api.GetAsync($"/api/v1/admin/{list}?merchant_id={_merchant.Shop.Merchant}{after}")
            ).Expect(200);
            all.AddRange(slice["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid()));
            if (slice["next"].ValueKind == System.Text.Json.JsonValueKind.Null)
            {
                return all;
            }

            after = $"&after={slice["next"].GetGuid()}";
        }
    }

    private Task<Guid> UploadAsync(string csv, string separator = "comma", string point = "point") =>
        UploadAsync(Encoding.UTF8.GetBytes(csv), separator, point);

    private Task<Guid> UploadAsync(byte[] csv, string separator = "comma", string point = "point") =>
        _merchant.UploadAsync(platform.Admin, csv, separator, point);

    private Task<Answer> ConfirmAsync(Guid file) => Reporter.ConfirmAsync(platform.Admin, file);

    private Task<long> CountAsync() =>
        platform.Database.ScalarAsync<long>(
            "SELECT count(*) FROM reported_transactions WHERE merchant_id = $1",
            _merchant.Shop.Merchant
        );

    private async Task RoundAsync()
    {
        while (await platform.Server.VerifyAsync() > 0)
        {
            // There may be more.
        }
    }
}
