using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>An operator's work, as simulated merchants and users make it.</summary>
public sealed class OperatorTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private ApiServer _server = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateWithDemoAsync();
        _server = await ApiServer.StartAsync(
            _database,
            new ApiSetup
            {
                VerificationJob = true,
                Settings = new() { ["Verification:Mode"] = "reports" },
            }
        );
        using var simulator = Simulation.Of(
            _server.Address,
            new LogLines(),
            ("PurchasesPerMinute", "600"),
            ("AmendedPercent", "15"),
            ("ClaimedTwicePercent", "15")
        );
        await simulator.StartAsync();
        foreach (
            var work in new[]
            {
                "cases WHERE kind = 'amount_differs'",
                "cases WHERE kind = 'claimed_twice'",
                "payouts WHERE status = 'requested'",
            }
        )
        {
            await Until.TrueAsync(
                () => _database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM {work})"),
                $"there are {work}"
            );
        }

        await simulator.StopAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.InvariantsHoldAsync();
        await _database.DisposeAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task Cases_are_decided_a_batch_is_paid_a_complaint_is_settled_and_the_trail_handed_on()
    {
        await using var window = await BrowserWindow.OpenAsync(_server.Address);
        await window.GoToAsync("/console");
        await window.SignInAsync("carol@clicknback.com", "Str0ng!Pass");
        await window.Page.WaitForURLAsync("**/console");
        await window.IsWellMadeAsync();

        await DecideAllCasesAsync(window);
        await PayAsync(window);
        await SettleAsync(window);

        await window.GoToAsync("/console/audit");
        await window.Page.GetByLabel("Action").SelectOptionAsync("PURCHASE_REVERSED");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        var download = await window.Page.RunAndWaitForDownloadAsync(() =>
            window.Page.GetByText("Export all that was found (CSV)").ClickAsync()
        );
        Assert.Contains(
            "The user never got it",
            await File.ReadAllTextAsync(await download.PathAsync()),
            StringComparison.Ordinal
        );
    }

    private async Task DecideAllCasesAsync(BrowserWindow window)
    {
        await window.GoToAsync("/console/cases");
        while (await window.Page.Locator("a[data-row]").CountAsync() > 0)
        {
            await window.Page.Locator("a[data-row]").First.ClickAsync();
            await window.Page.GetByLabel("Why").FillAsync("As the merchant says");
            var reject = window.Page.GetByRole(AriaRole.Button, new() { Name = "Reject" });
            var dismiss = window.Page.GetByRole(AriaRole.Button, new() { Name = "Dismiss" });
            await (await reject.CountAsync() > 0 ? reject : dismiss).ClickAsync();
            await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Decided");
            await window.GoToAsync("/console/cases");
        }

        Assert.False(await _database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM cases WHERE decided_at IS NULL)"));
    }

    private async Task PayAsync(BrowserWindow window)
    {
        await window.GoToAsync("/console/payouts");
        foreach (var box in await window.Page.GetByLabel("Select the payout of").AllAsync())
        {
            await box.CheckAsync();
        }

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Start processing the selected" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("processing");
        await window.GoToAsync("/console/payouts?status=processing");
        await window.ActAsync("Export for the bank");
        await Expect(window.Heading).ToContainTextAsync("Batch of");
        await window.ActAsync("Mark all as paid", ("Reference of the bank", "E2E-1"));
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("paid.");
        Assert.False(
            await _database.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM payouts WHERE status IN ('requested', 'processing'))"
            )
        );
    }

    // From the user who complains to the order, and its cashback taken back.
    private async Task SettleAsync(BrowserWindow window)
    {
        var order = await _database.ScalarAsync<string>(
            """
            SELECT external_id FROM purchases JOIN users ON users.id = user_id
            WHERE email = 'alice@clicknback.com' AND status = 'confirmed' ORDER BY purchases.created_at DESC LIMIT 1
            """
        );
        await window.GoToAsync("/console/users");
        await window.Page.GetByLabel("E-mail").FillAsync("alice@clicknback.com");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "alice@clicknback.com" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "All purchases of the user" }).ClickAsync();
        await window.Page.GetByLabel("Order reference").FillAsync(order);
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await window.Page.GetByRole(AriaRole.Link, new() { Name = order }).ClickAsync();
        await window.ActAsync("Reverse", ("Reason", "The user never got it"));
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The purchase is reversed.");
        await window.IsWellMadeAsync();
    }
}
