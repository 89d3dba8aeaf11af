using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ClickNBack.MigrationService.Migrations
{
    /// <inheritdoc />
    public partial class AuditedMovements : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RunScript("AuditedMovements.sql");
        }
    }
}
