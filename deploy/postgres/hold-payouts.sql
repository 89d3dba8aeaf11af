-- In an earlier database a payout that left the house may be requested again. So all that are requested are held: as under way, where
-- nobody begins to pay them. An administrator completes or fails each, by the bank's records.
SELECT to_regclass('payouts') IS NOT NULL AS has_schema \gset
\if :has_schema
WITH held AS (
    UPDATE payouts SET status = 'processing' WHERE status = 'requested' RETURNING id, round(amount, 2) AS amount
), audited AS (
    INSERT INTO audit_logs (id, occurred_at, actor_type, action, resource_type, resource_id, outcome, details)
    SELECT gen_random_uuid(), now(), 'system', 'WITHDRAWAL_PROCESSED', 'payout', id, 'success',
        jsonb_build_object('prior_status', 'requested', 'status', 'processing', 'amount', amount::text, 'reason', 'restore')
    FROM held
)
SELECT id, amount FROM held ORDER BY id;
\endif
