-- The whole schema. First tables, keys, checks and indexes, as the model of ClickNBack.Api describes them (a test compares the
-- two); then what the database itself guarantees beyond them. Every refusal names its rule as the constraint, so that whoever
-- sees the error knows which rule it was. Never changed after a release.

CREATE TABLE audit_logs (
    id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    actor_type text NOT NULL,
    actor_id uuid,
    action character varying(64) NOT NULL,
    resource_type character varying(64) NOT NULL,
    resource_id uuid NOT NULL,
    outcome text NOT NULL,
    details jsonb,
    CONSTRAINT pk_audit_logs PRIMARY KEY (id),
    CONSTRAINT ck_audit_logs_actor CHECK ((actor_type = 'system') = (actor_id IS NULL)),
    CONSTRAINT ck_audit_logs_actor_type CHECK (actor_type IN ('system', 'admin', 'user')),
    CONSTRAINT ck_audit_logs_outcome CHECK (outcome IN ('success', 'failure'))
);

CREATE TABLE feature_flags (
    id uuid NOT NULL,
    key character varying(100) NOT NULL,
    enabled boolean NOT NULL,
    scope_type text NOT NULL,
    scope_id uuid,
    description text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_feature_flags PRIMARY KEY (id),
    CONSTRAINT ck_feature_flags_key CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT ck_feature_flags_scope_id CHECK ((scope_type = 'global') = (scope_id IS NULL)),
    CONSTRAINT ck_feature_flags_scope_type CHECK (scope_type IN ('global', 'merchant', 'user'))
);

CREATE TABLE merchants (
    id uuid NOT NULL,
    name character varying(255) NOT NULL,
    default_cashback_percentage numeric NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_merchants PRIMARY KEY (id),
    CONSTRAINT ck_merchants_default_cashback_percentage CHECK (default_cashback_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_merchants_name CHECK (btrim(name) <> '')
);

CREATE TABLE money_checks (
    checked_at timestamp with time zone NOT NULL,
    took interval NOT NULL,
    ledger_imbalance numeric NOT NULL,
    violations jsonb NOT NULL,
    CONSTRAINT pk_money_checks PRIMARY KEY (checked_at)
);

CREATE TABLE users (
    id uuid NOT NULL,
    email character varying(254) NOT NULL,
    normalized_email character varying(254) NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'user',
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_role CHECK (role IN ('user', 'admin'))
);

CREATE TABLE offers (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    cashback_type text NOT NULL,
    cashback_value numeric NOT NULL,
    start_date date NOT NULL,
    end_date date NOT NULL,
    monthly_cap numeric NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_offers PRIMARY KEY (id),
    CONSTRAINT ak_offers_id_merchant_id UNIQUE (id, merchant_id),
    CONSTRAINT ak_offers_id_monthly_cap UNIQUE (id, monthly_cap),
    CONSTRAINT ck_offers_cashback_type CHECK (cashback_type IN ('percent', 'fixed')),
    CONSTRAINT ck_offers_cashback_value CHECK (cashback_value > 0 AND cashback_value <= 9999999999.99),
    CONSTRAINT ck_offers_dates CHECK (end_date >= start_date),
    CONSTRAINT ck_offers_monthly_cap CHECK (monthly_cap = round(monthly_cap, 2) AND monthly_cap <> 'NaN' AND monthly_cap > 0 AND monthly_cap <= 9999999999.99),
    CONSTRAINT ck_offers_percentage CHECK (cashback_type <> 'percent' OR cashback_value <= 100),
    CONSTRAINT fk_offers_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT
);

CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL,
    key character varying(255) NOT NULL,
    fingerprint bytea NOT NULL,
    status_code integer NOT NULL,
    location text,
    body bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key),
    CONSTRAINT ck_idempotency_keys_fingerprint CHECK (octet_length(fingerprint) = 32),
    CONSTRAINT ck_idempotency_keys_key CHECK (key <> ''),
    CONSTRAINT fk_idempotency_keys_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE payouts (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    amount numeric NOT NULL,
    status text NOT NULL,
    method text NOT NULL,
    details jsonb NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    processed_at timestamp with time zone,
    external_reference text,
    CONSTRAINT pk_payouts PRIMARY KEY (id),
    CONSTRAINT ak_payouts_id_user_id UNIQUE (id, user_id),
    CONSTRAINT ck_payouts_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    CONSTRAINT ck_payouts_method CHECK (method IN ('bank_transfer', 'card')),
    CONSTRAINT ck_payouts_processed_at CHECK ((status IN ('completed', 'failed')) = (processed_at IS NOT NULL)),
    CONSTRAINT ck_payouts_status CHECK (status IN ('requested', 'processing', 'completed', 'failed')),
    CONSTRAINT fk_payouts_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE refresh_token_families (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT pk_refresh_token_families PRIMARY KEY (id),
    CONSTRAINT fk_refresh_token_families_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE wallets (
    user_id uuid NOT NULL,
    pending_balance numeric NOT NULL DEFAULT 0.0,
    available_balance numeric NOT NULL DEFAULT 0.0,
    paid_balance numeric NOT NULL DEFAULT 0.0,
    owed_balance numeric NOT NULL DEFAULT 0.0,
    CONSTRAINT pk_wallets PRIMARY KEY (user_id),
    CONSTRAINT ck_wallets_available_balance CHECK (available_balance = round(available_balance, 2) AND available_balance <> 'NaN' AND available_balance >= 0),
    CONSTRAINT ck_wallets_owed_balance CHECK (owed_balance = round(owed_balance, 2) AND owed_balance <> 'NaN' AND owed_balance >= 0),
    CONSTRAINT ck_wallets_paid_balance CHECK (paid_balance = round(paid_balance, 2) AND paid_balance <> 'NaN' AND paid_balance >= 0),
    CONSTRAINT ck_wallets_pending_balance CHECK (pending_balance = round(pending_balance, 2) AND pending_balance <> 'NaN' AND pending_balance >= 0),
    CONSTRAINT fk_wallets_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE monthly_cap_usages (
    user_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    month date NOT NULL,
    monthly_cap numeric NOT NULL,
    credited numeric NOT NULL,
    CONSTRAINT pk_monthly_cap_usages PRIMARY KEY (user_id, offer_id, month),
    CONSTRAINT ck_monthly_cap_usages_credited CHECK (credited = round(credited, 2) AND credited <> 'NaN' AND credited >= 0),
    CONSTRAINT ck_monthly_cap_usages_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT ck_monthly_cap_usages_within_cap CHECK (credited <= monthly_cap),
    CONSTRAINT fk_monthly_cap_usages_offer_id_monthly_cap FOREIGN KEY (offer_id, monthly_cap) REFERENCES offers (id, monthly_cap) ON DELETE RESTRICT,
    CONSTRAINT fk_monthly_cap_usages_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE purchases (
    id uuid NOT NULL,
    external_id character varying(255) NOT NULL,
    user_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    amount numeric NOT NULL,
    cashback_amount numeric NOT NULL,
    currency character varying(3) NOT NULL,
    status text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    verification_failures integer NOT NULL,
    next_verification_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_purchases PRIMARY KEY (id),
    CONSTRAINT ak_purchases_id_user_id UNIQUE (id, user_id),
    CONSTRAINT ck_purchases_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    CONSTRAINT ck_purchases_cashback_amount CHECK (cashback_amount = round(cashback_amount, 2) AND cashback_amount <> 'NaN' AND cashback_amount BETWEEN 0 AND 9999999999.99),
    CONSTRAINT ck_purchases_currency CHECK (currency = 'EUR'),
    CONSTRAINT ck_purchases_external_id CHECK (external_id <> ''),
    CONSTRAINT ck_purchases_resolved_at CHECK ((status = 'pending') = (resolved_at IS NULL)),
    CONSTRAINT ck_purchases_reversed_earns_nothing CHECK (status <> 'reversed' OR cashback_amount = 0),
    CONSTRAINT ck_purchases_status CHECK (status IN ('pending', 'confirmed', 'rejected', 'reversed')),
    CONSTRAINT ck_purchases_verification_failures CHECK (verification_failures >= 0),
    CONSTRAINT fk_purchases_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchases_offer_id_merchant_id FOREIGN KEY (offer_id, merchant_id) REFERENCES offers (id, merchant_id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchases_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE refresh_tokens (
    id uuid NOT NULL,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash text NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    rotation_count integer NOT NULL,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT ck_refresh_tokens_lifetime CHECK (expires_at > issued_at),
    CONSTRAINT ck_refresh_tokens_token_hash CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT fk_refresh_tokens_family_id FOREIGN KEY (family_id) REFERENCES refresh_token_families (id) ON DELETE RESTRICT,
    CONSTRAINT fk_refresh_tokens_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE cashback_transactions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    purchase_id uuid NOT NULL,
    amount numeric NOT NULL,
    status text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_cashback_transactions PRIMARY KEY (id),
    CONSTRAINT ck_cashback_transactions_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount BETWEEN 0 AND 9999999999.99),
    CONSTRAINT ck_cashback_transactions_status CHECK (status IN ('pending', 'available', 'reversed')),
    CONSTRAINT fk_cashback_transactions_purchase_id_user_id FOREIGN KEY (purchase_id, user_id) REFERENCES purchases (id, user_id) ON DELETE RESTRICT,
    CONSTRAINT fk_cashback_transactions_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE ledger_transactions (
    id uuid NOT NULL,
    movement text NOT NULL,
    purchase_id uuid,
    payout_id uuid,
    audit_log_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_ledger_transactions PRIMARY KEY (id),
    CONSTRAINT ck_ledger_transactions_movement CHECK (movement IN ('cashback_earned', 'cashback_confirmed', 'cashback_rejected', 'cashback_reversed', 'payout_requested', 'payout_completed', 'payout_failed')),
    CONSTRAINT ck_ledger_transactions_subject CHECK (num_nonnulls(purchase_id, payout_id) = 1),
    CONSTRAINT fk_ledger_transactions_audit_log_id FOREIGN KEY (audit_log_id) REFERENCES audit_logs (id) ON DELETE RESTRICT,
    CONSTRAINT fk_ledger_transactions_payout_id FOREIGN KEY (payout_id) REFERENCES payouts (id) ON DELETE RESTRICT,
    CONSTRAINT fk_ledger_transactions_purchase_id FOREIGN KEY (purchase_id) REFERENCES purchases (id) ON DELETE RESTRICT
);

CREATE TABLE ledger_entries (
    transaction_id uuid NOT NULL,
    account text NOT NULL,
    user_id uuid,
    merchant_id uuid,
    amount numeric NOT NULL,
    CONSTRAINT pk_ledger_entries PRIMARY KEY (transaction_id, account),
    CONSTRAINT ck_ledger_entries_account CHECK (account IN ('merchant_receivable', 'user_pending', 'user_available', 'user_debt', 'payout_in_transit', 'paid_out')),
    CONSTRAINT ck_ledger_entries_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount <> 0 AND abs(amount) <= 9999999999.99),
    CONSTRAINT ck_ledger_entries_owner CHECK (CASE account WHEN 'merchant_receivable' THEN merchant_id IS NOT NULL AND user_id IS NULL ELSE user_id IS NOT NULL AND merchant_id IS NULL END),
    CONSTRAINT fk_ledger_entries_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_ledger_entries_transaction_id FOREIGN KEY (transaction_id) REFERENCES ledger_transactions (id) ON DELETE RESTRICT,
    CONSTRAINT fk_ledger_entries_user_id FOREIGN KEY (user_id) REFERENCES wallets (user_id) ON DELETE RESTRICT
);

CREATE INDEX ix_audit_logs_action_occurred_at ON audit_logs (action, occurred_at);
CREATE INDEX ix_audit_logs_actor_id_occurred_at ON audit_logs (actor_id, occurred_at);
CREATE INDEX ix_audit_logs_occurred_at_id ON audit_logs (occurred_at, id);
CREATE INDEX ix_audit_logs_resource_type_resource_id ON audit_logs (resource_type, resource_id);
CREATE INDEX ix_cashback_transactions_user_id_created_at_id ON cashback_transactions (user_id, created_at, id);
CREATE UNIQUE INDEX ux_cashback_transactions_purchase_id_user_id ON cashback_transactions (purchase_id, user_id);
CREATE UNIQUE INDEX ux_feature_flags_key_scope_type_scope_id ON feature_flags (key, scope_type, scope_id) NULLS NOT DISTINCT;
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX ix_ledger_entries_merchant_id ON ledger_entries (merchant_id);
CREATE INDEX ix_ledger_entries_user_id ON ledger_entries (user_id);
CREATE UNIQUE INDEX ux_ledger_transactions_audit_log_id ON ledger_transactions (audit_log_id);
CREATE UNIQUE INDEX ux_ledger_transactions_payout_id_movement ON ledger_transactions (payout_id, movement);
CREATE UNIQUE INDEX ux_ledger_transactions_purchase_id_movement ON ledger_transactions (purchase_id, movement);
CREATE UNIQUE INDEX ux_merchants_name ON merchants (name);
CREATE INDEX ix_monthly_cap_usages_offer_id_monthly_cap ON monthly_cap_usages (offer_id, monthly_cap);
CREATE INDEX ix_offers_merchant_id ON offers (merchant_id);
CREATE UNIQUE INDEX ux_offers_one_active_per_merchant ON offers (merchant_id) WHERE active;
CREATE INDEX ix_payouts_status_requested_at_id ON payouts (status, requested_at, id);
CREATE INDEX ix_payouts_user_id_requested_at_id ON payouts (user_id, requested_at, id);
CREATE INDEX ix_purchases_created_at_id ON purchases (created_at, id);
CREATE INDEX ix_purchases_merchant_id_created_at_id ON purchases (merchant_id, created_at, id);
CREATE INDEX ix_purchases_next_verification_at ON purchases (next_verification_at) WHERE status = 'pending';
CREATE INDEX ix_purchases_offer_id_merchant_id ON purchases (offer_id, merchant_id);
CREATE INDEX ix_purchases_status_created_at_id ON purchases (status, created_at, id);
CREATE INDEX ix_purchases_user_id_created_at_id ON purchases (user_id, created_at, id);
CREATE UNIQUE INDEX ux_purchases_external_id ON purchases (external_id);
CREATE INDEX ix_refresh_token_families_user_id ON refresh_token_families (user_id);
CREATE INDEX ix_refresh_tokens_expires_at ON refresh_tokens (expires_at);
CREATE INDEX ix_refresh_tokens_family_id ON refresh_tokens (family_id);
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE UNIQUE INDEX ux_refresh_tokens_token_hash ON refresh_tokens (token_hash);
CREATE UNIQUE INDEX ux_users_normalized_email ON users (normalized_email);

-- ---------------------------------------------------------------------------------------------------------------------
-- Refuses with SQLSTATE 23514 (check_violation) under the name of a rule.
CREATE FUNCTION refuse(rule text, on_table text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = on_table, MESSAGE = message;
END $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- History is append-only, for everybody. (The API's role has no right to try.)

CREATE FUNCTION refuse_rewriting_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(TG_NAME, TG_TABLE_NAME, format('%s is append-only', TG_TABLE_NAME));
    RETURN NULL;
END $$;

CREATE TRIGGER tr_ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
CREATE TRIGGER tr_ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
CREATE TRIGGER tr_audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();

-- ---------------------------------------------------------------------------------------------------------------------
-- The ledger: what leaves one account enters another. Checked at commit, when all entries are there.

CREATE FUNCTION refuse_unbalanced_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entries bigint;
    total numeric;
BEGIN
    SELECT count(*), coalesce(sum(amount), 0) INTO entries, total FROM ledger_entries WHERE transaction_id = NEW.id;
    IF entries < 2 OR total <> 0 THEN
        PERFORM refuse('ck_ledger_transactions_balanced', 'ledger_transactions',
            format('the %s entries of ledger transaction %s sum to %s', entries, NEW.id, total));
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tr_ledger_transactions_balanced AFTER INSERT ON ledger_transactions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbalanced_transaction();

-- A committed movement gets no more entries, not even balanced ones: they belong to the database transaction that made it.
ALTER TABLE ledger_transactions ADD COLUMN made_by xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION refuse_late_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM ledger_transactions WHERE id = NEW.transaction_id AND made_by <> pg_current_xact_id()) THEN
        PERFORM refuse('ck_ledger_entries_with_their_transaction', 'ledger_entries',
            format('ledger transaction %s is committed', NEW.transaction_id));
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_ledger_entries_with_their_transaction BEFORE INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_late_entry();

-- ---------------------------------------------------------------------------------------------------------------------
-- Wallets are the projection of the ledger: nobody else writes them. With the owner's rights, as the API has none.

CREATE FUNCTION project_ledger_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    CASE NEW.account
        WHEN 'user_pending' THEN
            UPDATE wallets SET pending_balance = pending_balance + NEW.amount WHERE user_id = NEW.user_id;
        WHEN 'user_available' THEN
            UPDATE wallets SET available_balance = available_balance + NEW.amount WHERE user_id = NEW.user_id;
        WHEN 'paid_out' THEN
            UPDATE wallets SET paid_balance = paid_balance + NEW.amount WHERE user_id = NEW.user_id;
        WHEN 'user_debt' THEN
            UPDATE wallets SET owed_balance = owed_balance - NEW.amount WHERE user_id = NEW.user_id;
        ELSE -- the platform's side carries no running balance: no row is hot for everybody
    END CASE;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_ledger_entries_project AFTER INSERT ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION project_ledger_entry();

-- Locks the wallets of the users, in the order of their identifiers so that no two callers wait for each other, and makes
-- those that do not exist.
CREATE FUNCTION lock_wallets(users uuid[]) RETURNS SETOF wallets
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM wallets WHERE user_id = ANY (users)) < cardinality(users) THEN
        INSERT INTO wallets (user_id) SELECT id FROM unnest(users) AS id ORDER BY id ON CONFLICT DO NOTHING;
    END IF;
    RETURN QUERY SELECT * FROM wallets WHERE user_id = ANY (users) ORDER BY user_id FOR NO KEY UPDATE;
END $$;
REVOKE EXECUTE ON FUNCTION lock_wallets FROM PUBLIC;

-- ---------------------------------------------------------------------------------------------------------------------
-- Purchases, cashback and payouts walk along their state machines.

CREATE FUNCTION refuse_impossible_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text := OLD.status || ' -> ' || NEW.status;
BEGIN
    IF NEW.status <> OLD.status AND NOT step = ANY (TG_ARGV) THEN
        PERFORM refuse(format('ck_%s_step', TG_TABLE_NAME), TG_TABLE_NAME, step || ' is no step');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_purchases_step BEFORE UPDATE OF status ON purchases FOR EACH ROW
    EXECUTE FUNCTION refuse_impossible_step(
        'pending -> confirmed', 'pending -> rejected', 'pending -> reversed', 'confirmed -> reversed');
CREATE TRIGGER tr_cashback_transactions_step BEFORE UPDATE OF status ON cashback_transactions FOR EACH ROW
    EXECUTE FUNCTION refuse_impossible_step('pending -> available', 'pending -> reversed', 'available -> reversed');
CREATE TRIGGER tr_payouts_step BEFORE UPDATE OF status ON payouts FOR EACH ROW
    EXECUTE FUNCTION refuse_impossible_step(
        'requested -> processing', 'requested -> completed', 'requested -> failed',
        'processing -> completed', 'processing -> failed');

-- A purchase starts pending, and so does its cashback.
CREATE FUNCTION refuse_other_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> TG_ARGV[0] THEN
        PERFORM refuse(format('ck_%s_start', TG_TABLE_NAME), TG_TABLE_NAME, NEW.status || ' is no start');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_purchases_start BEFORE INSERT ON purchases FOR EACH ROW EXECUTE FUNCTION refuse_other_start('pending');
CREATE TRIGGER tr_cashback_transactions_start BEFORE INSERT ON cashback_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_other_start('pending');
CREATE TRIGGER tr_payouts_start BEFORE INSERT ON payouts FOR EACH ROW EXECUTE FUNCTION refuse_other_start('requested');

-- What was bought, promised or withdrawn never changes: a statement that so much as names such a column is refused.
CREATE FUNCTION refuse_changed_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(format('ck_%s_facts', TG_TABLE_NAME), TG_TABLE_NAME, format('facts of %s cannot change', TG_TABLE_NAME));
    RETURN NULL;
END $$;

CREATE TRIGGER tr_purchases_facts
    BEFORE UPDATE OF id, external_id, user_id, merchant_id, offer_id, amount, currency, created_at ON purchases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();
CREATE TRIGGER tr_cashback_transactions_facts
    BEFORE UPDATE OF id, user_id, purchase_id, amount, created_at ON cashback_transactions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();
CREATE TRIGGER tr_payouts_facts
    BEFORE UPDATE OF id, user_id, amount, method, details, requested_at ON payouts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();

-- ---------------------------------------------------------------------------------------------------------------------
-- Monthly caps: the cashback of a purchase counts in the month it was recorded, until it is rejected or reversed. The check
-- ck_monthly_cap_usages_within_cap refuses what is over the cap.

CREATE FUNCTION count_against_cap() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO monthly_cap_usages AS usage (user_id, offer_id, month, monthly_cap, credited)
    SELECT purchases.user_id, offers.id, date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')::date,
           offers.monthly_cap, NEW.amount
    FROM purchases JOIN offers ON offers.id = offer_id
    WHERE purchases.id = NEW.purchase_id
    ON CONFLICT (user_id, offer_id, month) DO UPDATE SET credited = usage.credited + EXCLUDED.credited;
    RETURN NULL;
END $$;

CREATE FUNCTION uncount_against_cap() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE monthly_cap_usages AS usage SET credited = credited - NEW.amount
    FROM purchases
    WHERE purchases.id = NEW.purchase_id AND usage.user_id = purchases.user_id AND usage.offer_id = purchases.offer_id
        AND usage.month = date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')::date;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_cashback_transactions_count AFTER INSERT ON cashback_transactions FOR EACH ROW
    WHEN (NEW.amount > 0) EXECUTE FUNCTION count_against_cap();
CREATE TRIGGER tr_cashback_transactions_uncount AFTER UPDATE OF status ON cashback_transactions FOR EACH ROW
    WHEN (NEW.amount > 0 AND NEW.status = 'reversed' AND OLD.status <> 'reversed') EXECUTE FUNCTION uncount_against_cap();

-- ---------------------------------------------------------------------------------------------------------------------
-- Every movement of money is audited exactly once, as what it is. (The foreign key and the unique index say already that each
-- has an audit row of its own.)

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
-- The money invariants. All zero, or money is wrong: for tests, for the status page, for alerts and for restored backups.

CREATE FUNCTION money_invariants() RETURNS TABLE (invariant text, violations bigint)
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

-- ---------------------------------------------------------------------------------------------------------------------
-- Asks the money invariants and keeps the answer, unless there is one that is young enough: younger than asked for, or
-- younger than 20 times what it took, so that a large database spends no more than a twentieth of its time on it. Only one
-- process at a time. With the owner's rights: nobody else writes answers. Answers whether it asked.
CREATE FUNCTION check_money(every interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    started timestamptz := clock_timestamp();
    imbalance numeric;
    answer jsonb;
BEGIN
    IF NOT pg_try_advisory_xact_lock('money_checks'::regclass::oid::bigint) THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT 1 FROM money_checks WHERE checked_at + greatest(every, 20 * took) > started) THEN
        RETURN false;
    END IF;

    SELECT coalesce(sum(amount), 0) INTO imbalance FROM ledger_entries;
    SELECT jsonb_object_agg(invariant, violations) INTO answer FROM money_invariants();
    INSERT INTO money_checks (checked_at, took, ledger_imbalance, violations)
    VALUES (started, clock_timestamp() - started, imbalance, answer);
    DELETE FROM money_checks WHERE checked_at < started - interval '30 days';
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION check_money FROM PUBLIC;

-- Where each rebuild of the wallets is: one that was interrupted goes on from there. The migration worker's own.
CREATE TABLE wallet_rebuilds (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_wallet_rebuilds PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now(),
    last_user_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    examined bigint NOT NULL DEFAULT 0,
    corrected bigint NOT NULL DEFAULT 0,
    finished_at timestamptz
);
CREATE UNIQUE INDEX ux_wallet_rebuilds_one_at_a_time ON wallet_rebuilds ((true)) WHERE finished_at IS NULL;
