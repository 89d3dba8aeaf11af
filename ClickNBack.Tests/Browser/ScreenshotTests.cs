using ClickNBack.Api.Payouts;
using ClickNBack.Api.Reports;
using ClickNBack.Tests.Graph;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace ClickNBack.Tests.Browser;

/// <summary>Every page as it looks: light, dark, on a phone. Each is looked at by axe; <c>make screenshots</c> keeps the pictures.</summary>
public sealed class ScreenshotTests(ScreenshotTests.Populated populated) : IClassFixture<ScreenshotTests.Populated>
{
    [FactWith(Requirement.Chromium)]
    public Task Every_page_can_be_read_by_everybody() => LookAtAllAsync("light", ColorScheme.Light, 1280);

    [FactWith(Requirement.Chromium)]
    public Task Every_page_can_be_read_in_the_dark() => LookAtAllAsync("dark", ColorScheme.Dark, 1280);

    [FactWith(Requirement.Chromium)]
    public Task Every_page_can_be_read_on_a_phone() => LookAtAllAsync("phone", ColorScheme.Light, 390);

    private async Task LookAtAllAsync(string look, ColorScheme scheme, int width)
    {
        await using var window = await BrowserWindow.OpenAsync(
            populated.Server.Address,
            new()
            {
                ColorScheme = scheme,
                ViewportSize = new() { Width = width, Height = 800 },
            }
        );
        await LookAsync("sign-in", "/console/sign-in");
        await window.SignInAsync(Templates.AdminEmail, Templates.AdminPassword);
        foreach (var (name, path) in populated.Pages)
        {
            await LookAsync(name, path);
        }

        async Task LookAsync(string name, string path)
        {
            await window.GoToAsync(path);
            await window.IsWellMadeAsync();
            var overflow = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth");
            Assert.True(overflow <= 0, $"{path} is {overflow} pixels wider than the window");
            if (Environment.GetEnvironmentVariable("CLICKNBACK_WRITE") == "true")
            {
                await window.Page.ScreenshotAsync(
                    new() { Path = Path.Combine(PlatformGraph.Root, "docs/console", $"{name}-{look}.png") }
                );
            }
        }
    }

    /// <summary>The demo, with something to decide.</summary>
    public sealed class Populated : IAsyncLifetime
    {
        private TestDatabase _database = null!;

        public ApiServer Server { get; private set; } = null!;

        /// <summary>Name and address of every page.</summary>
        public IReadOnlyList<(string Name, string Path)> Pages { get; private set; } = [];

        public async Task InitializeAsync()
        {
            _database = await TestDatabase.CreateWithDemoAsync();
            Server = await ApiServer.StartAsync(_database);
            await _database.ExecuteAsync(
                """
                INSERT INTO cases (id, kind, purchase_id, opened_at)
                SELECT gen_random_uuid(), 'amount_differs', id, now() - interval '3 hours' FROM purchases WHERE status = 'pending' LIMIT 4;
                INSERT INTO reports (id, merchant_id, message_id, body_hash, received_at, transaction_count)
                SELECT gen_random_uuid(), id, 'the demo', sha256('demo'), now(), 1 FROM merchants;
                INSERT INTO reported_transactions
                    (id, report_id, merchant_id, order_reference, amount, currency, status, reported_at, reason, state, due_at, case_id)
                SELECT gen_random_uuid(), reports.id, purchases.merchant_id, external_id, round(amount * 0.8, 2), 'EUR', 'approved',
                    now() - interval '3 hours', 'One of the articles was sent back', 'disputed', now(), cases.id
                FROM cases JOIN purchases ON purchases.id = purchase_id JOIN reports ON reports.merchant_id = purchases.merchant_id;
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
            var purchase = await _database.ScalarAsync<Guid>(
                "SELECT id FROM purchases WHERE status = 'confirmed' ORDER BY cashback_amount DESC LIMIT 1"
            );
            var open = await _database.ScalarAsync<Guid>("SELECT id FROM cases ORDER BY id LIMIT 1");
            var (payout, batch, user, merchant) = await DecideSomePayoutsAsync();
            var file = await UploadAsync(merchant);
            Pages =
            [
                ("overview", "/console"),
                ("cases", "/console/cases"),
                ("case", $"/console/cases/{open}"),
                ("purchases", "/console/purchases"),
                ("purchase", $"/console/purchases/{purchase}"),
                ("report-file-new", "/console/reports/files/new"),
                ("report-file", $"/console/reports/files/{file}"),
                ("report-files", "/console/reports/files"),
                ("reports", "/console/reports"),
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

        private async Task<(Guid Payout, Guid Batch, Guid User, Guid Merchant)> DecideSomePayoutsAsync()
        {
            var admin = await Server.AdminAsync();
            var shop = await admin.OpenShopAsync(100, "fixed");
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

        private async Task<Guid> UploadAsync(Guid merchant)
        {
            var admin = await Server.AdminAsync();
            await using var csv = new MemoryStream(
                """
                order_reference;amount;currency;status;reported_at;reason
                A-1001;129,90;EUR;approved;2026-11-02T09:15:00Z;
                A-1002;49,00;EUR;approved;2026-11-02T11:40:00Z;
                A-1003;1.250,00;EUR;approved;2026-11-03T16:05:00Z;
                A-1004;15,50;EUR;returned;2026-11-04T08:00:00Z;The shoes did not fit
                A-1005;82,10;EURO;declined;yesterday;
                """u8.ToArray()
            );
            await using var scope = Server.Services.CreateAsyncScope();
            var files = scope.ServiceProvider.GetRequiredService<ReportFiles>();
            var format = new CsvFormat(CsvSeparator.Semicolon, CsvDecimal.Comma);
            var file = await files.ReadAsync(merchant, "november.csv", csv, format, admin.Id, CancellationToken.None);
            return file!.Id;
        }

        public async Task DisposeAsync()
        {
            await Server.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
