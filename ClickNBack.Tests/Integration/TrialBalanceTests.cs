using ClickNBack.Api.Ledger;
using ClickNBack.Api.Persistence;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>What administrators see of the ledger as a whole.</summary>
public sealed class TrialBalanceTests(Platform platform) : IClassFixture<Platform>
{
    [Fact]
    public async Task It_lists_every_account_and_sums_to_zero()
    {
        var shop = await platform.Admin.OpenShopAsync(30, "fixed");
        var user = await platform.Server.UserAsync();
        (await platform.Admin.Api.ConfirmAsync(await user.BuyAsync(shop, 1))).Expect(200);
        await user.BuyAsync(shop, 1);
        await user.WithdrawAsync(10);

        var balance = await AskAsync();

        Assert.Equal(
            [
                (Account.MerchantReceivable, -60m),
                (Account.UserPending, 30m),
                (Account.UserAvailable, 20m),
                (Account.UserDebt, 0m),
                (Account.PayoutInTransit, 10m),
                (Account.PaidOut, 0m),
            ],
            balance.Accounts.Select(it => (it.Account, it.Balance))
        );
        Assert.Equal(balance.Debit, balance.Credit);
        Assert.Equal(100m, balance.Debit);
    }

    [Fact]
    public async Task A_comparison_of_the_wallets_names_the_wrong_ones_part_by_part_and_corrects_none()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var source = NpgsqlDataSource.Create(database.ApiConnectionString);
        await database.ExecuteAsync("UPDATE wallets SET paid_balance = paid_balance + 1");

        var (after, parts) = (Guid.Empty, new List<ComparedWallets>());
        do
        {
            parts.Add(await WalletComparison.CompareAsync(source, after, 2, CancellationToken.None));
            after = parts[^1].Last;
        } while (parts[^1].Examined == 2);

        var wallets = await database.ScalarAsync<long>("SELECT count(*) FROM wallets");
        Assert.Equal(wallets, parts.Sum(it => it.Examined));
        var differences = parts.SelectMany(it => it.Differences).ToList();
        Assert.Equal(wallets, differences.Count);
        Assert.All(differences, it => Assert.Equal(it.Stored, it.Rebuilt with { Paid = it.Rebuilt.Paid + 1 }));
    }

    private async Task<TrialBalance> AskAsync()
    {
        await using var scope = platform.Server.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<NpgsqlDataSource>();
        await platform.Database.ExecuteAsync("DELETE FROM money_checks"); // what is young enough is not asked again
        await Until.TrueAsync(
            () => TrialBalance.CheckNowAsync(database, CancellationToken.None),
            "nobody else is asking"
        );
        var db = scope.ServiceProvider.GetRequiredService<ClickNBackDbContext>();
        return (await TrialBalance.LastAsync(db, CancellationToken.None))!;
    }
}
