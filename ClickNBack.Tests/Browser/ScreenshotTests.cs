using ClickNBack.Api.Payouts;
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
                    'user_pending', jsonb_build_object('debit', round((4200 + 900 * sin(day / 3.0) - 60 * day)::numeric, 2), 'credit', 0),
                    'user_available', jsonb_build_object('debit', round((7600 + 500 * sin(day / 5.0) - 120 * day)::numeric, 2), 'credit', 0),
                    'paid_out', jsonb_build_object('debit', 21000 - 640 * day, 'credit', 0),
                    'user_debt', jsonb_build_object('debit', 0, 'credit', round((84 + 40 * sin(day / 2.0))::numeric, 2)))
                FROM generate_series(0, 29) AS day;
                """
            );
            var purchase = await _database.ScalarAsync<Guid>(
                "SELECT id FROM purchases WHERE status = 'confirmed' ORDER BY cashback_amount DESC LIMIT 1"
            );
            var open = await _database.ScalarAsync<Guid>("SELECT id FROM cases ORDER BY id LIMIT 1");
            var (payout, batch, user, merchant) = await DecideSomePayoutsAsync();
            Pages =
            [
                ("overview", "/console"),
                ("cases", "/console/cases"),
                ("case", $"/console/cases/{open}"),
                ("purchases", "/console/purchases"),
                ("purchase", $"/console/purchases/{purchase}"),
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

        public async Task DisposeAsync()
        {
            await Server.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
