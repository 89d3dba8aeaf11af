using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using ClickNBack.Tests.Infrastructure;

namespace ClickNBack.Tests.Integration;

public sealed class IdempotencyTests(Platform platform) : IClassFixture<Platform>
{
    private const string Path = "/api/v1/purchases/";

    [Fact]
    public async Task A_repetition_gets_the_first_answer_byte_for_byte_and_has_no_effect()
    {
        var (user, shop) = await BuyerAsync();
        var body = user.PurchaseAt(shop.Merchant, 100);

        var first = await SendAsync(user, "key", body);
        var second = await SendAsync(user, "key", body);

        Assert.Equal(first.Expect(201).Text, second.Expect(201).Text);
        Assert.Equal(first.Headers["Location"], second.Headers["Location"]);
        Assert.Equal(first.Headers["Content-Type"], second.Headers["Content-Type"]);
        Assert.False(first.Headers.ContainsKey("Idempotent-Replayed"));
        Assert.Equal("true", second.Headers["Idempotent-Replayed"]);
        Assert.Equal(new Balances("5.00", "0.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task A_key_stands_for_one_request()
    {
        var (user, shop) = await BuyerAsync();
        (await SendAsync(user, "key", user.PurchaseAt(shop.Merchant, 100))).Expect(201);

        var other = await SendAsync(user, "key", user.PurchaseAt(shop.Merchant, 200));

        other.Expect(422, "IDEMPOTENCY_KEY_REUSED");
        Assert.Equal(new Balances("5.00", "0.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task What_is_stored_of_a_body_cannot_be_found_by_trying_without_the_key_of_the_settings()
    {
        var (user, shop) = await BuyerAsync();
        var body = user.PurchaseAt(shop.Merchant, 100);
        (await SendAsync(user, "key", body)).Expect(201);

        var stored = await platform.Database.ScalarAsync<byte[]>(
            "SELECT fingerprint FROM idempotency_keys WHERE user_id = $1",
            user.Id
        );
        var tried = SHA256.HashData(
            Encoding.UTF8.GetBytes($"POST /api/v1/purchases\n{await JsonContent.Create(body).ReadAsStringAsync()}")
        );

        Assert.DoesNotContain(Convert.ToHexString(tried), Convert.ToHexString(stored));
    }

    [Fact]
    public async Task While_the_key_of_the_settings_is_changed_a_repetition_has_no_effect_whoever_gets_it()
    {
        const string next = "the next encryption key, 32 characters or more";
        await using var later = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup
            {
                Settings = { ["Encryption:Key"] = next, ["Encryption:PreviousKey"] = ApiSetup.EncryptionKey },
            }
        );
        var (user, shop) = await BuyerAsync();
        var (before, after) = (user.PurchaseAt(shop.Merchant, 100), user.PurchaseAt(shop.Merchant, 100));
        var first = (await SendAsync(user, "before", before)).Expect(201);
        (await SendAsync(user.At(later.Anonymous), "after", after)).Expect(201);

        var replayed = await SendAsync(user.At(later.Anonymous), "before", before);
        var unknown = await SendAsync(user, "after", after);

        Assert.Equal(first.Text, replayed.Expect(201).Text);
        Assert.Equal("1", unknown.Expect(409, "IDEMPOTENCY_KEY_IN_USE").Headers["Retry-After"]);
        Assert.Equal(new Balances("10.00", "0.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task Keys_are_their_users_own()
    {
        var (user, shop) = await BuyerAsync();
        var other = await platform.Server.UserAsync();

        (await SendAsync(user, "shared", user.PurchaseAt(shop.Merchant, 100))).Expect(201);
        (await SendAsync(other, "shared", other.PurchaseAt(shop.Merchant, 100))).Expect(201);
    }

    [Fact]
    public async Task A_refusal_has_no_effect_so_a_repetition_decides_anew()
    {
        var (user, shop) = await BuyerAsync();
        var body = user.PurchaseAt(shop.Merchant, 100);
        (
            await platform.Admin.Api.PatchAsync(
                $"/api/v1/merchants/{shop.Merchant}/status",
                new { status = "inactive" }
            )
        ).Expect(200);
        (await SendAsync(user, "key", body)).Expect(422, "MERCHANT_NOT_ELIGIBLE");

        (
            await platform.Admin.Api.PatchAsync($"/api/v1/merchants/{shop.Merchant}/status", new { status = "active" })
        ).Expect(200);
        (await SendAsync(user, "key", body)).Expect(201);
    }

    [Fact]
    public async Task Simultaneous_repetitions_have_one_effect()
    {
        var (user, shop) = await BuyerAsync();
        var body = user.PurchaseAt(shop.Merchant, 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SendAsync(user, "key", body)));

        var made = answers.Where(it => it.Status == 201).ToList();
        Assert.Single(made, it => !it.Headers.ContainsKey("Idempotent-Replayed"));
        Assert.Single(made.Select(it => it.Text).Distinct(StringComparer.Ordinal));
        Assert.All(
            answers.Where(it => it.Status != 201),
            it =>
            {
                it.Expect(409, "IDEMPOTENCY_KEY_IN_USE");
                Assert.Equal("1", it.Headers["Retry-After"]);
            }
        );
        Assert.Equal(new Balances("5.00", "0.00"), await user.WalletAsync());
    }

    [Fact]
    public async Task A_request_in_flight_holds_its_key()
    {
        var (user, shop) = await BuyerAsync();
        await using var connection = await platform.Database.OpenAsOwnerAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = connection.CreateCommand())
        {
            locking.CommandText = $"INSERT INTO wallets (user_id) VALUES ('{user.Id}')"; // holds up whoever locks this wallet
            await locking.ExecuteNonQueryAsync();
        }

        var body = user.PurchaseAt(shop.Merchant, 100);
        var inFlight = SendAsync(user, "key", body);
        await platform.Database.SomebodyWaitsForAsync(connection);
        (await SendAsync(user, "key", body)).Expect(409, "IDEMPOTENCY_KEY_IN_USE");

        await transaction.RollbackAsync();
        (await inFlight).Expect(201);
    }

    [Fact]
    public async Task Keys_are_forgotten_after_a_day()
    {
        var (user, shop) = await BuyerAsync();
        (await SendAsync(user, "key", user.PurchaseAt(shop.Merchant, 100))).Expect(201);
        await platform.Database.ExecuteAsync(
            "UPDATE idempotency_keys SET created_at = created_at - interval '25 hours' WHERE user_id = $1",
            user.Id
        );

        (await SendAsync(user, "key", user.PurchaseAt(shop.Merchant, 200))).Expect(201);
    }

    [Fact]
    public async Task Payouts_have_keys_too()
    {
        var (user, shop) = await BuyerAsync();
        (await platform.Admin.Api.ConfirmAsync(await user.BuyAsync(shop, 400))).Expect(200);
        var payout = new
        {
            amount = 10,
            method = "bank_transfer",
            details = new { iban = "DE89370400440532013000", account_holder = "Somebody" },
        };

        var first = await SendAsync(user, "key", payout, "/api/v1/users/me/payouts");
        var second = await SendAsync(user, "key", payout, "/api/v1/users/me/payouts");

        Assert.Equal(first.Expect(201).Text, second.Expect(201).Text);
        Assert.Equal(new Balances("0.00", "10.00"), await user.WalletAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(256)]
    public async Task An_unusable_key_is_refused(int length)
    {
        var key = new string('k', length);
        var (user, shop) = await BuyerAsync();

        var answer = await SendAsync(user, key, user.PurchaseAt(shop.Merchant, 100));

        answer.Expect(422, "VALIDATION_ERROR");
        Assert.Equal("Idempotency-Key", answer["error.details.violations.0.field"].GetString());
    }

    [Fact]
    public async Task Whoever_is_switched_off_does_not_get_the_first_answer_again()
    {
        var (user, shop) = await BuyerAsync();
        var body = user.PurchaseAt(shop.Merchant, 100);
        (await SendAsync(user, "key", body)).Expect(201);

        await platform.Database.ExecuteAsync("UPDATE users SET active = false WHERE id = $1", user.Id);

        (await SendAsync(user, "key", body)).Expect(401, "USER_INACTIVE");
        (await SendAsync(user, "another", body)).Expect(401, "USER_INACTIVE");
    }

    private async Task<(Person User, Shop Shop)> BuyerAsync() =>
        (await platform.Server.UserAsync(), await platform.Admin.OpenShopAsync());

    private static Task<Answer> SendAsync(Person user, string key, object body, string path = Path) =>
        user.Api.SendAsync(HttpMethod.Post, path, JsonContent.Create(body), ("Idempotency-Key", key));
}
