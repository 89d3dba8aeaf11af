using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore.Design;

namespace ClickNBack.MigrationService;

/// <summary>How <c>dotnet ef</c> sees the model: without any database.</summary>
internal sealed class DesignTimeDbContextFactory : IDesignTimeDbContextFactory<ClickNBackDbContext>
{
    public ClickNBackDbContext CreateDbContext(string[] args) => OwnerDatabase.CreateContext("Host=nowhere");
}
