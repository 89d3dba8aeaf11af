-- The payouts that somebody has begun to decide: one line each.
SELECT to_regclass('payouts') IS NOT NULL AS has_schema \gset
\if :has_schema
SELECT id, amount, status, coalesce(processed_at::text, 'under way') FROM payouts WHERE status <> 'requested' ORDER BY id;
\endif
