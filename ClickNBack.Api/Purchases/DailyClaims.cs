using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>
/// What one user has claimed on one day (UTC), whatever became of it, and the limits that held for the last claim. The database
/// refuses more. Kept only where there are limits.
/// </summary>
internal sealed class DailyClaims
{
    /// <summary>How long it is kept: for the day, whatever clock a process has.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(2);

    private const string Find = "SELECT claims, amount FROM daily_claims WHERE user_id = $1 AND day = $2";

    private const string CountOne = """
        INSERT INTO daily_claims AS today (user_id, day, claims, amount, max_claims, max_amount)
        VALUES ($1, $2, 1, $3, nullif($4, 0), nullif($5, 0))
        ON CONFLICT (user_id, day) DO UPDATE SET claims = today.claims + 1, amount = today.amount + EXCLUDED.amount,
            max_claims = EXCLUDED.max_claims, max_amount = EXCLUDED.max_amount
        """;

    /// <summary>Who claims.</summary>
    public required Guid UserId { get; init; }

    /// <summary>When.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>How many purchases.</summary>
    public required int Claims { get; init; }

    /// <summary>Of how much in all, EUR.</summary>
    public required decimal Amount { get; init; }

    /// <summary>How many are allowed; null: any number.</summary>
    public int? MaxClaims { get; init; }

    /// <summary>How much is allowed; null: anything.</summary>
    public decimal? MaxAmount { get; init; }

    /// <summary>Asks what a user has claimed so far.</summary>
    public static void AskFor(NpgsqlBatch batch, Guid userId, DateOnly day) =>
        batch.Add(Find, it => it.AddValue(userId).AddValue(day));

    /// <summary>Reads the answer.</summary>
    public static async Task<(int Claims, decimal Amount)> ReadAsync(NpgsqlDataReader row, CancellationToken cancel) =>
        await row.ReadAsync(cancel) ? (row.GetInt32(0), row.GetDecimal(1)) : default;

    /// <summary>Adds the statement that counts a new purchase; refused where it exceeds a limit.</summary>
    public static void Count(NpgsqlBatch batch, Purchase purchase, ClaimOptions limits) =>
        batch.Add(
            CountOne,
            it =>
                it.AddValue(purchase.UserId)
                    .AddValue(DateOnly.FromDateTime(purchase.CreatedAt.UtcDateTime))
                    .AddValue(purchase.Amount)
                    .AddValue(limits.MaxPerDay)
                    .AddValue(limits.MaxAmountPerDay)
        );
}

internal sealed class DailyClaimsMapping : IEntityTypeConfiguration<DailyClaims>
{
    public const string WithinCount = "ck_daily_claims_within_count";

    public const string WithinAmount = "ck_daily_claims_within_amount";

    public void Configure(EntityTypeBuilder<DailyClaims> claims)
    {
        claims.ToTable(
            "daily_claims",
            table =>
                table
                    .Check("claims", "claims > 0")
                    .CheckMoney("amount", "amount > 0")
                    .Check("within_count", "claims <= max_claims")
                    .Check("within_amount", "amount <= max_amount")
        );
        claims.HasKey(it => new { it.UserId, it.Day });
        claims.Property(it => it.Amount).HasColumnType("numeric");
        claims.Property(it => it.MaxAmount).HasColumnType("numeric");
        claims.HasIndex(it => it.Day); // for forgetting it
        claims.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
    }
}
