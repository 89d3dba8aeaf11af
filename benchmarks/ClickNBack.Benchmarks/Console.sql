-- What a console of such a platform has to show besides: reports of nearly all purchases, cases, files, payouts that wait, sessions,
-- flags, more merchants. Written past the triggers and beside the ledger: only pages are timed with it.

SET session_replication_role = replica;

CREATE FUNCTION pg_temp.id_at(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (substr(encode(int8send((date_part('epoch', at) * 1000)::bigint), 'hex'), 5) || '7' || substr(gen_random_uuid()::text, 16))::uuid
$$;

INSERT INTO merchants (id, name, default_cashback_percentage, active, created_at)
SELECT pg_temp.id_at(now() - interval '300 days'), 'Shop ' || number, 5, true, now() - interval '300 days'
FROM generate_series(1, 2000) AS number;
INSERT INTO offers (id, merchant_id, cashback_type, cashback_value, monthly_cap, start_date, end_date, active, created_at)
SELECT pg_temp.id_at(at), id, 'percent', 5, 100, current_date - 300, current_date - 270, false, at
FROM merchants, generate_series(1, 5), LATERAL (SELECT created_at + random() * interval '200 days') AS made(at);

-- A thousand transactions a report, of purchases a day old and more; one in twenty nobody has claimed.
CREATE TEMP TABLE reported AS
SELECT purchases.*, pg_temp.id_at(created_at + interval '1 day') AS transaction_id,
       (row_number() OVER (PARTITION BY merchant_id ORDER BY created_at) / 1000)::int AS part
FROM purchases WHERE created_at < now() - interval '1 day';
CREATE TEMP TABLE parts AS
SELECT merchant_id, part, pg_temp.id_at(max(created_at) + interval '1 day') AS report_id, max(created_at) + interval '1 day' AS at, count(*)::int AS size
FROM reported GROUP BY 1, 2;
INSERT INTO reports (id, merchant_id, message_id, body_hash, received_at, transaction_count)
SELECT report_id, merchant_id, 'part ' || part, sha256(report_id::text::bytea), at, size FROM parts;
INSERT INTO reported_transactions (
    id, report_id, merchant_id, order_reference, amount, currency, status, reported_at, state, due_at)
SELECT transaction_id, report_id, merchant_id, external_id, amount, 'EUR', CASE status WHEN 'rejected' THEN 'declined' ELSE 'approved' END,
       created_at, 'settled', created_at
FROM reported JOIN parts USING (merchant_id, part);
INSERT INTO reported_transactions (
    id, report_id, merchant_id, order_reference, amount, currency, status, reported_at, state, due_at)
SELECT pg_temp.id_at(created_at + interval '1 day'), report_id, merchant_id, 'unknown ' || external_id, amount, 'EUR', 'approved',
       created_at, 'unclaimed', created_at
FROM reported JOIN parts USING (merchant_id, part) WHERE random() < 0.05;

-- One purchase in fifty was disputed; what is older than a week is decided.
INSERT INTO cases (id, kind, purchase_id, opened_at, decided_at, decided_by, decision, note)
SELECT pg_temp.id_at(created_at + interval '2 days'), 'amount_differs', id, created_at + interval '2 days',
       CASE WHEN decided THEN created_at + interval '3 days' END, CASE WHEN decided THEN user_id END,
       CASE WHEN decided THEN 'dismiss' END, CASE WHEN decided THEN 'As it was claimed' END
FROM reported, LATERAL (SELECT created_at < now() - interval '7 days') AS age(decided) WHERE random() < 0.02;

INSERT INTO report_files (id, merchant_id, name, row_count, hash, uploaded_by, uploaded_at, read_at)
SELECT pg_temp.id_at(at), merchant_id, 'part ' || part || '.csv', size, sha256(part::text::bytea), merchant_id, at, at FROM parts;
INSERT INTO report_files (id, merchant_id, name, row_count, hash, uploaded_by, uploaded_at, read_at)
SELECT pg_temp.id_at(now()), merchant_id, 'largest.csv', 100000, sha256('largest'), users.id, now(), now()
FROM (SELECT merchant_id FROM parts LIMIT 1) AS any_one, (SELECT id FROM users LIMIT 1) AS users;
INSERT INTO report_file_rows (file_id, line, transaction_id, order_reference, amount, currency, status, reported_at)
SELECT file.id, number, gen_random_uuid(), 'order ' || number, 10, 'EUR', (ARRAY['approved', 'declined', 'returned'])[1 + number % 3], now()
FROM (SELECT id FROM report_files WHERE name = 'largest.csv') AS file, generate_series(1, 100000) AS number;

INSERT INTO payouts (id, user_id, amount, status, method, requested_at, processed_at)
SELECT pg_temp.id_at(at), id, 20, status, 'bank_transfer', at, CASE status WHEN 'failed' THEN at END
FROM (
    SELECT id, now() - random() * interval '300 days' AS at,
           (ARRAY['requested', 'processing', 'failed'])[1 + floor(random() * 3)::int] AS status
    FROM users, generate_series(1, 1)
    OFFSET 0
) AS wanted;
INSERT INTO payout_exports (id, created_at, created_by, payouts, amount)
SELECT pg_temp.id_at(at), at, (SELECT id FROM users LIMIT 1), 1000, 20000
FROM generate_series(1, 1000) AS number, LATERAL (SELECT now() - number * interval '8 hours') AS made(at);
UPDATE payouts SET export_id = (SELECT id FROM payout_exports ORDER BY created_at DESC LIMIT 1)
WHERE id = ANY (ARRAY(SELECT id FROM payouts WHERE status = 'processing' ORDER BY requested_at LIMIT 1000));

INSERT INTO refresh_token_families (id, user_id, created_at)
SELECT pg_temp.id_at(now() - number * interval '1 day'), id, now() - number * interval '1 day' FROM users, generate_series(1, 3) AS number;
INSERT INTO refresh_tokens (id, family_id, user_id, token_hash, issued_at, expires_at, rotation_count)
SELECT gen_random_uuid(), id, user_id, encode(sha256(id::text::bytea), 'hex'), created_at, created_at + interval '30 days', 0
FROM refresh_token_families;

INSERT INTO feature_flags (id, key, enabled, scope_type, scope_id, created_at, updated_at)
SELECT gen_random_uuid(), 'purchase_auto_confirm', true, 'user', id, now(), now() FROM users LIMIT 2000;

-- A check every five minutes; those of the night sum up the accounts.
INSERT INTO money_checks (checked_at, took, ledger_imbalance, violations, since, accounts)
SELECT at, '20 ms', 0, '{"the ledger sums to zero": 0}', CASE WHEN number % 288 > 0 THEN at END, CASE number % 288 WHEN 0 THEN last.accounts END
FROM generate_series(1, 288 * 30) AS number, LATERAL (SELECT now() - number * interval '5 minutes') AS asked(at),
    (SELECT accounts FROM money_checks ORDER BY checked_at DESC LIMIT 1) AS last;

RESET session_replication_role;
