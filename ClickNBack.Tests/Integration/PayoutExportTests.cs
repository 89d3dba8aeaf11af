using System.Xml.Linq;
using ClickNBack.Api.Payouts;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using static ClickNBack.Tests.Infrastructure.CreditTransferSchema;

namespace ClickNBack.Tests.Integration;

/// <summary>Payouts are told to the bank in batches, each payout once.</summary>
public sealed class PayoutExportTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private ApiServer _server = null!;
    private Person _admin = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _server = await ApiServer.StartAsync(
            _database,
            new ApiSetup { Settings = { ["Payouts:MinimumAmount"] = "1" } }
        );
        _admin = await _server.AdminAsync();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_holds_the_transfers_that_are_processing_and_nothing_else()
    {
        var user = await WithAvailableAsync(100);
        var processing = await ProcessingAsync(user, 12.5m);
        await user.WithdrawAsync(10); // requested
        await ProcessAsync(await ProcessingAsync(user, 11), "failed");
        var card = (
            await user.Api.PostAsync(
                "/api/v1/users/me/payouts",
                new
                {
                    amount = 13,
                    method = "card",
                    details = new { card_token = "card_1PqXk2", card_holder = "Somebody" },
                }
            )
        ).Expect(201)["id"].GetGuid();
        await ProcessAsync(card, "processing");

        var export = await ExportAsync();
        var file = await FileAsync(export.Id);

        Assert.Equal((1, 12.5m, _admin.Id), (export.Payouts, export.Amount, export.CreatedBy));
        Assert.Equal([$"{processing:N}"], Texts(file, "EndToEndId"));
        Assert.Equal(["12.50"], Texts(file, "InstdAmt"));
        Assert.Equal([$"{export.Id:N}"], Texts(file, "MsgId"));
        Assert.Equal(PayoutExports.NothingToExport, (await TryExportAsync()).Refusal);
    }

    [Fact]
    public async Task The_file_of_a_batch_stays_the_same_and_each_look_at_it_is_audited()
    {
        await ProcessingAsync(await WithAvailableAsync(10), 10);
        var export = await ExportAsync();

        var (first, _) = await ReadAsync(export.Id);
        var (second, _) = await ReadAsync(export.Id);

        Assert.Equal(first, second);
        Assert.Equal(
            ["PAYOUTS_EXPORTED 10.00", "PAYOUT_EXPORT_READ 10.00", "PAYOUT_EXPORT_READ 10.00"],
            await _database.RowsAsync(
                $"SELECT action, details ->> 'amount' FROM audit_logs WHERE resource_id = '{export.Id}' AND actor_id = '{_admin.Id}' ORDER BY occurred_at"
            )
        );
    }

    [Fact]
    public async Task Of_any_number_of_administrators_who_export_at_once_each_payout_is_in_one_batch()
    {
        var user = await WithAvailableAsync(100);
        for (var number = 1; number <= 5; number++)
        {
            await ProcessingAsync(user, number);
        }

        var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TryExportAsync()));

        var export = Assert.Single(attempts, it => it.Export is not null).Export!;
        Assert.Equal((5, 15m), (export.Payouts, export.Amount));
        Assert.Equal(5, Texts(await FileAsync(export.Id), "EndToEndId").Count());
    }

    [Fact]
    public async Task A_payout_that_is_decided_while_it_is_exported_is_exported_before_or_not_at_all()
    {
        var payout = await ProcessingAsync(await WithAvailableAsync(10), 10);
        await using var decision = await _database.OpenAsOwnerAsync();
        await using var transaction = await decision.BeginTransactionAsync();
        await using (var locking = decision.CreateCommand())
        {
            locking.CommandText = $"SELECT id FROM payouts WHERE id = '{payout}' FOR NO KEY UPDATE";
            await locking.ExecuteNonQueryAsync();
        }

        var export = TryExportAsync();
        await _database.SomebodyWaitsForAsync(decision);
        var failing = ProcessAsync(payout, "failed"); // waits behind it
        await transaction.CommitAsync();

        var made = (await export).Export;
        await failing;
        Assert.Equal(
            made is null ? 0 : 1,
            await _database.ScalarAsync<long>("SELECT count(*) FROM payouts WHERE export_id IS NOT NULL")
        );
        await _database.InvariantsHoldAsync();
    }

    [Fact]
    public async Task A_payout_that_failed_after_it_was_exported_is_in_no_second_batch()
    {
        var user = await WithAvailableAsync(10);
        var payout = await ProcessingAsync(user, 10);
        await ExportAsync();
        await ProcessAsync(payout, "failed");

        var again = await ProcessingAsync(user, 10);
        var export = await ExportAsync();

        Assert.Equal([$"{again:N}"], Texts(await FileAsync(export.Id), "EndToEndId"));
    }

    [Fact]
    public async Task Without_a_payer_nothing_is_exported_and_the_refusal_says_what_to_set()
    {
        await using var server = await ApiServer.StartAsync(
            _database,
            new ApiSetup { Settings = { ["Payouts:PayerName"] = "", ["Payouts:PayerIban"] = "" } }
        );

        Assert.Contains("Payouts:PayerIban", (await TryExportAsync(server)).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Once_it_is_forgotten_where_a_payout_went_the_file_cannot_be_made_again()
    {
        var payout = await ProcessingAsync(await WithAvailableAsync(10), 10);
        var export = await ExportAsync();
        await ProcessAsync(payout, "completed");
        await _database.ExecuteAsync("UPDATE payouts SET destination = NULL WHERE id = $1", payout);

        Assert.Equal(PayoutExports.DestinationsErased, (await ReadAsync(export.Id)).Refusal);
        Assert.Equal(PayoutExports.NotFound, (await ReadAsync(Guid.CreateVersion7())).Refusal);
    }

    [Fact]
    public async Task A_payout_that_is_paid_keeps_the_banks_reference_and_one_that_failed_the_reason()
    {
        var user = await WithAvailableAsync(30);
        var (paid, failed) = (await user.WithdrawAsync(10), await user.WithdrawAsync(10));

        await DecideAsync(paid, new PayoutDecision(PayoutStep.Completed, Reference: "E2E-1"));
        await DecideAsync(failed, new PayoutDecision(PayoutStep.Failed, Reason: "Account closed"));

        Assert.Equal(
            ["completed E2E-1", "failed "],
            await _database.RowsAsync("SELECT status, external_reference FROM payouts ORDER BY status")
        );
        Assert.Equal(
            ["E2E-1 ", " Account closed"],
            await _database.RowsAsync(
                "SELECT details ->> 'external_reference', details ->> 'reason' FROM audit_logs WHERE action = 'WITHDRAWAL_PROCESSED' ORDER BY occurred_at"
            )
        );
    }

    private static IEnumerable<string> Texts(XDocument file, string element) =>
        file.Descendants(Names + element).Select(it => it.Value);

    private async Task<PayoutExport> ExportAsync()
    {
        var (export, refusal) = await TryExportAsync();
        Assert.Null(refusal);
        return export!;
    }

    private async Task<(PayoutExport? Export, string? Refusal)> TryExportAsync(ApiServer? server = null)
    {
        await using var scope = (server ?? _server).Services.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<PayoutExports>()
            .CreateAsync(_admin.Id, CancellationToken.None);
    }

    private async Task<XDocument> FileAsync(Guid export) => Validated((await ReadAsync(export)).File!);

    private async Task<(byte[]? File, string? Refusal)> ReadAsync(Guid export)
    {
        await using var scope = _server.Services.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<PayoutExports>()
            .ReadFileAsync(export, _admin.Id, CancellationToken.None);
    }

    private async Task DecideAsync(Guid payout, PayoutDecision decision)
    {
        var (_, refusal) = await _server
            .Services.GetRequiredService<PayoutProcessing>()
            .ProcessAsync(
                payout,
                decision,
                new(ClickNBack.Api.Audit.ActorType.Admin, _admin.Id),
                CancellationToken.None
            );
        Assert.Null(refusal);
    }

    private async Task<Person> WithAvailableAsync(decimal amount)
    {
        var shop = await _admin.OpenShopAsync(amount, "fixed");
        var user = await _server.UserAsync();
        (await _admin.Api.ConfirmAsync(await user.BuyAsync(shop, 1))).Expect(200);
        return user;
    }

    private async Task<Guid> ProcessingAsync(Person user, decimal amount)
    {
        var payout = await user.WithdrawAsync(amount);
        await ProcessAsync(payout, "processing");
        return payout;
    }

    private async Task ProcessAsync(Guid payout, string status) =>
        (await _admin.Api.PatchAsync($"/api/v1/admin/payouts/{payout}/process", new { status })).Expect(200);
}
