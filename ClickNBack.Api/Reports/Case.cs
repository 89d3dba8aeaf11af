using ClickNBack.Api.Persistence;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ClickNBack.Api.Reports;

/// <summary>Why an administrator has to decide.</summary>
internal enum CaseKind
{
    /// <summary>The merchant reports another amount or currency than was claimed.</summary>
    AmountDiffers,

    /// <summary>What is reported contradicts where the purchase stands.</summary>
    ContradictingReports,

    /// <summary>A second user claims the same order.</summary>
    ClaimedTwice,

    /// <summary>A user has claimed more purchases than are allowed on a day; those over the limit were refused.</summary>
    TooManyClaims,

    /// <summary>A user has claimed more than is allowed on a day; what is over the limit was refused.</summary>
    TooMuchClaimed,

    /// <summary>A user wanted the first payout before the account was old enough.</summary>
    PayoutTooEarly,
}

/// <summary>What an administrator decides.</summary>
internal enum CaseDecision
{
    /// <summary>The pending purchase is confirmed as it was claimed.</summary>
    Confirm,

    /// <summary>The pending purchase is rejected.</summary>
    Reject,

    /// <summary>The confirmed purchase is reversed.</summary>
    Reverse,

    /// <summary>The purchase stays as it is.</summary>
    Dismiss,
}

/// <summary>
/// A purchase that the rules cannot decide, or a user who was refused something by a limit. There is at most one open case of a
/// purchase, and one in all of a user, day and kind.
/// </summary>
internal sealed class Case
{
    /// <summary>The longest note, in characters.</summary>
    public const int MaxNoteLength = 500;

    /// <summary>The identifier.</summary>
    public required Guid Id { get; init; }

    /// <summary>Why it was opened.</summary>
    public required CaseKind Kind { get; init; }

    /// <summary>The purchase in question; null if it is a user.</summary>
    public Guid? PurchaseId { get; init; }

    /// <summary>The user in question; null if it is a purchase.</summary>
    public Guid? UserId { get; init; }

    /// <summary>On which day (UTC) the user was refused.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it was decided, UTC; null while it is open.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>The administrator who decided it.</summary>
    public Guid? DecidedBy { get; init; }

    /// <summary>What was decided.</summary>
    public CaseDecision? Decision { get; init; }

    /// <summary>Why, in the administrator's words.</summary>
    public string? Note { get; init; }
}

internal sealed class CaseMapping : IEntityTypeConfiguration<Case>
{
    public void Configure(EntityTypeBuilder<Case> it)
    {
        it.ToTable(
            "cases",
            table =>
                table
                    .CheckChoice<Case, CaseKind>("kind")
                    .CheckChoice<Case, CaseDecision>("decision")
                    .Check("decided", "num_nonnulls(decided_at, decided_by, decision, note) IN (0, 4)")
                    .Check(
                        "subject",
                        "CASE WHEN kind IN ('too_many_claims', 'too_much_claimed', 'payout_too_early') THEN purchase_id IS NULL AND num_nonnulls(user_id, day) = 2 ELSE purchase_id IS NOT NULL AND num_nonnulls(user_id, day) = 0 END"
                    )
                    .Check("users_dismissed", "user_id IS NULL OR decision = 'dismiss'")
        );
        it.Property(x => x.Note).HasMaxLength(Case.MaxNoteLength);
        it.HasIndex(x => x.PurchaseId).IsUnique().HasFilter("decided_at IS NULL");
        it.HasIndex(x => new
            {
                x.UserId,
                x.Day,
                x.Kind,
            })
            .IsUnique()
            .HasFilter("user_id IS NOT NULL");
        it.HasIndex(x => new { x.OpenedAt, x.Id });
        it.HasIndex(x => new { x.OpenedAt, x.Id }, "ix_cases_open").HasFilter("decided_at IS NULL"); // however many are decided
        it.HasOne<Purchase>().WithMany().HasForeignKey(x => x.PurchaseId);
        it.HasOne<User>().WithMany().HasForeignKey(x => x.UserId);
        it.HasOne<User>().WithMany().HasForeignKey(x => x.DecidedBy);
    }
}
