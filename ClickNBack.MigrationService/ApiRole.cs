using Npgsql;

namespace ClickNBack.MigrationService;

/// <summary>
/// The role as which the API connects: no superuser, no DDL, and of each table only what the API does with it. What it
/// cannot do, a bug or an intruder in the API cannot do either.
/// </summary>
public static class ApiRole
{
    /// <summary>The role's name.</summary>
    public const string Name = "clicknback_api";

    // Wallets, cap usages and money checks are kept by the database: reading is all there is to grant. Nobody becomes an administrator
    // through the API.
    private const string Grants = $"""
        GRANT USAGE ON SCHEMA public TO {Name};
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO {Name};
        GRANT INSERT (id, email, normalized_email, password_hash, active, created_at) ON users TO {Name};
        GRANT INSERT ON refresh_token_families, refresh_tokens, merchants, offers, purchases,
            cashback_transactions, payouts, feature_flags, audit_logs, ledger_entries, idempotency_keys TO {Name};
        GRANT INSERT (id, movement, purchase_id, payout_id, audit_log_id, occurred_at) ON ledger_transactions TO {Name};
        GRANT UPDATE (revoked_at) ON refresh_token_families TO {Name};
        GRANT UPDATE (used_at) ON refresh_tokens TO {Name};
        GRANT UPDATE (active) ON merchants, offers TO {Name};
        GRANT UPDATE (status, cashback_amount, resolved_at, verification_failures, next_verification_at)
            ON purchases TO {Name};
        GRANT UPDATE (status) ON cashback_transactions TO {Name};
        GRANT UPDATE (status, processed_at, external_reference) ON payouts TO {Name};
        GRANT UPDATE (enabled, description, updated_at), DELETE ON feature_flags TO {Name};
        GRANT DELETE ON idempotency_keys TO {Name};
        GRANT EXECUTE ON FUNCTION lock_wallets, check_money TO {Name};
        """;

    /// <summary>Makes the role if it is missing, sets its password, and grants exactly what is listed here.</summary>
    public static async Task EnsureAsync(NpgsqlConnection owner, string password, CancellationToken cancel)
    {
        await using var transaction = await owner.BeginTransactionAsync(cancel);

        // The password must not get into the server's log, not even of a statement that fails, so it comes as a parameter.
        await using (
            var setting = new NpgsqlCommand("SELECT set_config('clicknback.password', $1, true)", owner)
            {
                Parameters = { new() { Value = password } },
            }
        )
        {
            await setting.ExecuteNonQueryAsync(cancel);
        }

        // Roles belong to the whole server: another database's worker may be at the same one, and there is no lock that both
        // could take. PostgreSQL then refuses one of them, which tries again.
        await ExecuteAsync(
            $"""
            DO $$
            BEGIN
                FOR attempt IN 1..100 LOOP
                    BEGIN
                        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{Name}') THEN
                            CREATE ROLE {Name};
                        END IF;
                        EXECUTE format(
                            'ALTER ROLE {Name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L',
                            current_setting('clicknback.password'));
                        EXIT;
                    EXCEPTION WHEN internal_error OR unique_violation OR duplicate_object THEN
                        IF attempt = 100 THEN
                            RAISE;
                        END IF;
                        PERFORM pg_sleep(0.01);
                    END;
                END LOOP;
                EXECUTE format('GRANT CONNECT ON DATABASE %I TO {Name}', current_database());
                EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
            END $$;
            REVOKE CREATE ON SCHEMA public FROM PUBLIC;
            REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {Name};
            {Grants}
            """
        );
        await transaction.CommitAsync(cancel);

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, owner);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
