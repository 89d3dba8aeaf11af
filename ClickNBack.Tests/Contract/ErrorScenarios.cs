using System.Text.Json;
using ClickNBack.Api.Auth;
using ClickNBack.Api.Purchases;
using ClickNBack.Tests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ClickNBack.Tests.Contract;

/// <summary>How errors are reached that need more than a wrong request.</summary>
internal static class ErrorScenarios
{
    /// <summary>A body whose encoding breaks off in the middle.</summary>
    public static async Task<Answer> BrokenChunkAsync(PopulatedPlatform platform)
    {
        var text = await RawHttp.SendAsync(
            platform.Server.Address,
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\ninvalid\r\n"
        );
        var head = text.Split("\r\n\r\n")[0];
        var body = text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)];
        var headers = head.Split("\r\n").Skip(1).ToDictionary(it => it.Split(": ")[0], it => it.Split(": ")[1]);
        return new Answer(int.Parse(head.Split(' ')[1]), body, headers);
    }

    /// <summary>Two messages of one identifier.</summary>
    public static async Task<Answer> ReusedMessageAsync(PopulatedPlatform platform)
    {
        var merchant = await Reporter.NewAsync(platform.Admin, await Shop.OpenAsync(platform.Database));
        var first = Reporter.Body(merchant.Said(Unique.Text(), 1));
        (await merchant.TryReportAsync(platform.Anonymous, first, "message")).Expect(202);
        return await merchant.TryReportAsync(
            platform.Anonymous,
            Reporter.Body(merchant.Said(Unique.Text(), 2)),
            "message"
        );
    }

    /// <summary>A bug: a service that throws.</summary>
    public static async Task<Answer> BugAsync(PopulatedPlatform platform)
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Services = it => it.AddSingleton<VerificationSignal>(_ => throw new JsonException("Bug.")) }
        );
        return await platform.User.At(server.Anonymous).TryBuyAsync(platform.Shop, 10);
    }

    /// <summary>A database that is gone.</summary>
    public static async Task<Answer> NoDatabaseAsync(PopulatedPlatform platform)
    {
        await using var database = await TestDatabase.CreateAsync();
        await using var server = await ApiServer.StartAsync(database);
        await database.RefuseConnectionsAsync();
        var answer = await server.Anonymous.LoginAsync(platform.User.Email, Person.UsualPassword);
        await database.AcceptConnectionsAsync();
        return answer;
    }

    /// <summary>More requests than are allowed.</summary>
    public static async Task<Answer> FloodAsync(PopulatedPlatform platform)
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = { ["RateLimits:Enabled"] = "true", ["RateLimits:CredentialsPerMinute"] = "1" } }
        );
        (await server.Anonymous.LoginAsync(platform.User.Email, "wrong")).Expect(401);
        return await server.Anonymous.LoginAsync(platform.User.Email, "wrong");
    }

    /// <summary>Two purchases of a day where one is allowed.</summary>
    public static async Task<Answer> OneClaimTooManyAsync(PopulatedPlatform platform)
    {
        await using var server = await ApiServer.StartAsync(
            platform.Database,
            new ApiSetup { Settings = { ["Claims:MaxPerDay"] = "1" } }
        );
        var user = platform.Other.At(server.Anonymous);
        await user.BuyAsync(platform.Shop, 10);
        return await user.TryBuyAsync(platform.Shop, 10);
    }

    /// <summary>A refresh token of 31 days ago.</summary>
    public static async Task<Answer> ExpiredRefreshTokenAsync(PopulatedPlatform platform)
    {
        var login = await platform.Server.LoginAsync(platform.User.Email, Person.UsualPassword);
        await platform.Database.ExecuteAsync(
            """
            UPDATE refresh_tokens SET issued_at = issued_at - interval '31 days', expires_at = expires_at - interval '31 days'
            WHERE token_hash = $1
            """,
            TokenService.Hash(login.RefreshToken)
        );
        return await platform.Anonymous.RefreshAsync(login.RefreshToken);
    }

    /// <summary>A key of a request that waits for a wallet which somebody else holds.</summary>
    public static async Task<Answer> KeyInFlightAsync(PopulatedPlatform platform)
    {
        var (path, key) = ("/api/v1/purchases/", Unique.Text());
        var body = platform.User.PurchaseAt(platform.Shop.Merchant, 10);
        await using var connection = await platform.Database.OpenAsOwnerAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var locking = connection.CreateCommand())
        {
            locking.CommandText = $"SELECT 1 FROM wallets WHERE user_id = '{platform.User.Id}' FOR UPDATE";
            await locking.ExecuteNonQueryAsync();
        }

        var inFlight = platform.User.Api.PostAsync(path, body, key);
        await platform.Database.SomebodyWaitsForAsync(connection);
        var refused = await platform.User.Api.PostAsync(path, body, key);
        await transaction.RollbackAsync();
        (await inFlight).Expect(201);
        return refused;
    }
}
