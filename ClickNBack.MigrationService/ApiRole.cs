using Npgsql;

namespace ClickNBack.MigrationService;

/// <summary>
/// The role as which the API connects: no superuser, no DDL, and of each table only what the API does with it; settings
/// of its own it loses. What it cannot do, a bug or an intruder in the API cannot do either.
/// </summary>
internal static class ApiRole
{
    public const string Name = "clicknback_api";

    // Wallets, cap usages, money checks and where purchases and payouts stand are kept by the database: reading is all there is
    // to grant, but for the steps that move no money. Nobody becomes an administrator through the API, and where a payout
    // goes to it can forget, but not change. What is held it can release by a function alone, as an administrator and audited.
    private const string Grants = $"""
        GRANT USAGE ON SCHEMA public TO {Name};
        GRANT SELECT ON users, refresh_token_families, refresh_tokens, merchants, offers, offers_version, purchases,
            monthly_cap_usages, wallets, transfers, money_checks, feature_flags, audit_logs, idempotency_keys, webhook_secrets,
            reports, reported_transactions, cases, payout_exports, refused_claims, daily_claims, excess_claims,
            report_files, report_file_rows, report_file_errors, wallets_by_transfers, "__EFMigrationsHistory" TO {Name};
        GRANT SELECT (id, user_id, amount, status, method, destination, requested_at, processed_at, external_reference,
            export_id, destination_fingerprint, held_for) ON payouts TO {Name};
        GRANT INSERT (id, email, normalized_email, password_hash, active, created_at) ON users TO {Name};
        GRANT INSERT ON refresh_token_families, refresh_tokens, merchants, offers, feature_flags, audit_logs,
            idempotency_keys, payout_exports TO {Name};
        GRANT INSERT (id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, created_at, next_verification_at)
            ON purchases TO {Name};
        GRANT INSERT (id, user_id, amount, method, destination, requested_at, destination_fingerprint, held_for)
            ON payouts TO {Name};
        GRANT INSERT (movement, from_account, to_account, amount, user_id, merchant_id, purchase_id, payout_id, audit_log_id,
            occurred_at) ON transfers TO {Name};
        GRANT UPDATE (password_hash, active) ON users TO {Name};
        GRANT UPDATE (revoked_at) ON refresh_token_families TO {Name};
        GRANT INSERT ON daily_claims, excess_claims TO {Name};
        GRANT UPDATE (claims, amount, max_claims, max_amount) ON daily_claims TO {Name};
        GRANT INSERT ON webhook_secrets, reports, refused_claims, report_file_rows, report_file_errors TO {Name};
        GRANT INSERT (id, merchant_id, name, uploaded_by, uploaded_at),
            UPDATE (row_count, wrong_count, hash, read_at, confirmed_by, confirmed_at, report_id) ON report_files TO {Name};
        GRANT UPDATE (revoked_at) ON webhook_secrets TO {Name};
        GRANT INSERT (id, report_id, merchant_id, order_reference, amount, currency, status, reported_at, reason, due_at),
            UPDATE (state, due_at, case_id) ON reported_transactions TO {Name};
        GRANT INSERT (id, kind, purchase_id, user_id, day, opened_at), UPDATE (decided_at, decided_by, decision, note)
            ON cases TO {Name};
        GRANT UPDATE (used_at) ON refresh_tokens TO {Name};
        GRANT UPDATE (active) ON merchants, offers TO {Name};
        GRANT UPDATE (status, resolved_at, verification_failures, next_verification_at) ON purchases TO {Name};
        GRANT UPDATE (status, destination, external_reference, export_id) ON payouts TO {Name};
        GRANT UPDATE (enabled, description, updated_at), DELETE ON feature_flags TO {Name};
        GRANT DELETE ON idempotency_keys TO {Name};
        GRANT SELECT, INSERT ON data_protection_keys TO {Name};
        GRANT EXECUTE ON FUNCTION lock_wallets, check_money, delete_expired, erase_user, release_payout TO {Name};
        """;

    // Nobody waits for ever. Kept by the role and not asked for by each connection: a pooler between the two would refuse that.
    // What the role has set for itself it loses.
    private static string Limits(string login) =>
        $"""
            ALTER ROLE {login} RESET ALL;
            EXECUTE format('ALTER ROLE {login} IN DATABASE %I RESET ALL', current_database());
            ALTER ROLE {login} SET statement_timeout = '15s';
            ALTER ROLE {login} SET lock_timeout = '10s';
            ALTER ROLE {login} SET idle_in_transaction_session_timeout = '30s';
            """;

    private static string Make(string role) =>
        $"""
            IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role};
            END IF;
            IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}'
                AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)) THEN
                ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
            END IF;
            """;

    /// <summary>
    /// Makes the role if it is missing, and the one that logs in, which is either the role itself or a member of it that has no
    /// right of its own; sets that one's password and limits. Needs <c>CREATEROLE</c> and no superuser. The password itself
    /// reaches neither the server nor a log.
    /// </summary>
    /// <exception cref="RoleIsNotOursException">Whoever migrates may not make or change the role.</exception>
    public static async Task EnsureLoginAsync(
        NpgsqlConnection owner,
        string login,
        string password,
        CancellationToken cancel
    )
    {
        var membership = login == Name ? "" : $"{Make(login)} GRANT {Name} TO {login};";
        await using var transaction = await owner.BeginTransactionAsync(cancel);
        try
        {
            // Roles belong to the whole server: another database's worker may be at the same one, and there is no lock that both
            // could take. PostgreSQL then refuses one of them, which tries again.
            await ExecuteAsync(
                owner,
                $"""
                DO $$
                BEGIN
                    FOR attempt IN 1..100 LOOP
                        BEGIN
                            {Make(Name)}
                            {membership}
                            ALTER ROLE {login} LOGIN PASSWORD '{ScramVerifier.Of(password)}';
                            {Limits(login)}
                            EXIT;
                        EXCEPTION WHEN internal_error OR unique_violation OR duplicate_object THEN
                            IF attempt = 100 THEN
                                RAISE;
                            END IF;
                            PERFORM pg_sleep(0.01);
                        END;
                    END LOOP;
                END $$;
                """,
                cancel
            );
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new RoleIsNotOursException(owner.UserName, refused.MessageText);
        }

        await transaction.CommitAsync(cancel);
    }

    /// <summary>Grants the role exactly what is listed here.</summary>
    public static async Task GrantAsync(NpgsqlConnection owner, CancellationToken cancel)
    {
        await using var transaction = await owner.BeginTransactionAsync(cancel);
        await ExecuteAsync(
            owner,
            $"""
            DO $$
            BEGIN
                EXECUTE format('GRANT CONNECT ON DATABASE %I TO {Name}', current_database());
                EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
            END $$;
            REVOKE CREATE ON SCHEMA public FROM PUBLIC;
            REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {Name};
            {Grants}
            """,
            cancel
        );
        await transaction.CommitAsync(cancel);
    }

    private static async Task ExecuteAsync(NpgsqlConnection owner, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, owner);
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>The API's role cannot be made or changed by whoever migrates.</summary>
/// <param name="owner">As whom the worker is connected.</param>
/// <param name="reason">What PostgreSQL says.</param>
internal sealed class RoleIsNotOursException(string? owner, string reason)
    : Exception(
        $"The role {owner} cannot make or change {ApiRole.Name} ({reason}): it needs CREATEROLE, and from PostgreSQL 16 on "
            + $"ADMIN OPTION on an {ApiRole.Name} that somebody else has made."
    );
