using ClickNBack.Api.Http;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>A claim that was refused because it exceeds a limit of the day: evidence of the case about that user and day.</summary>
internal sealed class ExcessClaim
{
    /// <summary>How many are kept of a case, so that nobody fills the database with what is refused.</summary>
    public const int MaxPerCase = 100;

    // Whoever claims the same order again says nothing new.
    private const string Insert = """
        INSERT INTO excess_claims (user_id, day, kind, external_id, merchant_id, amount, claimed_at)
        SELECT $1, $2, $3, $4, $5, $6, $7
        WHERE (SELECT count(*) FROM excess_claims WHERE user_id = $1 AND day = $2 AND kind = $3) < $8
        ON CONFLICT DO NOTHING
        """;

    /// <summary>Who claims.</summary>
    public required Guid UserId { get; init; }

    /// <summary>On which day, UTC.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>The limit that it exceeds.</summary>
    public required ClaimLimit Kind { get; init; }

    /// <summary>The order.</summary>
    public required string ExternalId { get; init; }

    /// <summary>Where.</summary>
    public required Guid MerchantId { get; init; }

    /// <summary>What they say was paid, EUR.</summary>
    public required decimal Amount { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ClaimedAt { get; init; }

    /// <summary>Adds the statements that open the case of that day, if there is none, and remember the claim.</summary>
    public void AddTo(NpgsqlBatch batch)
    {
        UserCase.AddTo(batch, Json.Name(Kind), UserId, ClaimedAt);
        batch.Add(
            Insert,
            it =>
                it.AddValue(UserId)
                    .AddValue(Day)
                    .AddValue(Json.Name(Kind))
                    .AddValue(ExternalId)
                    .AddValue(MerchantId)
                    .AddValue(Amount)
                    .AddValue(ClaimedAt)
                    .AddValue(MaxPerCase)
        );
    }
}

internal sealed class ExcessClaimMapping : IEntityTypeConfiguration<ExcessClaim>
{
    public void Configure(EntityTypeBuilder<ExcessClaim> claim)
    {
        claim.ToTable(
            "excess_claims",
            table =>
                table
                    .CheckChoice<ExcessClaim, ClaimLimit>("kind")
                    .CheckMoney("amount", "amount > 0 AND amount <= 9999999999.99")
        );
        claim.HasKey(it => new
        {
            it.UserId,
            it.Day,
            it.Kind,
            it.ExternalId,
        });
        claim.Property(it => it.ExternalId).HasMaxLength(Purchase.MaxExternalIdLength);
        claim.Property(it => it.Amount).HasColumnType("numeric");
        claim.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
        claim.HasOne<Merchant>().WithMany().HasForeignKey(it => it.MerchantId);
    }
}
