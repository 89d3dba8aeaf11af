-- In an earlier database, refresh tokens that were used since are unused again: everybody logs in anew.
SELECT to_regclass('refresh_token_families') IS NOT NULL AS has_schema \gset
\if :has_schema
UPDATE refresh_token_families SET revoked_at = now() WHERE revoked_at IS NULL;
\endif
