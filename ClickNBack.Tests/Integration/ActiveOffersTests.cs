using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Unit.ServiceDefaults;

namespace ClickNBack.Tests.Integration;

/// <summary>Offers in force come from memory, and yet every change is seen by the next request of every process.</summary>
public sealed class ActiveOffersTests : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private TestDatabase _database = null!;
    private ApiServer _here = null!;
    private ApiServer _there = null!;
    private Person _user = null!;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        _here = await ApiServer.StartAsync(_database, new ApiSetup { Clock = _clock });
        _there = await ApiServer.StartAsync(_database, new ApiSetup { Clock = _clock });
        _user = await _here.UserAsync();
    }

    public async Task DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Theory]
    [InlineData("UPDATE offers SET active = false WHERE id = $1")]
    [InlineData("UPDATE merchants SET active = false WHERE id = (SELECT merchant_id FROM offers WHERE id = $1)")]
    [InlineData("UPDATE offers SET end_date = '2020-01-02' WHERE id = $1")]
    [InlineData("DELETE FROM offers WHERE id = $1")]
    public async Task Whatever_ends_an_offer_ends_it_for_the_next_request_of_every_process(string change)
    {
        var shop = await Shop.OpenAsync(_database);
        Assert.Equal([shop.Offer], await OffersAsync(_here));
        Assert.Equal([shop.Offer], await OffersAsync(_there));

        await _database.ExecuteAsync(change, shop.Offer);

        Assert.Empty(await OffersAsync(_here));
        Assert.Empty(await OffersAsync(_there));
    }

    [Fact]
    public async Task A_new_offer_is_there_for_the_next_request_of_every_process()
    {
        Assert.Empty(await OffersAsync(_here));
        Assert.Empty(await OffersAsync(_there));

        var shop = await Shop.OpenAsync(_database);

        Assert.Equal([shop.Offer], await OffersAsync(_here));
        Assert.Equal([shop.Offer], await OffersAsync(_there));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_counts_from_its_commit_on_and_not_at_all_without(bool commit)
    {
        var shop = await Shop.OpenAsync(_database);
        await using var changing = await _database.OpenAsOwnerAsync();
        await using var transaction = await changing.BeginTransactionAsync();
        await using var change = changing.CreateCommand();
        change.CommandText = "UPDATE offers SET active = false";
        await change.ExecuteNonQueryAsync();

        Assert.Equal([shop.Offer], await OffersAsync(_here)); // read meanwhile, and kept

        await (commit ? transaction.CommitAsync() : transaction.RollbackAsync());
        Guid[] expected = commit ? [] : [shop.Offer];
        Assert.Equal(expected, await OffersAsync(_here));
        Assert.Equal(expected, await OffersAsync(_there));
    }

    [Fact]
    public async Task Without_a_change_the_offers_are_not_read_again()
    {
        var shop = await Shop.OpenAsync(_database);
        Assert.Equal([shop.Offer], await OffersAsync(_here));

        await _database.ExecuteAsync("REVOKE SELECT ON offers FROM clicknback_api");

        Assert.Equal([shop.Offer], await OffersAsync(_here));
    }

    [Fact]
    public async Task An_offer_begins_and_ends_with_its_days_though_nothing_changes()
    {
        var shop = await Shop.OpenAsync(_database);
        var tomorrow = DateOnly.FromDateTime(_clock.GetUtcNow().UtcDateTime).AddDays(1);
        await _database.ExecuteAsync("UPDATE offers SET start_date = $1, end_date = $1", tomorrow);
        Assert.Empty(await OffersAsync(_here));

        await NextDayAsync();
        Assert.Equal([shop.Offer], await OffersAsync(_here));

        await NextDayAsync();
        Assert.Empty(await OffersAsync(_here));
    }

    [Fact]
    public async Task Pages_are_cut_from_memory()
    {
        for (var i = 0; i < 3; i++)
        {
            await Shop.OpenAsync(_database);
        }

        var all = await OffersAsync(_here);

        Assert.Equal(all[1..], await OffersAsync(_here, "?offset=1&limit=2"));
        Assert.Equal(all[2..], await OffersAsync(_here, "?offset=2&limit=2"));
        Assert.Empty(await OffersAsync(_here, "?offset=9223372036854775807"));
    }

    // A token does not live that long.
    private async Task NextDayAsync()
    {
        _clock.Advance(TimeSpan.FromDays(1));
        _user = await _here.LoginAsync(_user.Email, Person.UsualPassword);
    }

    private async Task<Guid[]> OffersAsync(ApiServer server, string page = "")
    {
        var answer = await _user.At(server.Anonymous).Api.GetAsync($"/api/v1/offers/active{page}");
        return [.. answer.Expect(200)["data"].EnumerateArray().Select(it => it.GetProperty("id").GetGuid())];
    }
}
