-- What watches over the money and mends it. Part of migration MoneyChecksAndWalletRebuilds; never changed after a release.

-- Asks the money invariants and keeps the answer, unless there is one that is young enough: younger than asked for, or
-- younger than 20 times what it took, so that a large database spends no more than a twentieth of its time on it. Only one
-- process at a time. With the owner's rights: nobody else writes answers. Answers whether it asked.
CREATE FUNCTION check_money(every interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    started timestamptz := clock_timestamp();
    imbalance numeric;
    answer jsonb;
BEGIN
    IF NOT pg_try_advisory_xact_lock('money_checks'::regclass::oid::bigint) THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT 1 FROM money_checks WHERE checked_at + greatest(every, 20 * took) > started) THEN
        RETURN false;
    END IF;

    SELECT coalesce(sum(amount), 0) INTO imbalance FROM ledger_entries;
    SELECT jsonb_object_agg(invariant, violations) INTO answer FROM money_invariants();
    INSERT INTO money_checks (checked_at, took, ledger_imbalance, violations)
    VALUES (started, clock_timestamp() - started, imbalance, answer);
    DELETE FROM money_checks WHERE checked_at < started - interval '30 days';
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION check_money FROM PUBLIC;

-- Where each rebuild of the wallets is: one that was interrupted goes on from there. The migration worker's own.
CREATE TABLE wallet_rebuilds (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_wallet_rebuilds PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    last_user_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    examined bigint NOT NULL DEFAULT 0,
    corrected bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);
CREATE UNIQUE INDEX ux_wallet_rebuilds_one_at_a_time ON wallet_rebuilds ((true)) WHERE finished_at IS NULL;
