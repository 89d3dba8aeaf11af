-- A platform after a year: users of whom few buy much and many little, purchases of every status, and all that belongs to them.
-- Written in sets, past the triggers; whether it is true is for money_invariants() to say. Run by Population.cs, which makes
-- the table "size". Identifiers are like the API's: UUIDs of version 7, so that they grow with time.

SET session_replication_role = replica;
SET work_mem = '64MB';
SET maintenance_work_mem = '256MB';
SELECT setseed(0.5);

CREATE FUNCTION pg_temp.id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (substr(encode(int8send((date_part('epoch', at) * 1000)::bigint), 'hex'), 5) || '7' || substr(gen_random_uuid()::text, 16))::uuid
$$;

-- Indexes that are no constraints are made anew at the end: faster than one row at a time.
CREATE TEMP TABLE put_off AS
SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS definition
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = 'public'::regnamespace AND NOT indisunique;
DO $$ DECLARE it text; BEGIN FOR it IN SELECT name FROM put_off LOOP EXECUTE 'DROP INDEX ' || it; END LOOP; END $$;

INSERT INTO users (id, email, normalized_email, password_hash, role, active, created_at)
SELECT pg_temp.id_at(at), number || '@example.com', upper(number || '@example.com'), 'x', 'user', true, at
FROM size, generate_series(1, users) AS number, LATERAL (SELECT now() - interval '400 days' + number * interval '1 second') AS joined(at);

INSERT INTO merchants (id, name, default_cashback_percentage, active, created_at)
SELECT pg_temp.id_at(now() - interval '400 days'), 'Merchant ' || number, 5, true, now() - interval '400 days'
FROM generate_series(1, 50) AS number;

-- Caps that nobody reaches.
INSERT INTO offers (id, merchant_id, cashback_type, cashback_value, monthly_cap, start_date, end_date, active, created_at)
SELECT pg_temp.id_at(created_at), id, 'percent', 5, 99999999, current_date - 400, current_date + 30, true, created_at FROM merchants;

-- Automatic confirmation is off for everybody: the job only puts purchases aside, as the bare program does.
INSERT INTO feature_flags (id, key, enabled, scope_type, created_at, updated_at)
VALUES (gen_random_uuid(), 'purchase_auto_confirm', false, 'global', now(), now());

-- Of 100,000 users the first makes 1 % of all purchases, half of them make three quarters. What is recent is still pending.
CREATE TEMP TABLE numbered_users AS SELECT row_number() OVER (ORDER BY id) AS number, id FROM users;
CREATE TEMP TABLE numbered_offers AS SELECT row_number() OVER (ORDER BY id) AS number, id, merchant_id FROM offers;

INSERT INTO purchases (
    id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, currency, status, created_at, resolved_at,
    verification_failures, next_verification_at)
SELECT pg_temp.id_at(at), 'txn_' || purchase.number, buyer.id, offer.merchant_id, offer.id, amount,
       round(amount * 0.05, 2), 'EUR', status, at,
       CASE status WHEN 'pending' THEN NULL WHEN 'reversed' THEN at + interval '5 days' ELSE at + interval '1 minute' END,
       CASE status WHEN 'rejected' THEN 3 ELSE 0 END,
       CASE status WHEN 'pending' THEN now() + interval '1 day' ELSE at END
FROM (
    SELECT number,
           now() - (purchases - number)::float8 / purchases * interval '365 days' AS at,
           1 + floor(users * power(random(), 2.5))::int AS user_number,
           1 + floor(50 * power(random(), 2))::int AS offer_number,
           (25 + floor(random() * 500))::int * 0.20 AS amount,
           CASE WHEN number > purchases * (1 - pending) THEN 'pending'
                WHEN random() < 0.94 THEN 'confirmed' WHEN random() < 0.5 THEN 'rejected' ELSE 'reversed' END AS status
    FROM size, generate_series(1, purchases) AS number
    OFFSET 0 -- random once a row
) AS purchase
JOIN numbered_users AS buyer ON buyer.number = user_number
JOIN numbered_offers AS offer ON offer.number = offer_number;

INSERT INTO monthly_cap_usages (user_id, offer_id, month, monthly_cap, credited)
SELECT user_id, offer_id, date_trunc('month', created_at AT TIME ZONE 'UTC')::date, 99999999,
       coalesce(sum(cashback_amount) FILTER (WHERE status NOT IN ('rejected', 'reversed')), 0)
FROM purchases GROUP BY 1, 2, 3;

-- One in five who can has withdrawn half of it.
INSERT INTO payouts (id, user_id, amount, status, method, requested_at, processed_at, external_reference)
SELECT pg_temp.id_at(now() - interval '1 hour'), user_id, round(sum(cashback_amount) / 2, 2), 'completed', 'bank_transfer',
       now() - interval '1 hour', now(), 'paid'
FROM purchases WHERE status = 'confirmed'
GROUP BY user_id HAVING get_byte(uuid_send(user_id), 15) % 5 = 0;

-- Every movement with its audit row; who was reversed had been confirmed.
CREATE TEMP TABLE moved AS
SELECT pg_temp.id_at(at) AS audit_id, at, movement, action, resource_type, resource_id, details,
       actor_type, actor_id, purchase_id, payout_id, amount, user_id, merchant_id, from_account, to_account
FROM (
    SELECT at, step.movement, action, resource_type, CASE step.movement WHEN 'cashback_earned' THEN user_id ELSE id END AS resource_id,
           jsonb_build_object('purchase_id', id) AS details,
           actor_type, CASE actor_type WHEN 'system' THEN NULL ELSE user_id END AS actor_id,
           id AS purchase_id, NULL::uuid AS payout_id, cashback_amount AS amount, user_id, merchant_id, from_account, to_account
    FROM purchases CROSS JOIN LATERAL (VALUES
        ('cashback_earned', 'CASHBACK_CREDITED', 'wallet', 'user', created_at, 'merchant_receivable', 'user_pending', true),
        ('cashback_confirmed', 'PURCHASE_CONFIRMED', 'purchase', 'system', created_at + interval '1 minute',
            'user_pending', 'user_available', status IN ('confirmed', 'reversed')),
        ('cashback_rejected', 'PURCHASE_REJECTED', 'purchase', 'system', resolved_at,
            'user_pending', 'merchant_receivable', status = 'rejected'),
        ('cashback_reversed', 'PURCHASE_REVERSED', 'purchase', 'admin', resolved_at,
            'user_available', 'merchant_receivable', status = 'reversed')
    ) AS step(movement, action, resource_type, actor_type, at, from_account, to_account, happened)
    WHERE happened
    UNION ALL
    SELECT at, step.movement, action, 'payout', id, jsonb_build_object('status', status), actor_type, user_id,
           NULL, id, amount, user_id, NULL, from_account, to_account
    FROM payouts CROSS JOIN LATERAL (VALUES
        ('payout_requested', 'WITHDRAWAL_REQUESTED', 'user', requested_at, 'user_available', 'payout_in_transit'),
        ('payout_completed', 'WITHDRAWAL_PROCESSED', 'admin', processed_at, 'payout_in_transit', 'paid_out')
    ) AS step(movement, action, actor_type, at, from_account, to_account)
) AS movement
ORDER BY at;

INSERT INTO audit_logs (id, occurred_at, actor_type, actor_id, action, resource_type, resource_id, outcome, details)
SELECT audit_id, at, actor_type, actor_id, action, resource_type, resource_id, 'success', details FROM moved;

INSERT INTO transfers (movement, from_account, to_account, amount, user_id, merchant_id, purchase_id, payout_id, audit_log_id, occurred_at)
SELECT movement, from_account, to_account, amount, user_id, merchant_id, purchase_id, payout_id, audit_id, at FROM moved;

INSERT INTO wallets (user_id, pending_balance, available_balance, paid_balance)
SELECT users.id, coalesce(pending, 0), coalesce(available, 0), coalesce(paid, 0)
FROM users LEFT JOIN wallets_by_transfers ON user_id = users.id;

DO $$ DECLARE it text; BEGIN FOR it IN SELECT definition FROM put_off LOOP EXECUTE it; END LOOP; END $$;

RESET session_replication_role;
