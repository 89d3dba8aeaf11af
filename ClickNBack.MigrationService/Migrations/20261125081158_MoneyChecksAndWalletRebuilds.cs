using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ClickNBack.MigrationService.Migrations
{
    /// <inheritdoc />
    public partial class MoneyChecksAndWalletRebuilds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "money_checks",
                columns: table => new
                {
                    checked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    took = table.Column<TimeSpan>(type: "interval", nullable: false),
                    ledger_imbalance = table.Column<decimal>(type: "numeric", nullable: false),
                    violations = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_money_checks", x => x.checked_at);
                });

            migrationBuilder.RunScript("MoneyChecksAndWalletRebuilds.sql");
        }
    }
}
