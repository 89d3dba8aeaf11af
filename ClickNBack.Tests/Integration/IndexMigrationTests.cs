using ClickNBack.Api.Persistence;
using ClickNBack.MigrationService;
using ClickNBack.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ClickNBack.Tests.Integration;

/// <summary>An index on a table with rows is built beside the traffic.</summary>
public sealed class IndexMigrationTests
{
    private const string Valid =
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_purchases_amount')";

    [Fact]
    public async Task It_blocks_neither_reads_nor_writes_and_is_built_anew_after_a_kill()
    {
        await using var database = await TestDatabase.CreateWithDemoAsync();
        await using var reporting = await database.OpenAsOwnerAsync();
        await using (var transaction = await reporting.BeginTransactionAsync())
        {
            await using var query = new NpgsqlCommand("UPDATE purchases SET resolved_at = resolved_at", reporting);
            await query.ExecuteNonQueryAsync();
            var killed = MigrateAsync();
            await database.SomebodyWaitsForAsync(reporting);

            await database.ExecuteAsync(
                "SET lock_timeout = '1s'; UPDATE purchases SET resolved_at = resolved_at WHERE false"
            );
            Assert.NotEmpty(await database.RowsAsync("SELECT id FROM purchases"));
            await database.ExecuteAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))",
                reporting.ProcessID
            );
            await Assert.ThrowsAnyAsync<Exception>(() => killed);
        }

        Assert.Equal(["False"], await database.RowsAsync(Valid));

        await MigrateAsync();

        Assert.Equal(["True"], await database.RowsAsync(Valid));
        Assert.Equal(
            ["29991231000000_BuildIndex"],
            await database.RowsAsync("SELECT max(\"MigrationId\") FROM \"__EFMigrationsHistory\"")
        );

        async Task MigrateAsync()
        {
            await using var owner = new ClickNBackDbContext(
                new DbContextOptionsBuilder<ClickNBackDbContext>()
                    .UseNpgsql(
                        new NpgsqlConnectionStringBuilder(database.OwnerConnectionString)
                        {
                            Pooling = false,
                        }.ConnectionString,
                        it => it.MigrationsAssembly(typeof(BuildIndex).Assembly.GetName().Name)
                    )
                    .Options
            );
            await owner.Database.OpenConnectionAsync();
            var migrator = new Migrator(
                owner,
                Options.Create(new DatabaseOptions()),
                TimeProvider.System,
                NullLogger<Migrator>.Instance
            );
            await migrator.MigrateAsync(CancellationToken.None);
        }
    }
}

/// <summary>A migration of a later release.</summary>
[DbContext(typeof(ClickNBackDbContext))]
[Migration("29991231000000_BuildIndex")]
public sealed class BuildIndex : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.RunScript(this);
}
