using ClickNBack.Api.Accounts;
using ClickNBack.Api.Audit;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Integration;

/// <summary>What administrators do with accounts.</summary>
public sealed class AccountAdministrationTests(Platform platform) : IClassFixture<Platform>
{
    private const string Me = "/api/v1/users/me";

    private AccountDirectory Directory => platform.Server.Services.GetRequiredService<AccountDirectory>();

    [Fact]
    public async Task A_deactivated_account_can_do_nothing_until_it_is_reactivated()
    {
        var user = await platform.Server.UserAsync();

        Assert.Null(await SetActiveAsync(user.Id, active: false));

        (await user.Api.GetAsync(Me)).Expect(401, "USER_INACTIVE");
        (await platform.Server.Anonymous.RefreshAsync(user.RefreshToken)).Expect(401, "TOKEN_REVOKED");

        Assert.Null(await SetActiveAsync(user.Id, active: true));

        (await user.Api.GetAsync(Me)).Expect(200);
        (await platform.Server.Anonymous.RefreshAsync(user.RefreshToken)).Expect(401, "TOKEN_REVOKED");
        Assert.Equal(["ACCOUNT_DEACTIVATED", "ACCOUNT_REACTIVATED"], await AuditedAsync(user.Id));
    }

    [Fact]
    public async Task Deactivating_twice_is_audited_once_however_many_do_it()
    {
        var user = await platform.Server.UserAsync();

        var refusals = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => SetActiveAsync(user.Id, active: false)));

        Assert.All(refusals, Assert.Null);
        Assert.Equal(["ACCOUNT_DEACTIVATED"], await AuditedAsync(user.Id));
    }

    [Fact]
    public async Task Nobody_locks_themselves_out()
    {
        Assert.Equal(AccountAccess.OwnAccount, await SetActiveAsync(platform.Admin.Id, active: false));
        (await platform.Admin.Api.GetAsync(Me)).Expect(200);
    }

    [Fact]
    public async Task What_was_erased_or_never_there_stays_so()
    {
        var user = await platform.Server.UserAsync();
        (await user.Api.DeleteAsync(Me)).Expect(204);

        Assert.Equal(AccountAccess.Unknown, await SetActiveAsync(user.Id, active: true));
        Assert.Equal(AccountAccess.Unknown, await EndSessionsAsync(user.Id));
        Assert.Equal(AccountAccess.Unknown, await EndSessionsAsync(Guid.CreateVersion7()));
    }

    [Fact]
    public async Task All_sessions_end_at_once_and_are_shown_as_ended()
    {
        var user = await platform.Server.UserAsync();
        var again = await platform.Server.LoginAsync(user.Email, Person.UsualPassword);

        Assert.Null(await EndSessionsAsync(user.Id));
        Assert.Null(await EndSessionsAsync(user.Id)); // nothing is left to end

        (await platform.Server.Anonymous.RefreshAsync(user.RefreshToken)).Expect(401, "TOKEN_REVOKED");
        (await platform.Server.Anonymous.RefreshAsync(again.RefreshToken)).Expect(401, "TOKEN_REVOKED");
        var sessions = await Directory.SessionsAsync(user.Id, CancellationToken.None);
        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, it => Assert.NotNull(it.RevokedAt));
        Assert.Equal(["SESSIONS_ENDED"], await AuditedAsync(user.Id));
    }

    [Fact]
    public async Task Accounts_are_found_by_how_their_e_mail_starts_page_by_page()
    {
        var start = Unique.Text();
        var emails = Enumerable.Range(0, 5).Select(it => $"{start}.{it}@clicknback.test").ToList();
        foreach (var email in Enumerable.Reverse(emails))
        {
            await platform.Server.UserAsync(email);
        }

        var first = await Directory.FindAsync(start.ToUpperInvariant() + ".", "", 3, CancellationToken.None);
        var second = await Directory.FindAsync(start + ".", first[^1].NormalizedEmail, 3, CancellationToken.None);

        Assert.Equal(emails, [.. first.Select(it => it.Email), .. second.Select(it => it.Email)]);
        Assert.Empty(await Directory.FindAsync("%", "", 3, CancellationToken.None));
        Assert.Empty(await Directory.FindAsync("_", "", 3, CancellationToken.None));
    }

    [Fact]
    public async Task An_account_shows_its_wallet_and_the_latest_movements()
    {
        var shop = await platform.Admin.OpenShopAsync(30, "fixed");
        var user = await platform.Server.UserAsync();
        var purchase = await user.BuyAsync(shop, 1);
        (await platform.Admin.Api.ConfirmAsync(purchase)).Expect(200);
        var payout = await user.WithdrawAsync(10);

        var entry = (await Directory.GetAsync(user.Id, CancellationToken.None))!;
        var transfers = await Directory.TransfersAsync(user.Id, CancellationToken.None);

        Assert.Equal((user.Email, true, 20m), (entry.Email, entry.Active, entry.Available));
        Assert.Equal([(payout, 10m), (null, 30m), (null, 30m)], transfers.ConvertAll(it => (it.PayoutId, it.Amount)));
        Assert.Equal([null, purchase, purchase], transfers.ConvertAll(it => it.PurchaseId));
        Assert.Null(await Directory.GetAsync(Guid.CreateVersion7(), CancellationToken.None));
    }

    [Fact]
    public async Task An_administrator_erases_an_account_under_their_own_name()
    {
        var user = await platform.Server.UserAsync();

        await using var scope = platform.Server.Services.CreateAsyncScope();
        var refusal = await scope
            .ServiceProvider.GetRequiredService<AccountErasure>()
            .EraseAsync(user.Id, new Actor(ActorType.Admin, platform.Admin.Id), CancellationToken.None);

        Assert.Null(refusal);
        (await user.Api.GetAsync(Me)).Expect(401, "USER_INACTIVE");
        Assert.NotNull((await Directory.GetAsync(user.Id, CancellationToken.None))!.ErasedAt);
        Assert.Equal(["ACCOUNT_ERASED"], await AuditedAsync(user.Id));
    }

    private async Task<string?> SetActiveAsync(Guid user, bool active)
    {
        await using var scope = platform.Server.Services.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<AccountAccess>()
            .SetActiveAsync(user, active, platform.Admin.Id, CancellationToken.None);
    }

    private async Task<string?> EndSessionsAsync(Guid user)
    {
        await using var scope = platform.Server.Services.CreateAsyncScope();
        return await scope
            .ServiceProvider.GetRequiredService<AccountAccess>()
            .EndSessionsAsync(user, platform.Admin.Id, CancellationToken.None);
    }

    private Task<List<string>> AuditedAsync(Guid user) =>
        platform.Database.RowsAsync(
            $"SELECT action FROM audit_logs WHERE resource_id = '{user}' AND actor_id = '{platform.Admin.Id}' ORDER BY occurred_at"
        );
}
