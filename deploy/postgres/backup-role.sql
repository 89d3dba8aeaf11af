-- The role of the backups: may read the write-ahead log and copy the data files; owns nothing, and has no password.
-- Runs when a volume is new, and again before each backup.
SET client_min_messages = warning;
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'clicknback_backup') THEN
        CREATE ROLE clicknback_backup LOGIN REPLICATION;
    END IF;
END $$;
