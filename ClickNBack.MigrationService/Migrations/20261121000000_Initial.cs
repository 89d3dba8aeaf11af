using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ClickNBack.MigrationService.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit_logs",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    occurred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor_type = table.Column<string>(type: "text", nullable: false),
                    actor_id = table.Column<Guid>(type: "uuid", nullable: true),
                    action = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    resource_type = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    resource_id = table.Column<Guid>(type: "uuid", nullable: false),
                    outcome = table.Column<string>(type: "text", nullable: false),
                    details = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_logs", x => x.id);
                    table.CheckConstraint("ck_audit_logs_actor", "(actor_type = 'system') = (actor_id IS NULL)");
                    table.CheckConstraint("ck_audit_logs_actor_type", "actor_type IN ('system', 'admin', 'user')");
                    table.CheckConstraint("ck_audit_logs_outcome", "outcome IN ('success', 'failure')");
                });

            migrationBuilder.CreateTable(
                name: "feature_flags",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    scope_type = table.Column<string>(type: "text", nullable: false),
                    scope_id = table.Column<Guid>(type: "uuid", nullable: true),
                    description = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    updated_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feature_flags", x => x.id);
                    table.CheckConstraint("ck_feature_flags_key", "key ~ '^[a-z][a-z0-9_]*$'");
                    table.CheckConstraint("ck_feature_flags_scope_id", "(scope_type = 'global') = (scope_id IS NULL)");
                    table.CheckConstraint("ck_feature_flags_scope_type", "scope_type IN ('global', 'merchant', 'user')");
                });

            migrationBuilder.CreateTable(
                name: "merchants",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    default_cashback_percentage = table.Column<decimal>(type: "numeric", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_merchants", x => x.id);
                    table.CheckConstraint("ck_merchants_default_cashback_percentage", "default_cashback_percentage BETWEEN 0 AND 100");
                    table.CheckConstraint("ck_merchants_name", "btrim(name) <> ''");
                });

            migrationBuilder.CreateTable(
                name: "users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    normalized_email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false, defaultValue: "user"),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_users", x => x.id);
                    table.CheckConstraint("ck_users_role", "role IN ('user', 'admin')");
                });

            migrationBuilder.CreateTable(
                name: "offers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    cashback_type = table.Column<string>(type: "text", nullable: false),
                    cashback_value = table.Column<decimal>(type: "numeric", nullable: false),
                    start_date = table.Column<DateOnly>(type: "date", nullable: false),
                    end_date = table.Column<DateOnly>(type: "date", nullable: false),
                    monthly_cap = table.Column<decimal>(type: "numeric", nullable: false),
                    active = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_offers", x => x.id);
                    table.UniqueConstraint("ak_offers_id_merchant_id", x => new { x.id, x.merchant_id });
                    table.UniqueConstraint("ak_offers_id_monthly_cap", x => new { x.id, x.monthly_cap });
                    table.CheckConstraint("ck_offers_cashback_type", "cashback_type IN ('percent', 'fixed')");
                    table.CheckConstraint("ck_offers_cashback_value", "cashback_value > 0 AND cashback_value <= 9999999999.99");
                    table.CheckConstraint("ck_offers_dates", "end_date >= start_date");
                    table.CheckConstraint("ck_offers_monthly_cap", "monthly_cap = round(monthly_cap, 2) AND monthly_cap <> 'NaN' AND monthly_cap > 0 AND monthly_cap <= 9999999999.99");
                    table.CheckConstraint("ck_offers_percentage", "cashback_type <> 'percent' OR cashback_value <= 100");
                    table.ForeignKey(
                        name: "fk_offers_merchant_id",
                        column: x => x.merchant_id,
                        principalTable: "merchants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "idempotency_keys",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    fingerprint = table.Column<byte[]>(type: "bytea", nullable: false),
                    status_code = table.Column<int>(type: "integer", nullable: false),
                    location = table.Column<string>(type: "text", nullable: true),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_idempotency_keys", x => new { x.user_id, x.key });
                    table.CheckConstraint("ck_idempotency_keys_fingerprint", "octet_length(fingerprint) = 32");
                    table.CheckConstraint("ck_idempotency_keys_key", "key <> ''");
                    table.ForeignKey(
                        name: "fk_idempotency_keys_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "payouts",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    amount = table.Column<decimal>(type: "numeric", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    method = table.Column<string>(type: "text", nullable: false),
                    details = table.Column<string>(type: "jsonb", nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    processed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    external_reference = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_payouts", x => x.id);
                    table.UniqueConstraint("ak_payouts_id_user_id", x => new { x.id, x.user_id });
                    table.CheckConstraint("ck_payouts_amount", "amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99");
                    table.CheckConstraint("ck_payouts_method", "method IN ('bank_transfer', 'card')");
                    table.CheckConstraint("ck_payouts_processed_at", "(status IN ('completed', 'failed')) = (processed_at IS NOT NULL)");
                    table.CheckConstraint("ck_payouts_status", "status IN ('requested', 'processing', 'completed', 'failed')");
                    table.ForeignKey(
                        name: "fk_payouts_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "refresh_token_families",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_refresh_token_families", x => x.id);
                    table.ForeignKey(
                        name: "fk_refresh_token_families_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "wallets",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    pending_balance = table.Column<decimal>(type: "numeric", nullable: false, defaultValue: 0m),
                    available_balance = table.Column<decimal>(type: "numeric", nullable: false, defaultValue: 0m),
                    paid_balance = table.Column<decimal>(type: "numeric", nullable: false, defaultValue: 0m),
                    owed_balance = table.Column<decimal>(type: "numeric", nullable: false, defaultValue: 0m)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_wallets", x => x.user_id);
                    table.CheckConstraint("ck_wallets_available_balance", "available_balance = round(available_balance, 2) AND available_balance <> 'NaN' AND available_balance >= 0");
                    table.CheckConstraint("ck_wallets_owed_balance", "owed_balance = round(owed_balance, 2) AND owed_balance <> 'NaN' AND owed_balance >= 0");
                    table.CheckConstraint("ck_wallets_paid_balance", "paid_balance = round(paid_balance, 2) AND paid_balance <> 'NaN' AND paid_balance >= 0");
                    table.CheckConstraint("ck_wallets_pending_balance", "pending_balance = round(pending_balance, 2) AND pending_balance <> 'NaN' AND pending_balance >= 0");
                    table.ForeignKey(
                        name: "fk_wallets_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "monthly_cap_usages",
                columns: table => new
                {
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    offer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    month = table.Column<DateOnly>(type: "date", nullable: false),
                    monthly_cap = table.Column<decimal>(type: "numeric", nullable: false),
                    credited = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_monthly_cap_usages", x => new { x.user_id, x.offer_id, x.month });
                    table.CheckConstraint("ck_monthly_cap_usages_credited", "credited = round(credited, 2) AND credited <> 'NaN' AND credited >= 0");
                    table.CheckConstraint("ck_monthly_cap_usages_month", "extract(day FROM month) = 1");
                    table.CheckConstraint("ck_monthly_cap_usages_within_cap", "credited <= monthly_cap");
                    table.ForeignKey(
                        name: "fk_monthly_cap_usages_offer_id_monthly_cap",
                        columns: x => new { x.offer_id, x.monthly_cap },
                        principalTable: "offers",
                        principalColumns: new[] { "id", "monthly_cap" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_monthly_cap_usages_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "purchases",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    external_id = table.Column<string>(type: "character varying(255)", maxLength: 255, nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    merchant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    offer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    amount = table.Column<decimal>(type: "numeric", nullable: false),
                    cashback_amount = table.Column<decimal>(type: "numeric", nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    resolved_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    verification_failures = table.Column<int>(type: "integer", nullable: false),
                    next_verification_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_purchases", x => x.id);
                    table.UniqueConstraint("ak_purchases_id_user_id", x => new { x.id, x.user_id });
                    table.CheckConstraint("ck_purchases_amount", "amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99");
                    table.CheckConstraint("ck_purchases_cashback_amount", "cashback_amount = round(cashback_amount, 2) AND cashback_amount <> 'NaN' AND cashback_amount BETWEEN 0 AND 9999999999.99");
                    table.CheckConstraint("ck_purchases_currency", "currency = 'EUR'");
                    table.CheckConstraint("ck_purchases_external_id", "external_id <> ''");
                    table.CheckConstraint("ck_purchases_resolved_at", "(status = 'pending') = (resolved_at IS NULL)");
                    table.CheckConstraint("ck_purchases_reversed_earns_nothing", "status <> 'reversed' OR cashback_amount = 0");
                    table.CheckConstraint("ck_purchases_status", "status IN ('pending', 'confirmed', 'rejected', 'reversed')");
                    table.CheckConstraint("ck_purchases_verification_failures", "verification_failures >= 0");
                    table.ForeignKey(
                        name: "fk_purchases_merchant_id",
                        column: x => x.merchant_id,
                        principalTable: "merchants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_purchases_offer_id_merchant_id",
                        columns: x => new { x.offer_id, x.merchant_id },
                        principalTable: "offers",
                        principalColumns: new[] { "id", "merchant_id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_purchases_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "refresh_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    family_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    token_hash = table.Column<string>(type: "text", nullable: false),
                    issued_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    rotation_count = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_refresh_tokens", x => x.id);
                    table.CheckConstraint("ck_refresh_tokens_lifetime", "expires_at > issued_at");
                    table.CheckConstraint("ck_refresh_tokens_token_hash", "token_hash ~ '^[0-9a-f]{64}$'");
                    table.ForeignKey(
                        name: "fk_refresh_tokens_family_id",
                        column: x => x.family_id,
                        principalTable: "refresh_token_families",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_refresh_tokens_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "cashback_transactions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    purchase_id = table.Column<Guid>(type: "uuid", nullable: false),
                    amount = table.Column<decimal>(type: "numeric", nullable: false),
                    status = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_cashback_transactions", x => x.id);
                    table.CheckConstraint("ck_cashback_transactions_amount", "amount = round(amount, 2) AND amount <> 'NaN' AND amount BETWEEN 0 AND 9999999999.99");
                    table.CheckConstraint("ck_cashback_transactions_status", "status IN ('pending', 'available', 'reversed')");
                    table.ForeignKey(
                        name: "fk_cashback_transactions_purchase_id_user_id",
                        columns: x => new { x.purchase_id, x.user_id },
                        principalTable: "purchases",
                        principalColumns: new[] { "id", "user_id" },
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_cashback_transactions_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_transactions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    movement = table.Column<string>(type: "text", nullable: false),
                    purchase_id = table.Column<Guid>(type: "uuid", nullable: true),
                    payout_id = table.Column<Guid>(type: "uuid", nullable: true),
                    audit_log_id = table.Column<Guid>(type: "uuid", nullable: false),
                    occurred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_transactions", x => x.id);
                    table.CheckConstraint("ck_ledger_transactions_movement", "movement IN ('cashback_earned', 'cashback_confirmed', 'cashback_rejected', 'cashback_reversed', 'payout_requested', 'payout_completed', 'payout_failed')");
                    table.CheckConstraint("ck_ledger_transactions_subject", "num_nonnulls(purchase_id, payout_id) = 1");
                    table.ForeignKey(
                        name: "fk_ledger_transactions_audit_log_id",
                        column: x => x.audit_log_id,
                        principalTable: "audit_logs",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_ledger_transactions_payout_id",
                        column: x => x.payout_id,
                        principalTable: "payouts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_ledger_transactions_purchase_id",
                        column: x => x.purchase_id,
                        principalTable: "purchases",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ledger_entries",
                columns: table => new
                {
                    transaction_id = table.Column<Guid>(type: "uuid", nullable: false),
                    account = table.Column<string>(type: "text", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: true),
                    merchant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    amount = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ledger_entries", x => new { x.transaction_id, x.account });
                    table.CheckConstraint("ck_ledger_entries_account", "account IN ('merchant_receivable', 'user_pending', 'user_available', 'user_debt', 'payout_in_transit', 'paid_out')");
                    table.CheckConstraint("ck_ledger_entries_amount", "amount = round(amount, 2) AND amount <> 'NaN' AND amount <> 0 AND abs(amount) <= 9999999999.99");
                    table.CheckConstraint("ck_ledger_entries_owner", "CASE account WHEN 'merchant_receivable' THEN merchant_id IS NOT NULL AND user_id IS NULL ELSE user_id IS NOT NULL AND merchant_id IS NULL END");
                    table.ForeignKey(
                        name: "fk_ledger_entries_merchant_id",
                        column: x => x.merchant_id,
                        principalTable: "merchants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_ledger_entries_transaction_id",
                        column: x => x.transaction_id,
                        principalTable: "ledger_transactions",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_ledger_entries_user_id",
                        column: x => x.user_id,
                        principalTable: "wallets",
                        principalColumn: "user_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "ix_audit_logs_action_occurred_at",
                table: "audit_logs",
                columns: new[] { "action", "occurred_at" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_logs_actor_id_occurred_at",
                table: "audit_logs",
                columns: new[] { "actor_id", "occurred_at" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_logs_occurred_at_id",
                table: "audit_logs",
                columns: new[] { "occurred_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_audit_logs_resource_type_resource_id",
                table: "audit_logs",
                columns: new[] { "resource_type", "resource_id" });

            migrationBuilder.CreateIndex(
                name: "ix_cashback_transactions_user_id_created_at_id",
                table: "cashback_transactions",
                columns: new[] { "user_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ux_cashback_transactions_purchase_id_user_id",
                table: "cashback_transactions",
                columns: new[] { "purchase_id", "user_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ux_feature_flags_key_scope_type_scope_id",
                table: "feature_flags",
                columns: new[] { "key", "scope_type", "scope_id" },
                unique: true)
                .Annotation("Npgsql:NullsDistinct", false);

            migrationBuilder.CreateIndex(
                name: "ix_idempotency_keys_created_at",
                table: "idempotency_keys",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_merchant_id",
                table: "ledger_entries",
                column: "merchant_id");

            migrationBuilder.CreateIndex(
                name: "ix_ledger_entries_user_id",
                table: "ledger_entries",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ux_ledger_transactions_audit_log_id",
                table: "ledger_transactions",
                column: "audit_log_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ux_ledger_transactions_payout_id_movement",
                table: "ledger_transactions",
                columns: new[] { "payout_id", "movement" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ux_ledger_transactions_purchase_id_movement",
                table: "ledger_transactions",
                columns: new[] { "purchase_id", "movement" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ux_merchants_name",
                table: "merchants",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_monthly_cap_usages_offer_id_monthly_cap",
                table: "monthly_cap_usages",
                columns: new[] { "offer_id", "monthly_cap" });

            migrationBuilder.CreateIndex(
                name: "ix_offers_merchant_id",
                table: "offers",
                column: "merchant_id");

            migrationBuilder.CreateIndex(
                name: "ux_offers_one_active_per_merchant",
                table: "offers",
                column: "merchant_id",
                unique: true,
                filter: "active");

            migrationBuilder.CreateIndex(
                name: "ix_payouts_status_requested_at_id",
                table: "payouts",
                columns: new[] { "status", "requested_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_payouts_user_id_requested_at_id",
                table: "payouts",
                columns: new[] { "user_id", "requested_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_purchases_created_at_id",
                table: "purchases",
                columns: new[] { "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_purchases_merchant_id",
                table: "purchases",
                column: "merchant_id");

            migrationBuilder.CreateIndex(
                name: "ix_purchases_next_verification_at",
                table: "purchases",
                column: "next_verification_at",
                filter: "status = 'pending'");

            migrationBuilder.CreateIndex(
                name: "ix_purchases_offer_id_merchant_id",
                table: "purchases",
                columns: new[] { "offer_id", "merchant_id" });

            migrationBuilder.CreateIndex(
                name: "ix_purchases_user_id_created_at_id",
                table: "purchases",
                columns: new[] { "user_id", "created_at", "id" });

            migrationBuilder.CreateIndex(
                name: "ux_purchases_external_id",
                table: "purchases",
                column: "external_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_refresh_token_families_user_id",
                table: "refresh_token_families",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_refresh_tokens_expires_at",
                table: "refresh_tokens",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_refresh_tokens_family_id",
                table: "refresh_tokens",
                column: "family_id");

            migrationBuilder.CreateIndex(
                name: "ix_refresh_tokens_user_id",
                table: "refresh_tokens",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ux_refresh_tokens_token_hash",
                table: "refresh_tokens",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ux_users_normalized_email",
                table: "users",
                column: "normalized_email",
                unique: true);

            migrationBuilder.RunScript("Initial.sql");
        }
    }
}
