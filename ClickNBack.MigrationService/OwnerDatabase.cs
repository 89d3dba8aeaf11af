using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore;

namespace ClickNBack.MigrationService;

/// <summary>The database as its owner sees it: with this assembly's migrations.</summary>
public static class OwnerDatabase
{
    /// <summary>A context that migrates.</summary>
    public static ClickNBackDbContext CreateContext(string connectionString) =>
        new(
            new DbContextOptionsBuilder<ClickNBackDbContext>()
                .UseNpgsql(
                    connectionString,
                    npgsql => npgsql.MigrationsAssembly(typeof(OwnerDatabase).Assembly.GetName().Name)
                )
                .Options
        );
}
