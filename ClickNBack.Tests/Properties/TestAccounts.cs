using System.Globalization;
using ClickNBack.Tests.Infrastructure;
using ClickNBack.Tests.Properties.Model;
using Npgsql;

namespace ClickNBack.Tests.Properties;

/// <summary>Accounts that nobody had to register: no password is ever checked.</summary>
internal static class TestAccounts
{
    /// <summary>Adds accounts, the first so many of them users, the others administrators.</summary>
    public static async Task<List<Account>> AddAsync(NpgsqlConnection connection, int users, int all)
    {
        var accounts = new List<Account>();
        for (var nth = 0; nth < all; nth++)
        {
            var account = new Account(Guid.CreateVersion7(), nth >= users);
            await using var command = connection.CreateCommand();
            command.CommandText =
                "INSERT INTO users (id, email, normalized_email, password_hash, role, active, created_at) VALUES ($1, $2, $2, 'none', $3, true, now())";
            command.Parameters.Add(new() { Value = account.Id });
            command.Parameters.Add(new() { Value = $"{account.Id:N}@clicknback.test" });
            command.Parameters.Add(new() { Value = account.IsAdmin ? "admin" : "user" });
            await command.ExecuteNonQueryAsync();
            accounts.Add(account);
        }

        return accounts;
    }
}

/// <summary>Access tokens without a login.</summary>
internal static class TestTokens
{
    /// <summary>A token that outlives every test, whatever time it plays at.</summary>
    public static string For(Guid user, string signingKey)
    {
        const long endOfTime = 7_258_118_400; // the year 2200
        var claims = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"user_id":"{{user}}","user_role":"user","exp":{{endOfTime}},"token_type":"access"}"""
        );
        return Jwt.Sign(claims, signingKey);
    }
}
