using System.Globalization;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Reports;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Browser;

/// <summary>The demo, with something on every page and something to decide.</summary>
public sealed class PopulatedConsole : IAsyncLifetime
{
    public TestDatabase Database { get; private set; } = null!;

    public ApiServer Server { get; private set; } = null!;

    /// <summary>Name and address of every page for somebody who is signed in.</summary>
    public IReadOnlyList<(string Name, string Path)> Pages { get; private set; } = [];

    public async Task InitializeAsync()
    {
        Database = await TestDatabase.CreateWithDemoAsync();
        Server = await ApiServer.StartAsync(
            Database,
            new ApiSetup
            {
                Settings = new()
                {
                    ["Verification:Mode"] = "reports",
                    ["Ledger:CheckIntervalSeconds"] = "86400", // some tests spoil the database on purpose
                },
            }
        );
        var admin = await Server.AdminAsync();
        await SumUpMoneyAsync();
        var (openCase, decidedCase, disputed) = await DisputeSomePurchasesAsync(admin);
        var purchase = await Database.ScalarAsync<Guid>(
            "SELECT id FROM purchases WHERE status = 'confirmed' ORDER BY cashback_amount DESC LIMIT 1"
        );
        var (payout, batch, user, merchant) = await DecideSomePayoutsAsync(admin);
        var (read, wrong) = await UploadSomeFilesAsync(admin, merchant);
        (
            await admin.Api.PutAsync(
                "/api/v1/feature-flags/purchase_auto_confirm",
                new
                {
                    enabled = false,
                    scope_type = "merchant",
                    scope_id = merchant,
                    description = "They report late: an administrator looks at their purchases first",
                }
            )
        ).Expect(200);
        Pages =
        [
            ("overview", "/console"),
            ("cases", "/console/cases"),
            ("case", $"/console/cases/{openCase}"),
            ("case-decided", $"/console/cases/{decidedCase}"),
            ("purchases", "/console/purchases"),
            ("purchase", $"/console/purchases/{purchase}"),
            ("purchase-disputed", $"/console/purchases/{disputed}"),
            ("report-file-new", "/console/reports/files/new"),
            ("report-file", $"/console/reports/files/{read}"),
            ("report-file-wrong", $"/console/reports/files/{wrong}"),
            ("report-files", "/console/reports/files"),
            ("reports", "/console/reports"),
            ("unclaimed", "/console/reports/unclaimed"),
            ("payouts", "/console/payouts"),
            ("payouts-processing", "/console/payouts?status=processing"),
            ("payout", $"/console/payouts/{payout}"),
            ("batches", "/console/payouts/batches"),
            ("batch", $"/console/payouts/batches/{batch}"),
            ("users", "/console/users"),
            ("user", $"/console/users/{user}"),
            ("merchants", "/console/merchants"),
            ("merchant", $"/console/merchants/{merchant}"),
            ("merchant-new", "/console/merchants/new"),
            ("offers", "/console/offers"),
            ("offer-new", $"/console/offers/new?merchant={merchant}"),
            ("feature-flags", "/console/feature-flags"),
            ("ledger", "/console/ledger"),
            ("audit", "/console/audit"),
        ];
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Database.DisposeAsync();
    }

    // Thirty days that no test can wait for.
    private Task SumUpMoneyAsync() =>
        Database.ExecuteAsync(
            """
            DELETE FROM money_checks;
            INSERT INTO money_checks (checked_at, took, ledger_imbalance, violations, accounts)
            SELECT now() - day * interval '1 day', '20 ms', 0, '{"the ledger sums to zero": 0}', jsonb_build_object(
                'merchant_receivable', jsonb_build_object('debit', 0, 'credit', pending + available + paid - owed),
                'user_pending', jsonb_build_object('debit', pending, 'credit', 0),
                'user_available', jsonb_build_object('debit', available, 'credit', 0),
                'paid_out', jsonb_build_object('debit', paid, 'credit', 0),
                'user_debt', jsonb_build_object('debit', 0, 'credit', owed))
            FROM generate_series(0, 29) AS day, LATERAL (
                SELECT round((4200 + 900 * sin(day / 3.0) - 60 * day)::numeric, 2) AS pending,
                    round((7600 + 500 * sin(day / 5.0) - 120 * day)::numeric, 2) AS available,
                    21000 - 640 * day AS paid,
                    round((84 + 40 * sin(day / 2.0))::numeric, 2) AS owed
            ) AS sums;
            """
        );

    // Of four purchases less is reported than was claimed; one of the cases is decided. Of other orders nobody knows.
    private async Task<(Guid Open, Guid Decided, Guid Purchase)> DisputeSomePurchasesAsync(Person admin)
    {
        var claims = await Database.RowsAsync(
            "SELECT merchant_id, amount, external_id FROM purchases WHERE status = 'pending' ORDER BY id LIMIT 4"
        );
        foreach (var merchant in claims.Select(it => it.Split(' ', 3)).GroupBy(it => Guid.Parse(it[0])))
        {
            var reporter = await Reporter.NewAsync(admin, new Shop(merchant.Key, default));
            await reporter.ReportAsync(
                Server.Anonymous,
                [
                    .. merchant.Select(it =>
                        reporter.Said(
                            it[2],
                            decimal.Round(decimal.Parse(it[1], CultureInfo.InvariantCulture) * 0.8m, 2),
                            reason: "One of the articles was sent back"
                        )
                    ),
                    reporter.Said($"web-{merchant.Key.ToString()[..8]}-4711", 89.95m),
                ]
            );
        }

        await Server.VerifyAsync();
        var cases = await Database.RowsAsync("SELECT id, purchase_id FROM cases ORDER BY id");
        var ids = cases.ConvertAll(it => (Case: Guid.Parse(it.Split(' ')[0]), Purchase: Guid.Parse(it.Split(' ')[1])));
        (
            await admin.Api.PostAsync(
                $"/api/v1/admin/cases/{ids[0].Case}/decision",
                new { decision = "confirm", note = "The merchant says that the article sent back was paid for twice." }
            )
        ).Expect(200);
        return (ids[1].Case, ids[0].Case, ids[1].Purchase);
    }

    private async Task<(Guid Payout, Guid Batch, Guid User, Guid Merchant)> DecideSomePayoutsAsync(Person admin)
    {
        var shop = await admin.OpenShopAsync(100, "fixed");
        await Database.ExecuteAsync("UPDATE merchants SET name = 'Kräuter & Söhne' WHERE id = $1", shop.Merchant);
        var user = await Server.UserAsync("dora.with-a-rather-long-name@a-rather-long-domain.example");
        (await admin.Api.ConfirmAsync(await user.BuyAsync(shop, 400))).Expect(200);
        await user.WithdrawAsync(25);
        var payout = await user.WithdrawAsync(40);
        var process = $"/api/v1/admin/payouts/{payout}/process";
        (await admin.Api.PatchAsync(process, new { status = "processing" })).Expect(200);
        await using var scope = Server.Services.CreateAsyncScope();
        var exports = scope.ServiceProvider.GetRequiredService<PayoutExports>();
        var (batch, _) = await exports.CreateAsync(admin.Id, CancellationToken.None);
        return (payout, batch!.Id, user.Id, shop.Merchant);
    }

    private async Task<(Guid Read, Guid Wrong)> UploadSomeFilesAsync(Person admin, Guid merchant)
    {
        var lines = """
            order_reference;amount;currency;status;reported_at;reason
            A-1001;129,90;EUR;approved;2026-11-02T09:15:00Z;
            A-1002;49,00;EUR;approved;2026-11-02T11:40:00Z;
            A-1003;1250,00;EUR;approved;2026-11-03T16:05:00Z;
            A-1004;15,50;EUR;returned;2026-11-04T08:00:00Z;The shoes did not fit

            """;
        var read = await UploadAsync("october.csv", lines);
        var wrong = await UploadAsync("november.csv", $"{lines}A-1005;82,10;EURO;declined;yesterday;\n");
        return (read, wrong);

        async Task<Guid> UploadAsync(string name, string text)
        {
            await using var csv = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
            await using var scope = Server.Services.CreateAsyncScope();
            var files = scope.ServiceProvider.GetRequiredService<ReportFileReading>();
            var format = new CsvFormat(CsvSeparator.Semicolon, CsvDecimal.Comma);
            var file = await files.ReadAsync(merchant, name, csv, format, admin.Id, CancellationToken.None);
            return file!.Id;
        }
    }
}
