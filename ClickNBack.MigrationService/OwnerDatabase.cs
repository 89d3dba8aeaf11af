using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ClickNBack.MigrationService;

/// <summary>The database as its owner sees it: with this assembly's migrations.</summary>
internal static class OwnerDatabase
{
    public static ClickNBackDbContext CreateContext(string connectionString) =>
        new(
            new DbContextOptionsBuilder<ClickNBackDbContext>()
                .UseNpgsql(
                    Unpooled(connectionString),
                    npgsql => npgsql.MigrationsAssembly(typeof(OwnerDatabase).Assembly.GetName().Name)
                )
                .Options
        );

    // A worker's lock lives as long as its connection, which a pool would keep open. How long a statement may take is for
    // whoever runs the worker to say (statement_timeout, in PGOPTIONS): a table is as large as it is.
    private static string Unpooled(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString;
}
