using ClickNBack.Api.Audit;
using ClickNBack.Api.Auth;
using ClickNBack.Api.FeatureFlags;
using ClickNBack.Api.Idempotency;
using ClickNBack.Api.Ledger;
using ClickNBack.Api.Merchants;
using ClickNBack.Api.Offers;
using ClickNBack.Api.Payouts;
using ClickNBack.Api.Purchases;
using ClickNBack.Api.Reports;
using ClickNBack.Api.Users;
using ClickNBack.Api.Wallets;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;

namespace ClickNBack.Api.Persistence;

/// <summary>The platform's database. Its history (migrations, functions, triggers, roles) is in ClickNBack.MigrationService.</summary>
internal sealed class ClickNBackDbContext : DbContext, IDataProtectionKeyContext
{
    public ClickNBackDbContext(DbContextOptions<ClickNBackDbContext> options)
        : base(options)
    {
        // Whoever fails to save in a transaction gives it up: a savepoint would be two round trips for nothing.
        Database.AutoSavepointsEnabled = false;
    }

    public DbSet<User> Users => Set<User>();

    /// <summary>One row a login: all refresh tokens that descend from it.</summary>
    public DbSet<RefreshTokenFamily> RefreshTokenFamilies => Set<RefreshTokenFamily>();

    /// <summary>Refresh tokens, by hash.</summary>
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    public DbSet<Merchant> Merchants => Set<Merchant>();

    public DbSet<Offer> Offers => Set<Offer>();

    public DbSet<Purchase> Purchases => Set<Purchase>();

    /// <summary>What others claim of purchases that are recorded.</summary>
    public DbSet<RefusedClaim> RefusedClaims => Set<RefusedClaim>();

    /// <summary>What each user has claimed on each day, where that is limited.</summary>
    public DbSet<DailyClaims> DailyClaims => Set<DailyClaims>();

    /// <summary>Claims that exceeded a limit of the day.</summary>
    public DbSet<ExcessClaim> ExcessClaims => Set<ExcessClaim>();

    /// <summary>What each user was credited from each offer in each month; kept by the database.</summary>
    public DbSet<MonthlyCapUsage> MonthlyCapUsages => Set<MonthlyCapUsage>();

    /// <summary>Balances; kept by the database as the projection of the ledger.</summary>
    public DbSet<Wallet> Wallets => Set<Wallet>();

    /// <summary>What the money invariants answered; kept by the database.</summary>
    public DbSet<MoneyCheck> MoneyChecks => Set<MoneyCheck>();

    public DbSet<Payout> Payouts => Set<Payout>();

    /// <summary>Batches of payouts that a bank was told of.</summary>
    public DbSet<PayoutExport> PayoutExports => Set<PayoutExport>();

    public DbSet<FeatureFlag> FeatureFlags => Set<FeatureFlag>();

    /// <summary>Who did what, append-only.</summary>
    public DbSet<AuditLog> AuditLogs => Set<AuditLog>();

    /// <summary>Responses that are stored for retries.</summary>
    public DbSet<StoredResponse> StoredResponses => Set<StoredResponse>();

    /// <summary>What merchants sent.</summary>
    public DbSet<Report> Reports => Set<Report>();

    /// <summary>Reports as files.</summary>
    public DbSet<ReportFile> ReportFiles => Set<ReportFile>();

    /// <summary>What files say.</summary>
    public DbSet<ReportFileRow> ReportFileRows => Set<ReportFileRow>();

    /// <summary>What is wrong with files.</summary>
    public DbSet<ReportFileError> ReportFileErrors => Set<ReportFileError>();

    /// <summary>What merchants said of orders.</summary>
    public DbSet<ReportedTransaction> ReportedTransactions => Set<ReportedTransaction>();

    /// <summary>What administrators decide, or have decided.</summary>
    public DbSet<Case> Cases => Set<Case>();

    /// <summary>What merchants sign their reports with.</summary>
    public DbSet<WebhookSecret> WebhookSecrets => Set<WebhookSecret>();

    /// <summary>What the console's cookies are encrypted with, itself encrypted.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(ClickNBackDbContext).Assembly);
        modelBuilder.UseSnakeCaseNames();
        modelBuilder.CompareIndexedTextByBytes();
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        // What refers to a row that is never deleted needs no index for it; the mappings name the indexes that queries use.
        configurationBuilder.Conventions.Remove<ForeignKeyIndexConvention>();
        configurationBuilder.Properties<Role>().HaveConversion<EnumText<Role>>();
        configurationBuilder.Properties<CashbackType>().HaveConversion<EnumText<CashbackType>>();
        configurationBuilder.Properties<PurchaseStatus>().HaveConversion<EnumText<PurchaseStatus>>();
        configurationBuilder.Properties<PayoutStatus>().HaveConversion<EnumText<PayoutStatus>>();
        configurationBuilder.Properties<PayoutMethod>().HaveConversion<EnumText<PayoutMethod>>();
        configurationBuilder.Properties<HoldReason>().HaveConversion<EnumText<HoldReason>>();
        configurationBuilder.Properties<FlagScope>().HaveConversion<EnumText<FlagScope>>();
        configurationBuilder.Properties<ActorType>().HaveConversion<EnumText<ActorType>>();
        configurationBuilder.Properties<AuditOutcome>().HaveConversion<EnumText<AuditOutcome>>();
        configurationBuilder.Properties<TransactionStatus>().HaveConversion<EnumText<TransactionStatus>>();
        configurationBuilder.Properties<MatchState>().HaveConversion<EnumText<MatchState>>();
        configurationBuilder.Properties<ClaimLimit>().HaveConversion<EnumText<ClaimLimit>>();
        configurationBuilder.Properties<CaseKind>().HaveConversion<EnumText<CaseKind>>();
        configurationBuilder.Properties<CaseDecision>().HaveConversion<EnumText<CaseDecision>>();
    }
}
