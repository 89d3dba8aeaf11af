DROP INDEX CONCURRENTLY IF EXISTS ix_purchases_amount;

CREATE INDEX CONCURRENTLY ix_purchases_amount ON purchases (amount);
