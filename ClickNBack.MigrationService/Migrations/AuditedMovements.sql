-- Every movement of money is audited exactly once, as what it is. (The foreign key and the unique index say already that each
-- has an audit row of its own.) Part of migration AuditedMovements; never changed after a release.

-- Movements whose audit row is missing or tells of something else.
CREATE VIEW misaudited_movements AS
SELECT moved.id
FROM ledger_transactions AS moved
LEFT JOIN audit_logs AS audit ON audit.id = moved.audit_log_id
LEFT JOIN purchases ON purchases.id = moved.purchase_id
WHERE (audit.outcome, audit.action, audit.resource_type, audit.resource_id) IS DISTINCT FROM ('success',
        CASE moved.movement
            WHEN 'cashback_earned' THEN 'CASHBACK_CREDITED'
            WHEN 'cashback_confirmed' THEN 'PURCHASE_CONFIRMED'
            WHEN 'cashback_rejected' THEN 'PURCHASE_REJECTED'
            WHEN 'cashback_reversed' THEN 'PURCHASE_REVERSED'
            WHEN 'payout_requested' THEN 'WITHDRAWAL_REQUESTED'
            ELSE 'WITHDRAWAL_PROCESSED'
        END,
        CASE WHEN moved.movement = 'cashback_earned' THEN 'wallet' WHEN moved.payout_id IS NULL THEN 'purchase' ELSE 'payout' END,
        CASE WHEN moved.movement = 'cashback_earned' THEN purchases.user_id ELSE coalesce(moved.purchase_id, moved.payout_id) END)
    OR (audit.action = 'WITHDRAWAL_PROCESSED' AND 'payout_' || (audit.details ->> 'status') <> moved.movement);

-- Audit rows that tell of a movement there is not. (Where there is no cashback, a purchase moves nothing; nor does a payout
-- that is merely being processed.)
CREATE VIEW unmoved_audit_logs AS
SELECT audit.id
FROM audit_logs AS audit
LEFT JOIN cashback_transactions AS cashback ON cashback.purchase_id = audit.resource_id
WHERE audit.outcome = 'success'
    AND (audit.action IN ('CASHBACK_CREDITED', 'WITHDRAWAL_REQUESTED')
        OR (audit.action IN ('PURCHASE_CONFIRMED', 'PURCHASE_REJECTED', 'PURCHASE_REVERSED') AND cashback.amount IS DISTINCT FROM 0)
        OR (audit.action = 'WITHDRAWAL_PROCESSED' AND audit.details ->> 'status' IS DISTINCT FROM 'processing'))
    AND NOT EXISTS (SELECT 1 FROM ledger_transactions WHERE audit_log_id = audit.id);

-- With the owner's rights: whatever role writes, the rule sees everything.
CREATE FUNCTION refuse_misaudited_movement() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM misaudited_movements WHERE id = NEW.id) THEN
        PERFORM refuse('ck_ledger_transactions_audited', 'ledger_transactions',
            format('audit row %s does not tell of %s', NEW.audit_log_id, NEW.movement));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_ledger_transactions_audited AFTER INSERT ON ledger_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_misaudited_movement();

-- Checked at commit, as the movement refers to its audit row and so comes after it.
CREATE FUNCTION refuse_unmoved_audit_log() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM unmoved_audit_logs WHERE id = NEW.id) THEN
        PERFORM refuse('ck_audit_logs_moved', 'audit_logs', format('%s of %s moved no money', NEW.action, NEW.resource_id));
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tr_audit_logs_moved AFTER INSERT ON audit_logs
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.outcome = 'success') EXECUTE FUNCTION refuse_unmoved_audit_log();

-- ---------------------------------------------------------------------------------------------------------------------
-- The money invariants, with these two. A movement without any entries is noticed now, too.

CREATE OR REPLACE FUNCTION money_invariants() RETURNS TABLE (invariant text, violations bigint)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
        SELECT purchases.id, purchases.status, cashback_transactions.status AS cashback_status, cashback_transactions.amount, movements
        FROM purchases
        LEFT JOIN cashback_transactions ON cashback_transactions.purchase_id = purchases.id
        LEFT JOIN (
            SELECT purchase_id, string_agg(movement, ',' ORDER BY movement) AS movements
            FROM ledger_transactions WHERE purchase_id IS NOT NULL GROUP BY purchase_id
        ) AS made ON made.purchase_id = purchases.id
    )
    SELECT 'the ledger sums to zero', (coalesce(sum(amount), 0) <> 0)::int::bigint FROM ledger_entries
    UNION ALL
    SELECT 'every ledger transaction sums to zero',
        count(*) FILTER (WHERE total <> 0 OR entries < 2) + abs((SELECT count(*) FROM ledger_transactions) - count(*))
    FROM (SELECT sum(amount) AS total, count(*) AS entries FROM ledger_entries GROUP BY transaction_id) AS movement
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
    UNION ALL
    SELECT 'every money movement is audited exactly once, as what it is',
        (SELECT count(*) FROM misaudited_movements)
        + (SELECT count(*) FROM (SELECT 1 FROM ledger_transactions GROUP BY audit_log_id HAVING count(*) > 1) AS shared)
    UNION ALL
    SELECT 'every audited money movement happened', count(*) FROM unmoved_audit_logs
$$;
