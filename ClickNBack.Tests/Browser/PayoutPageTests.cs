using System.Net;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ClickNBack.Tests.Browser;

/// <summary>Payouts are decided in the browser, each once.</summary>
public sealed class PayoutPageTests(ConsolePlatform platform) : IClassFixture<ConsolePlatform>
{
    [FactWith(Requirement.Chromium)]
    public async Task A_batch_is_paid_from_the_request_to_the_banks_reference()
    {
        var user = await WithAvailableAsync(60);
        await user.WithdrawAsync(20);
        await user.WithdrawAsync(30);
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/payouts");
        await window.IsWellMadeAsync();

        foreach (var box in await window.Page.GetByLabel($"Select the payout of {user.Email}").AllAsync())
        {
            await box.CheckAsync();
        }

        await window.Page.GetByRole(AriaRole.Button, new() { Name = "Start processing the selected" }).ClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("2 payouts are processing.");

        await window.GoToAsync("/console/payouts?status=processing");
        await window.ActAsync("Export for the bank");
        await Expect(window.Heading).ToContainTextAsync("Batch of");
        await window.IsWellMadeAsync();

        var download = await window.Page.RunAndWaitForDownloadAsync(() => window.ActAsync("Download the file"));
        var file = CreditTransferSchema.Validated(await File.ReadAllBytesAsync(await download.PathAsync()));
        Assert.Equal(
            ["20.00", "30.00"],
            file.Descendants(CreditTransferSchema.Names + "InstdAmt").Select(it => it.Value)
        );

        await window.Page.ReloadAsync();
        await Expect(window.Page.GetByText("once")).ToBeVisibleAsync();
        await window.ActAsync("Mark all as paid", ("Reference of the bank", $"REF {Hostile.Text}"));
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("2 payouts are paid.");
        await window.IsWellMadeAsync();

        await window.GoToAsync("/console/payouts?status=completed");
        await Expect(window.Page.GetByText(Hostile.Text).First).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        await window.GoToAsync("/console/payouts/batches");
        await window.IsWellMadeAsync();
        Assert.Equal(new Balances("0.00", "10.00", "50.00"), await user.WalletAsync());
        await platform.Database.InvariantsHoldAsync();
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_held_payout_says_why_and_is_paid_after_one_of_two_administrators_released_it()
    {
        await using var strict = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = { ["Payouts:ReviewAmount"] = "15" } }
        );
        var user = await WithAvailableAsync(20);
        var payout = await user.At(strict.Anonymous).WithdrawAsync(20);
        await using var one = await platform.SignedInAsync();
        await using var other = await platform.SignedInAsync();
        await one.GoToAsync("/console");
        await one.IsWellMadeAsync();
        await one.Page.GetByRole(AriaRole.Link, new() { Name = "Payouts held" }).ClickAsync();
        var row = one.Page.GetByRole(AriaRole.Row, new() { Name = user.Email });
        await Expect(row).ToContainTextAsync("Amount");
        await one.IsWellMadeAsync();
        await one.GoToAsync("/console/payouts");
        await Expect(one.Page.GetByLabel($"Select the payout of {user.Email}")).ToHaveCountAsync(0);
        await one.GoToAsync($"/console/payouts/{payout}");
        await other.GoToAsync($"/console/payouts/{payout}");
        await Expect(one.Page.GetByText("Held for its amount")).ToBeVisibleAsync();
        await Expect(one.Page.GetByText("Mark as paid…")).ToHaveCountAsync(0);
        await one.IsWellMadeAsync();

        await one.ActAsync("Release");
        await other.ActAsync("Release");

        await Expect(one.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The payout is released: it can be paid.");
        await Expect(one.Page.GetByText("Withdrawal released")).ToBeVisibleAsync();
        await Expect(other.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is not held, or not any more");
        await one.ActAsync("Mark as paid", ("Reference of the bank", "E2E-1"));
        Assert.Equal(new Balances("0.00", "0.00", "20.00"), await user.WalletAsync());
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_payout_fails_with_a_reason_that_stays_text()
    {
        var user = await WithAvailableAsync(20);
        var payout = await user.WithdrawAsync(20);
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/payouts/{payout}");
        await window.IsWellMadeAsync();

        await window.ActAsync("Fail", ("Reason", Hostile.Text));

        await Expect(window.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("available to the user again");
        await Expect(window.Page.GetByText("onerror=alert(2)")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        Assert.Equal(new Balances("0.00", "20.00"), await user.WalletAsync());
    }

    [FactWith(Requirement.Chromium)]
    public async Task Where_a_payout_goes_is_shown_on_demand_and_each_look_is_in_the_trail()
    {
        var payout = await (await WithAvailableAsync(20)).WithdrawAsync(20);
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/payouts/{payout}");
        await Expect(window.Page.GetByText("DE89370400440532013000")).ToHaveCountAsync(0);

        await window.ActAsync("Show where it goes");

        await Expect(window.Page.GetByText("DE89370400440532013000")).ToBeVisibleAsync();
        await Expect(window.Page.GetByText("Payout destination read")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
        await window.GoToAsync($"/console/payouts/{payout}");
        await Expect(window.Page.GetByText("DE89370400440532013000")).ToHaveCountAsync(0);
    }

    [FactWith(Requirement.Chromium)]
    public async Task Of_two_administrators_who_decide_one_payout_the_second_is_told_what_the_first_did()
    {
        var user = await WithAvailableAsync(20);
        var payout = await user.WithdrawAsync(20);
        await using var one = await platform.SignedInAsync();
        await using var other = await platform.SignedInAsync();
        await one.GoToAsync($"/console/payouts/{payout}");
        await other.GoToAsync($"/console/payouts/{payout}");

        await one.ActAsync("Mark as paid", ("Reference of the bank", "E2E-1"));
        await other.ActAsync("Fail", ("Reason", "Account closed"));

        await Expect(one.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The payout is paid.");
        await Expect(other.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is completed and cannot become failed");
        await other.IsWellMadeAsync();
        Assert.Equal(new Balances("0.00", "0.00", "20.00"), await user.WalletAsync());
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_double_click_and_the_back_button_decide_nothing_twice()
    {
        var user = await WithAvailableAsync(20);
        var payout = await user.WithdrawAsync(20);
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/payouts/{payout}");

        var details = window.Page.Locator("details", new() { HasText = "Mark as paid" });
        await details.Locator("summary").ClickAsync();
        await details.GetByLabel("Reference of the bank").FillAsync("E2E-1");
        await details.GetByRole(AriaRole.Button).DblClickAsync();
        await Expect(window.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The payout is paid.");
        await window.Page.GoBackAsync();
        if (await window.Page.Locator("details", new() { HasText = "Mark as paid" }).CountAsync() > 0)
        {
            await window.ActAsync("Mark as paid", ("Reference of the bank", "E2E-2"));
            await Expect(window.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("cannot become completed");
        }

        Assert.Equal(
            "E2E-1",
            await platform.Database.ScalarAsync<string>("SELECT external_reference FROM payouts WHERE id = $1", payout)
        );
        Assert.Equal(new Balances("0.00", "0.00", "20.00"), await user.WalletAsync());
    }

    [FactWith(Requirement.Chromium)]
    public async Task A_hundred_and_twenty_payouts_are_paged_oldest_first_while_they_wait()
    {
        var user = await platform.Server.UserAsync();
        await platform.Database.ExecuteAsync(
            """
            SET session_replication_role = replica;
            INSERT INTO payouts (id, user_id, amount, method, requested_at)
            SELECT gen_random_uuid(), $1, number, 'card', '2020-01-01'::timestamptz + number * interval '1 second'
            FROM generate_series(1, 120) AS number
            """.Replace("$1", $"'{user.Id}'", StringComparison.Ordinal)
        );
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync("/console/payouts?status=requested");

        await Expect(window.Page.Locator("tbody tr").First).ToContainTextAsync("€1.00");
        await Expect(window.Page.Locator("tbody tr")).ToHaveCountAsync(50);
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "Next page" }).ClickAsync();
        await Expect(window.Page.Locator("tbody tr").First).ToContainTextAsync("€51.00");
        await window.IsWellMadeAsync();
        await platform.Database.ExecuteAsync(
            $"SET session_replication_role = replica; DELETE FROM payouts WHERE user_id = '{user.Id}'"
        );
    }

    [FactWith(Requirement.Chromium)]
    public async Task What_is_not_there_and_what_nobody_asked_for_says_what_to_do()
    {
        await using var window = await platform.SignedInAsync();
        await window.GoToAsync($"/console/payouts/{Guid.CreateVersion7()}", HttpStatusCode.NotFound);
        await window.IsWellMadeAsync();
        await window.GoToAsync($"/console/payouts/batches/{Guid.CreateVersion7()}", HttpStatusCode.NotFound);
        await window.GoToAsync("/console/payouts?status=failed&after=1.00000000-0000-0000-0000-000000000000");
        await Expect(window.Page.GetByText("No payout has failed.")).ToBeVisibleAsync();
        await window.IsWellMadeAsync();
    }

    private async Task<Person> WithAvailableAsync(decimal amount)
    {
        var shop = await platform.Admin.OpenShopAsync(amount, "fixed");
        var user = await platform.Server.UserAsync();
        (await platform.Admin.Api.ConfirmAsync(await user.BuyAsync(shop, 1))).Expect(200);
        return user;
    }
}
