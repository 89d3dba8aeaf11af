using ClickNBack.Api.Persistence;
using Npgsql;

namespace ClickNBack.Api.Users;

/// <summary>What a limit refuses a user is a case for administrators: one for each user, day and kind, however often it happens.</summary>
internal static class UserCase
{
    private const string Insert = """
        INSERT INTO cases (id, kind, user_id, day, opened_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """;

    /// <summary>Adds the statement that opens the case of that day, if there is none.</summary>
    /// <param name="batch">To this.</param>
    /// <param name="kind">The kind, as the database writes it.</param>
    /// <param name="userId">Who was refused.</param>
    /// <param name="now">When.</param>
    public static void AddTo(NpgsqlBatch batch, string kind, Guid userId, DateTimeOffset now) =>
        batch.Add(
            Insert,
            it =>
                it.AddValue(Guid.CreateVersion7(now))
                    .AddValue(kind)
                    .AddValue(userId)
                    .AddValue(DateOnly.FromDateTime(now.UtcDateTime))
                    .AddValue(now)
        );
}
