using ClickNBack.Api.Auth;
using ClickNBack.Api.Http;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace ClickNBack.Api.Accounts;

/// <summary>The caller's own account.</summary>
internal static class GetMe
{
    private const string Sql = "SELECT id, email, active, role, created_at FROM users WHERE id = $1";

    public static async Task<Results<Ok<UserResponse>, ApiError>> HandleAsync(
        CallerQuery caller,
        CancellationToken cancel
    )
    {
        var (user, refusal) = await caller.ReadAsync(
            batch => batch.Add(Sql, it => it.AddValue(caller.UserId)),
            row => row.ReadOneAsync(Read, cancel),
            cancel
        );
        return refusal is null ? TypedResults.Ok(user) : refusal;
    }

    private static UserResponse Read(NpgsqlDataReader row) =>
        new(
            row.GetGuid(0),
            row.GetString(1),
            row.GetBoolean(2),
            row.GetChoice<Role>(3),
            row.GetFieldValue<DateTimeOffset>(4)
        );
}
