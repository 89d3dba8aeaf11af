-- In an earlier database a payout that left the house may be waiting again. So all that wait and were not exported for the bank are
-- held: nobody begins to pay them. An administrator completes, fails or releases each, by the bank's records.
SELECT to_regclass('payouts') IS NOT NULL AS has_schema \gset
\if :has_schema
WITH held AS (
    UPDATE payouts SET held_for = 'restore'
    WHERE status IN ('requested', 'processing') AND export_id IS NULL AND held_for IS DISTINCT FROM 'restore'
    RETURNING id, round(amount, 2) AS amount
), audited AS (
    INSERT INTO audit_logs (id, occurred_at, actor_type, action, resource_type, resource_id, outcome, details)
    SELECT gen_random_uuid(), now(), 'system', 'WITHDRAWAL_HELD', 'payout', id, 'success',
        jsonb_build_object('amount', amount::text, 'held_for', 'restore')
    FROM held
)
SELECT id, amount FROM held ORDER BY id;
\endif
