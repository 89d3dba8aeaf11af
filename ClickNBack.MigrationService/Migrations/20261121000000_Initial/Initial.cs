using ClickNBack.Api.Persistence;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClickNBack.MigrationService.Migrations;

/// <summary>The whole schema: <c>up.sql</c>, beside this file.</summary>
[DbContext(typeof(ClickNBackDbContext))]
[Migration(Initial.Id)]
internal sealed class Initial : Migration
{
    internal const string Id = "20261121000000_Initial";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.RunScript(this);
}
