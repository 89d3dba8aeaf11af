using ClickNBack.Api.Persistence;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;

namespace ClickNBack.Api.Purchases;

/// <summary>What another user claims of an order that is recorded already: the claim is refused, but one of them is wrong.</summary>
internal sealed class RefusedClaim
{
    // Under the lock of the purchase, as every case: nobody decides it meanwhile. Whoever claims again says nothing new.
    private const string Lock = "SELECT FROM purchases WHERE id = $1 FOR NO KEY UPDATE";

    private const string Insert = """
        WITH refused AS (
            INSERT INTO refused_claims (purchase_id, user_id, amount, claimed_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING
            RETURNING purchase_id
        )
        INSERT INTO cases (id, kind, purchase_id, opened_at) SELECT $5, 'claimed_twice', purchase_id, $4 FROM refused
        ON CONFLICT DO NOTHING
        """;

    /// <summary>The purchase that is recorded.</summary>
    public required Guid PurchaseId { get; init; }

    /// <summary>Who claims it too.</summary>
    public required Guid UserId { get; init; }

    /// <summary>What they say was paid.</summary>
    public required decimal Amount { get; init; }

    /// <summary>When they first did, UTC.</summary>
    public required DateTimeOffset ClaimedAt { get; init; }

    /// <summary>Adds the statements that remember it and open a case, if none is open.</summary>
    public void AddTo(NpgsqlBatch batch) =>
        batch
            .Add(Lock, it => it.AddValue(PurchaseId))
            .Add(
                Insert,
                it =>
                    it.AddValue(PurchaseId)
                        .AddValue(UserId)
                        .AddValue(Amount)
                        .AddValue(ClaimedAt)
                        .AddValue(Guid.CreateVersion7(ClaimedAt))
            );
}

internal sealed class RefusedClaimMapping : IEntityTypeConfiguration<RefusedClaim>
{
    public void Configure(EntityTypeBuilder<RefusedClaim> claim)
    {
        claim.ToTable("refused_claims", table => table.CheckMoney("amount", "amount > 0 AND amount <= 9999999999.99"));
        claim.HasKey(it => new { it.PurchaseId, it.UserId });
        claim.Property(it => it.Amount).HasColumnType("numeric");
        claim.HasOne<Purchase>().WithMany().HasForeignKey(it => it.PurchaseId);
        claim.HasOne<User>().WithMany().HasForeignKey(it => it.UserId);
    }
}
