-- What the database itself guarantees, beyond tables, keys and checks. Every refusal names its rule as the constraint, so
-- that whoever sees the error knows which rule it was. Part of migration Initial; never changed after a release.

-- Refuses with SQLSTATE 23514 (check_violation) under the name of a rule.
CREATE FUNCTION refuse(rule text, on_table text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = on_table, MESSAGE = message;
END $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- History is append-only, for everybody. (The API's role has no right to try.)

CREATE FUNCTION refuse_rewriting_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(TG_NAME, TG_TABLE_NAME, format('%s is append-only', TG_TABLE_NAME));
    RETURN NULL;
END $$;

CREATE TRIGGER tr_ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
CREATE TRIGGER tr_ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
CREATE TRIGGER tr_audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();

-- ---------------------------------------------------------------------------------------------------------------------
-- The ledger: what leaves one account enters another. Checked at commit, when all entries are there.

CREATE FUNCTION refuse_unbalanced_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entries bigint;
    total numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount), 0) INTO entries, total FROM ledger_entries WHERE transaction_id = NEW.id;
    IF entries < 2 OR total <> 0 THEN
        PERFORM refuse('ck_ledger_transactions_balanced', 'ledger_transactions',
            format('the %s entries of ledger transaction %s sum to %s', entries, NEW.id, total));
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tr_ledger_transactions_balanced AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transaction();

-- A committed movement gets no more entries, not even balanced ones: they belong to the database transaction that made it.
ALTER TABLE ledger_transactions ADD COLUMN made_by xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION refuse_late_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id AND made_by <> pg_current_xact_id()) THEN
        PERFORM refuse('ck_ledger_entries_with_their_transaction', 'ledger_entries',
            format('ledger transaction %s is committed', NEW.transaction_id));
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_ledger_entries_with_their_transaction BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_late_entry();

-- ---------------------------------------------------------------------------------------------------------------------
-- Wallets are the projection of the ledger: nobody else writes them. With the owner's rights, as the API has none.

CREATE FUNCTION project_ledger_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    CASE NEW.account
        WHEN 'user_pending' THEN
            UPDATE wallets SET pending_balance = pending_balance + NEW.amount WHERE user_id = NEW.user_id;
        WHEN 'user_available' THEN
            UPDATE wallets SET available_balance = available_balance + NEW.amount WHERE user_id = NEW.user_id;
        WHEN 'paid_out' THEN
            UPDATE wallets SET paid_balance = paid_balance + NEW.amount WHERE user_id = NEW.user_id;
        WHEN 'user_debt' THEN
            UPDATE wallets SET owed_balance = owed_balance - NEW.amount WHERE user_id = NEW.user_id;
        ELSE -- the platform's side carries no running balance: no row is hot for everybody
    END CASE;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_ledger_entries_project AFTER INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION project_ledger_entry();

-- Locks the wallets of the users, in the order of their identifiers so that no two callers wait for each other, and makes
-- those that do not exist.
CREATE FUNCTION lock_wallets(users uuid[]) RETURNS SETOF wallets
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM wallets WHERE user_id = ANY (users)) < cardinality(users) THEN
        INSERT INTO wallets (user_id) SELECT id FROM unnest(users) AS id ORDER BY id ON CONFLICT DO NOTHING;
    END IF;
    RETURN QUERY SELECT * FROM wallets WHERE user_id = ANY (users) ORDER BY user_id FOR NO KEY UPDATE;
END $$;
REVOKE EXECUTE ON FUNCTION lock_wallets FROM PUBLIC;

-- ---------------------------------------------------------------------------------------------------------------------
-- Purchases, cashback and payouts walk along their state machines.

CREATE FUNCTION refuse_impossible_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text := OLD.status || ' -> ' || NEW.status;
BEGIN
    IF NEW.status <> OLD.status AND NOT step = ANY (TG_ARGV) THEN
        PERFORM refuse(format('ck_%s_step', TG_TABLE_NAME), TG_TABLE_NAME, step || ' is no step');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_purchases_step BEFORE UPDATE OF status ON purchases FOR EACH ROW
    EXECUTE FUNCTION refuse_impossible_step(
        'pending -> confirmed', 'pending -> rejected', 'pending -> reversed', 'confirmed -> reversed');
CREATE TRIGGER tr_cashback_transactions_step BEFORE UPDATE OF status ON cashback_transactions FOR EACH ROW
    EXECUTE FUNCTION refuse_impossible_step('pending -> available', 'pending -> reversed', 'available -> reversed');
CREATE TRIGGER tr_payouts_step BEFORE UPDATE OF status ON payouts FOR EACH ROW
    EXECUTE FUNCTION refuse_impossible_step(
        'requested -> processing', 'requested -> completed', 'requested -> failed',
        'processing -> completed', 'processing -> failed');

-- A purchase starts pending, and so does its cashback.
CREATE FUNCTION refuse_other_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> TG_ARGV[0] THEN
        PERFORM refuse(format('ck_%s_start', TG_TABLE_NAME), TG_TABLE_NAME, NEW.status || ' is no start');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_purchases_start BEFORE INSERT ON purchases FOR EACH ROW EXECUTE FUNCTION refuse_other_start('pending');
CREATE TRIGGER tr_cashback_transactions_start BEFORE INSERT ON cashback_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_other_start('pending');
CREATE TRIGGER tr_payouts_start BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION refuse_other_start('requested');

-- What was bought, promised or withdrawn never changes: a statement that so much as names such a column is refused.
CREATE FUNCTION refuse_changed_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(format('ck_%s_facts', TG_TABLE_NAME), TG_TABLE_NAME, format('facts of %s cannot change', TG_TABLE_NAME));
    RETURN NULL;
END $$;

CREATE TRIGGER tr_purchases_facts
    BEFORE UPDATE OF id, external_id, user_id, merchant_id, offer_id, amount, currency, created_at ON purchases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();
CREATE TRIGGER tr_cashback_transactions_facts
    BEFORE UPDATE OF id, user_id, purchase_id, amount, created_at ON cashback_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();
CREATE TRIGGER tr_payouts_facts
    BEFORE UPDATE OF id, user_id, amount, method, details, requested_at ON payouts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();

-- ---------------------------------------------------------------------------------------------------------------------
-- Monthly caps: the cashback of a purchase counts in the month it was recorded, until it is rejected or reversed. The check
-- ck_monthly_cap_usages_within_cap refuses what is over the cap.

CREATE FUNCTION count_against_cap() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO monthly_cap_usages AS usage (user_id, offer_id, month, monthly_cap, credited)
    SELECT purchases.user_id, offers.id, date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')::date,
           offers.monthly_cap, NEW.amount
    FROM purchases JOIN offers ON offers.id = offer_id
    WHERE purchases.id = NEW.purchase_id
    ON CONFLICT (user_id, offer_id, month) DO UPDATE SET credited = usage.credited + EXCLUDED.credited;
    RETURN NULL;
END $$;

CREATE FUNCTION uncount_against_cap() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE monthly_cap_usages AS usage SET credited = credited - NEW.amount
    FROM purchases
    WHERE purchases.id = NEW.purchase_id AND usage.user_id = purchases.user_id AND usage.offer_id = purchases.offer_id
        AND usage.month = date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')::date;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_cashback_transactions_count AFTER INSERT ON cashback_transactions FOR EACH ROW
    WHEN (NEW.amount > 0) EXECUTE FUNCTION count_against_cap();
CREATE TRIGGER tr_cashback_transactions_uncount AFTER UPDATE OF status ON cashback_transactions FOR EACH ROW
    WHEN (NEW.amount > 0 AND NEW.status = 'reversed' AND OLD.status <> 'reversed') EXECUTE FUNCTION uncount_against_cap();

-- ---------------------------------------------------------------------------------------------------------------------
-- The money invariants. All zero, or money is wrong: for tests, for the status page, for alerts and for restored backups.

CREATE FUNCTION money_invariants() RETURNS TABLE (invariant text, violations bigint) LANGUAGE sql STABLE AS $$
    WITH balances AS (
        SELECT user_id,
               coalesce(sum(amount) FILTER (WHERE account = 'user_pending'), 0) AS pending,
               coalesce(sum(amount) FILTER (WHERE account = 'user_available'), 0) AS available,
               coalesce(sum(amount) FILTER (WHERE account = 'paid_out'), 0) AS paid,
               coalesce(-sum(amount) FILTER (WHERE account = 'user_debt'), 0) AS owed
        FROM ledger_entries WHERE user_id IS NOT NULL GROUP BY user_id
    ), cashback AS (
        SELECT user_id,
               coalesce(sum(amount) FILTER (WHERE status = 'pending'), 0) AS pending,
               coalesce(sum(amount) FILTER (WHERE status = 'available'), 0) AS available
        FROM cashback_transactions GROUP BY user_id
    ), withdrawn AS (
        SELECT user_id,
               coalesce(sum(amount) FILTER (WHERE status <> 'failed'), 0) AS out,
               coalesce(sum(amount) FILTER (WHERE status = 'completed'), 0) AS paid
        FROM payouts GROUP BY user_id
    ), wallet AS (
        SELECT wallets.*, coalesce(cashback.pending, 0) AS earned_pending, coalesce(cashback.available, 0) AS earned_available,
               coalesce(withdrawn.out, 0) AS withdrawn, coalesce(withdrawn.paid, 0) AS withdrawn_and_paid
        FROM wallets LEFT JOIN cashback USING (user_id) LEFT JOIN withdrawn USING (user_id)
    ), expected AS (
        SELECT purchases.id, purchases.status, cashback_transactions.status AS cashback_status, cashback_transactions.amount,
               (SELECT string_agg(movement, ',' ORDER BY movement) FROM ledger_transactions WHERE purchase_id = purchases.id) AS movements
        FROM purchases LEFT JOIN cashback_transactions ON purchase_id = purchases.id
    )
    SELECT 'the ledger sums to zero', (coalesce(sum(amount), 0) <> 0)::int::bigint FROM ledger_entries
    UNION ALL
    SELECT 'every ledger transaction sums to zero', count(*)
    FROM (SELECT 1 FROM ledger_entries GROUP BY transaction_id HAVING sum(amount) <> 0) AS unbalanced
    UNION ALL
    SELECT 'wallets are the sums of their entries', count(*)
    FROM wallets FULL JOIN balances USING (user_id)
    WHERE (coalesce(pending_balance, 0), coalesce(available_balance, 0), coalesce(paid_balance, 0), coalesce(owed_balance, 0))
        IS DISTINCT FROM (coalesce(pending, 0), coalesce(available, 0), coalesce(paid, 0), coalesce(owed, 0))
    UNION ALL
    SELECT 'no balance is negative', count(*)
    FROM wallets WHERE least(pending_balance, available_balance, paid_balance, owed_balance) < 0
    UNION ALL
    SELECT 'pending is the sum of pending cashback', count(*) FROM wallet WHERE pending_balance <> earned_pending
    UNION ALL
    SELECT 'available less owed is available cashback less payouts that did not fail', count(*)
    FROM wallet WHERE available_balance - owed_balance <> earned_available - withdrawn
    UNION ALL
    SELECT 'paid is the sum of completed payouts', count(*) FROM wallet WHERE paid_balance <> withdrawn_and_paid
    UNION ALL
    SELECT 'nobody owes and has at once', count(*) FROM wallets WHERE available_balance > 0 AND owed_balance > 0
    UNION ALL
    SELECT 'cashback stands where its purchase does', count(*)
    FROM expected
    WHERE cashback_status IS DISTINCT FROM CASE status WHEN 'pending' THEN 'pending' WHEN 'confirmed' THEN 'available' ELSE 'reversed' END
    UNION ALL
    SELECT 'every purchase with cashback made the movements of its status', count(*)
    FROM expected
    WHERE amount > 0 AND NOT coalesce(movements = ANY (CASE status
        WHEN 'pending' THEN ARRAY['cashback_earned']
        WHEN 'confirmed' THEN ARRAY['cashback_confirmed,cashback_earned']
        WHEN 'rejected' THEN ARRAY['cashback_earned,cashback_rejected']
        ELSE ARRAY['cashback_earned,cashback_reversed', 'cashback_confirmed,cashback_earned,cashback_reversed'] END), false)
    UNION ALL
    SELECT 'every payout made the movements of its status', count(*)
    FROM (
        SELECT status, (SELECT string_agg(movement, ',' ORDER BY movement) FROM ledger_transactions WHERE payout_id = payouts.id) AS movements
        FROM payouts
    ) AS payout
    WHERE movements IS DISTINCT FROM CASE status
        WHEN 'completed' THEN 'payout_completed,payout_requested'
        WHEN 'failed' THEN 'payout_failed,payout_requested'
        ELSE 'payout_requested' END
    UNION ALL
    SELECT 'no monthly cap is exceeded', count(*)
    FROM (
        SELECT sum(cashback_transactions.amount) AS credited, offers.monthly_cap
        FROM cashback_transactions
        JOIN purchases ON purchases.id = purchase_id JOIN offers ON offers.id = offer_id
        WHERE cashback_transactions.status <> 'reversed'
        GROUP BY purchases.user_id, offers.id, date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')
    ) AS month
    WHERE credited > monthly_cap
$$;
