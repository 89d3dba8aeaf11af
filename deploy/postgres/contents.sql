-- How much there is, to compare a restored database with the one before it: users, purchases, payouts, and when the last
-- change was. All zero where there is no schema yet.
SELECT to_regclass('audit_logs') IS NOT NULL AS has_schema \gset
\if :has_schema
SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM purchases), (SELECT count(*) FROM payouts),
    coalesce((SELECT extract(epoch FROM max(occurred_at))::bigint FROM audit_logs), 0);
\else
SELECT 0, 0, 0, 0;
\endif
