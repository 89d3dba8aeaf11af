using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ClickNBack.MigrationService.Migrations
{
    /// <inheritdoc />
    public partial class IndexPurchaseLists : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_purchases_merchant_id",
                table: "purchases");

            migrationBuilder.CreateIndex(
                name: "ix_purchases_merchant_id_created_at_id",
                table: "purchases",
                columns: new[] { "merchant_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_purchases_status_created_at_id",
                table: "purchases",
                columns: new[] { "status", "created_at", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_purchases_merchant_id_created_at_id",
                table: "purchases");

            migrationBuilder.DropIndex(
                name: "ix_purchases_status_created_at_id",
                table: "purchases");

            migrationBuilder.CreateIndex(
                name: "ix_purchases_merchant_id",
                table: "purchases",
                column: "merchant_id");
        }
    }
}
