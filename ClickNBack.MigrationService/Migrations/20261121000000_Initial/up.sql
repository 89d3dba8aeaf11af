-- The whole schema. First tables, keys, checks and indexes, as the model of ClickNBack.Api describes them (a test compares the
-- two), then transfers, then what the database itself guarantees beyond keys and checks. Every refusal names its rule as the constraint, so that whoever
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
    key character varying(100) COLLATE "C" NOT NULL,
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
    name character varying(255) COLLATE "C" NOT NULL,
    default_cashback_percentage numeric NOT NULL,
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_merchants PRIMARY KEY (id),
    CONSTRAINT ck_merchants_default_cashback_percentage CHECK (default_cashback_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_merchants_name CHECK (btrim(name) <> '' AND name IS NFC NORMALIZED)
);

CREATE TABLE money_checks (
    checked_at timestamp with time zone NOT NULL,
    took interval NOT NULL,
    ledger_imbalance numeric NOT NULL,
    violations jsonb NOT NULL,
    since timestamp with time zone,
    accounts jsonb,
    CONSTRAINT pk_money_checks PRIMARY KEY (checked_at)
);

CREATE TABLE users (
    id uuid NOT NULL,
    email character varying(254) NOT NULL,
    normalized_email character varying(254) COLLATE "C" NOT NULL,
    password_hash text NOT NULL,
    role text NOT NULL DEFAULT 'user',
    active boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    -- Kept by erase_user. Nothing personal is left then.
    erased_at timestamp with time zone,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT ck_users_email CHECK (email IS NFC NORMALIZED),
    CONSTRAINT ck_users_erased CHECK (erased_at IS NULL OR (NOT active AND password_hash = '' AND email = 'erased ' || id AND normalized_email = email)),
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
    key character varying(255) COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    status_code integer NOT NULL,
    location text,
    body bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (user_id, key),
    CONSTRAINT ck_idempotency_keys_fingerprint CHECK (octet_length(fingerprint) = 40),
    CONSTRAINT ck_idempotency_keys_key CHECK (key <> ''),
    CONSTRAINT fk_idempotency_keys_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE payout_exports (
    id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by uuid NOT NULL,
    payouts integer NOT NULL,
    amount numeric NOT NULL,
    CONSTRAINT pk_payout_exports PRIMARY KEY (id),
    CONSTRAINT ck_payout_exports_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0),
    CONSTRAINT ck_payout_exports_payouts CHECK (payouts > 0),
    CONSTRAINT fk_payout_exports_created_by FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE payouts (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    amount numeric NOT NULL,
    status text NOT NULL DEFAULT 'requested',
    method text NOT NULL,
    destination bytea,
    requested_at timestamp with time zone NOT NULL,
    processed_at timestamp with time zone,
    external_reference character varying(140),
    export_id uuid,
    -- The last movement of its money.
    movement text NOT NULL GENERATED ALWAYS AS (
        CASE status WHEN 'completed' THEN 'payout_completed' WHEN 'failed' THEN 'payout_failed' ELSE 'payout_requested' END
    ) STORED,
    CONSTRAINT pk_payouts PRIMARY KEY (id),
    CONSTRAINT ak_payouts_id_user_id_amount UNIQUE (id, user_id, amount),
    CONSTRAINT ck_payouts_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    CONSTRAINT ck_payouts_export_id CHECK (export_id IS NULL OR (method = 'bank_transfer' AND status <> 'requested')),
    CONSTRAINT ck_payouts_external_reference CHECK (external_reference IS NULL OR (btrim(external_reference) <> '' AND status = 'completed')),
    CONSTRAINT ck_payouts_method CHECK (method IN ('bank_transfer', 'card')),
    CONSTRAINT ck_payouts_processed_at CHECK ((status IN ('completed', 'failed')) = (processed_at IS NOT NULL)),
    CONSTRAINT ck_payouts_status CHECK (status IN ('requested', 'processing', 'completed', 'failed')),
    CONSTRAINT fk_payouts_export_id FOREIGN KEY (export_id) REFERENCES payout_exports (id) ON DELETE RESTRICT,
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
    CONSTRAINT ck_wallets_debt CHECK (available_balance = 0 OR owed_balance = 0),
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
    external_id character varying(255) COLLATE "C" NOT NULL,
    user_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    amount numeric NOT NULL,
    cashback_amount numeric NOT NULL,
    currency character varying(3) NOT NULL DEFAULT 'EUR',
    status text NOT NULL DEFAULT 'pending',
    created_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    verification_failures integer NOT NULL DEFAULT 0,
    next_verification_at timestamp with time zone NOT NULL,
    -- The last movement of its cashback, if it has any.
    movement text GENERATED ALWAYS AS (
        CASE WHEN cashback_amount > 0 THEN 'cashback_' || CASE status WHEN 'pending' THEN 'earned' ELSE status END END
    ) STORED,
    CONSTRAINT pk_purchases PRIMARY KEY (id),
    CONSTRAINT ak_purchases_id_user_id_merchant_id_cashback_amount UNIQUE (id, user_id, merchant_id, cashback_amount),
    CONSTRAINT ck_purchases_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    CONSTRAINT ck_purchases_cashback_amount CHECK (cashback_amount = round(cashback_amount, 2) AND cashback_amount <> 'NaN' AND cashback_amount BETWEEN 0 AND 9999999999.99),
    CONSTRAINT ck_purchases_currency CHECK (currency = 'EUR'),
    CONSTRAINT ck_purchases_external_id CHECK (external_id <> ''),
    CONSTRAINT ck_purchases_resolved_at CHECK ((status = 'pending') = (resolved_at IS NULL)),
    CONSTRAINT ck_purchases_status CHECK (status IN ('pending', 'confirmed', 'rejected', 'reversed')),
    CONSTRAINT ck_purchases_verification_failures CHECK (verification_failures >= 0),
    CONSTRAINT fk_purchases_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchases_offer_id_merchant_id FOREIGN KEY (offer_id, merchant_id) REFERENCES offers (id, merchant_id) ON DELETE RESTRICT,
    CONSTRAINT fk_purchases_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE webhook_secrets (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    slot integer NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT pk_webhook_secrets PRIMARY KEY (id),
    CONSTRAINT ck_webhook_secrets_slot CHECK (slot IN (1, 2)),
    CONSTRAINT fk_webhook_secrets_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT
);

CREATE TABLE reports (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    message_id character varying(255) COLLATE "C" NOT NULL,
    body_hash bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    transaction_count integer NOT NULL,
    CONSTRAINT pk_reports PRIMARY KEY (id),
    CONSTRAINT ak_reports_id_merchant_id UNIQUE (id, merchant_id),
    CONSTRAINT ck_reports_body_hash CHECK (octet_length(body_hash) = 32),
    CONSTRAINT ck_reports_message_id CHECK (message_id <> ''),
    CONSTRAINT fk_reports_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT
);

CREATE TABLE cases (
    id uuid NOT NULL,
    kind text NOT NULL,
    purchase_id uuid NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by uuid,
    decision text,
    note character varying(500),
    CONSTRAINT pk_cases PRIMARY KEY (id),
    CONSTRAINT ck_cases_decided CHECK (num_nonnulls(decided_at, decided_by, decision, note) IN (0, 4)),
    CONSTRAINT ck_cases_decision CHECK (decision IN ('confirm', 'reject', 'reverse', 'dismiss')),
    CONSTRAINT ck_cases_kind CHECK (kind IN ('amount_differs', 'contradicting_reports', 'claimed_twice')),
    CONSTRAINT fk_cases_decided_by FOREIGN KEY (decided_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_cases_purchase_id FOREIGN KEY (purchase_id) REFERENCES purchases (id) ON DELETE RESTRICT
);

CREATE TABLE report_files (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    name character varying(255) NOT NULL,
    row_count integer NOT NULL DEFAULT 0,
    wrong_count integer NOT NULL DEFAULT 0,
    hash bytea,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    confirmed_by uuid,
    confirmed_at timestamp with time zone,
    report_id uuid,
    CONSTRAINT pk_report_files PRIMARY KEY (id),
    CONSTRAINT ck_report_files_confirmed CHECK (num_nonnulls(confirmed_by, confirmed_at, report_id) = 0 OR num_nonnulls(confirmed_by, confirmed_at, report_id, read_at, hash) = 5 AND wrong_count = 0),
    CONSTRAINT ck_report_files_counts CHECK (row_count >= 0 AND wrong_count >= 0),
    CONSTRAINT ck_report_files_hash CHECK (octet_length(hash) = 32),
    CONSTRAINT fk_report_files_confirmed_by FOREIGN KEY (confirmed_by) REFERENCES users (id) ON DELETE RESTRICT,
    CONSTRAINT fk_report_files_merchant_id FOREIGN KEY (merchant_id) REFERENCES merchants (id) ON DELETE RESTRICT,
    CONSTRAINT fk_report_files_report_id_merchant_id FOREIGN KEY (report_id, merchant_id) REFERENCES reports (id, merchant_id) ON DELETE RESTRICT,
    CONSTRAINT fk_report_files_uploaded_by FOREIGN KEY (uploaded_by) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE report_file_rows (
    file_id uuid NOT NULL,
    line integer NOT NULL,
    transaction_id uuid NOT NULL,
    order_reference character varying(255) NOT NULL,
    amount numeric NOT NULL,
    currency character varying(3) NOT NULL,
    status text NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    reason character varying(255),
    CONSTRAINT pk_report_file_rows PRIMARY KEY (file_id, line),
    CONSTRAINT fk_report_file_rows_file_id FOREIGN KEY (file_id) REFERENCES report_files (id) ON DELETE RESTRICT
);

CREATE TABLE report_file_errors (
    file_id uuid NOT NULL,
    line integer NOT NULL,
    violations jsonb NOT NULL,
    CONSTRAINT pk_report_file_errors PRIMARY KEY (file_id, line),
    CONSTRAINT fk_report_file_errors_file_id FOREIGN KEY (file_id) REFERENCES report_files (id) ON DELETE RESTRICT
);

CREATE TABLE refused_claims (
    purchase_id uuid NOT NULL,
    user_id uuid NOT NULL,
    amount numeric NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    CONSTRAINT pk_refused_claims PRIMARY KEY (purchase_id, user_id),
    CONSTRAINT ck_refused_claims_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    CONSTRAINT fk_refused_claims_purchase_id FOREIGN KEY (purchase_id) REFERENCES purchases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_refused_claims_user_id FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE TABLE reported_transactions (
    id uuid NOT NULL,
    report_id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    order_reference character varying(255) NOT NULL,
    amount numeric NOT NULL,
    currency character varying(3) NOT NULL,
    status text NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    reason character varying(255),
    state text NOT NULL DEFAULT 'new',
    due_at timestamp with time zone NOT NULL,
    case_id uuid,
    CONSTRAINT pk_reported_transactions PRIMARY KEY (id),
    CONSTRAINT ck_reported_transactions_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    CONSTRAINT ck_reported_transactions_case_id CHECK ((state = 'disputed') = (case_id IS NOT NULL)),
    CONSTRAINT ck_reported_transactions_currency CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ck_reported_transactions_order_reference CHECK (order_reference <> ''),
    CONSTRAINT ck_reported_transactions_state CHECK (state IN ('new', 'unclaimed', 'settled', 'disputed')),
    CONSTRAINT ck_reported_transactions_status CHECK (status IN ('approved', 'declined', 'returned')),
    CONSTRAINT fk_reported_transactions_case_id FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE RESTRICT,
    CONSTRAINT fk_reported_transactions_report_id_merchant_id FOREIGN KEY (report_id, merchant_id) REFERENCES reports (id, merchant_id) ON DELETE RESTRICT
);

CREATE TABLE refresh_tokens (
    id uuid NOT NULL,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash text COLLATE "C" NOT NULL,
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

CREATE INDEX ix_audit_logs_action_occurred_at ON audit_logs (action, occurred_at);
CREATE INDEX ix_audit_logs_actor_id_occurred_at ON audit_logs (actor_id, occurred_at);
CREATE INDEX ix_audit_logs_occurred_at_id ON audit_logs (occurred_at, id);
CREATE INDEX ix_audit_logs_resource_id_occurred_at ON audit_logs (resource_id, occurred_at);
CREATE UNIQUE INDEX ux_feature_flags_key_scope_type_scope_id ON feature_flags (key, scope_type, scope_id) NULLS NOT DISTINCT;
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE UNIQUE INDEX ux_merchants_name ON merchants (name);
CREATE INDEX ix_offers_merchant_id ON offers (merchant_id);
CREATE UNIQUE INDEX ux_offers_one_active_per_merchant ON offers (merchant_id) WHERE active;
CREATE INDEX ix_payout_exports_created_at_id ON payout_exports (created_at, id);
CREATE INDEX ix_payouts_export_id ON payouts (export_id) WHERE export_id IS NOT NULL;
CREATE INDEX ix_payouts_processed_at ON payouts (processed_at) WHERE destination IS NOT NULL;
CREATE INDEX ix_payouts_status_requested_at_id ON payouts (status, requested_at, id);
CREATE INDEX ix_payouts_user_id_requested_at_id ON payouts (user_id, requested_at, id);
CREATE INDEX ix_purchases_created_at_id ON purchases (created_at, id);
CREATE INDEX ix_purchases_merchant_id_created_at_id ON purchases (merchant_id, created_at, id);
CREATE INDEX ix_purchases_next_verification_at ON purchases (next_verification_at) WHERE status = 'pending';
CREATE INDEX ix_purchases_status_created_at_id ON purchases (status, created_at, id);
CREATE INDEX ix_purchases_user_id_created_at_id ON purchases (user_id, created_at, id);
CREATE UNIQUE INDEX ux_purchases_external_id ON purchases (external_id);
CREATE INDEX ix_cases_opened_at_id ON cases (opened_at, id);
CREATE UNIQUE INDEX ux_cases_purchase_id ON cases (purchase_id) WHERE decided_at IS NULL;
CREATE INDEX ix_reported_transactions_case_id ON reported_transactions (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX ix_reported_transactions_due_at ON reported_transactions (due_at) WHERE state = 'new';
CREATE INDEX ix_reported_transactions_merchant_id_order_reference_id ON reported_transactions (merchant_id, order_reference, id);
CREATE INDEX ix_reported_transactions_id ON reported_transactions (id) WHERE state = 'unclaimed';
CREATE INDEX ix_reported_transactions_merchant_id_id ON reported_transactions (merchant_id, id) WHERE state = 'unclaimed';
CREATE UNIQUE INDEX ux_reports_merchant_id_message_id ON reports (merchant_id, message_id);
CREATE UNIQUE INDEX ux_webhook_secrets_merchant_id_slot ON webhook_secrets (merchant_id, slot) WHERE revoked_at IS NULL;
CREATE INDEX ix_refresh_token_families_user_id ON refresh_token_families (user_id);
CREATE INDEX ix_refresh_tokens_expires_at ON refresh_tokens (expires_at);
CREATE INDEX ix_refresh_tokens_family_id ON refresh_tokens (family_id);
CREATE INDEX ix_refresh_tokens_user_id ON refresh_tokens (user_id);
CREATE UNIQUE INDEX ux_refresh_tokens_token_hash ON refresh_tokens (token_hash);
CREATE UNIQUE INDEX ux_users_normalized_email ON users (normalized_email);

-- Movements of money, append-only. A row is one transfer: what leaves one account enters another, so an imbalance cannot be
-- written down. Keys and checks say which way money may go, for whom, how much of it and after what; the rest is below.
CREATE TABLE transfers (
    movement text NOT NULL,
    from_account text NOT NULL,
    to_account text NOT NULL,
    amount numeric NOT NULL,
    user_id uuid NOT NULL,
    merchant_id uuid,
    purchase_id uuid,
    payout_id uuid,
    audit_log_id uuid NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    -- What moves: a purchase's cashback or a payout.
    subject_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(purchase_id, payout_id)) STORED,
    -- The movement that brought the money to where it leaves from. Nothing is followed twice.
    follows text GENERATED ALWAYS AS (
        CASE from_account
            WHEN 'user_pending' THEN 'cashback_earned'
            WHEN 'user_available' THEN CASE movement WHEN 'cashback_reversed' THEN 'cashback_confirmed' END
            WHEN 'payout_in_transit' THEN 'payout_requested'
        END
    ) STORED,
    -- The amount, where it is all of the purchase's cashback or of the payout: of a debt, it is a part.
    whole_amount numeric GENERATED ALWAYS AS (
        CASE WHEN movement NOT LIKE 'debt%' THEN amount END
    ) STORED,
    CONSTRAINT pk_transfers PRIMARY KEY (subject_id, movement),
    CONSTRAINT ck_transfers_amount CHECK (amount = round(amount, 2) AND amount <> 'NaN' AND amount > 0 AND amount <= 9999999999.99),
    -- One comparison: PostgreSQL reads a check anew for every statement, and a CASE of all ways cost it 40 µs.
    CONSTRAINT ck_transfers_way CHECK (movement || ' ' || from_account || ' ' || to_account = ANY ('{
        cashback_earned merchant_receivable user_pending,
        cashback_confirmed user_pending user_available,
        cashback_rejected user_pending merchant_receivable,
        cashback_reversed user_pending merchant_receivable,
        cashback_reversed user_available merchant_receivable,
        payout_requested user_available payout_in_transit,
        payout_completed payout_in_transit paid_out,
        payout_failed payout_in_transit user_available,
        debt_incurred user_debt user_available,
        debt_netted user_available user_debt
    }')),
    CONSTRAINT ck_transfers_subject CHECK (
        (purchase_id IS NULL) = (merchant_id IS NULL) AND num_nonnulls(purchase_id, payout_id) = 1
        AND (movement = 'debt_netted' OR (payout_id IS NOT NULL) = (movement LIKE 'payout%'))
    ),
    CONSTRAINT fk_transfers_follows FOREIGN KEY (subject_id, follows) REFERENCES transfers (subject_id, movement),
    CONSTRAINT fk_transfers_purchase FOREIGN KEY (purchase_id, user_id, merchant_id, whole_amount)
        REFERENCES purchases (id, user_id, merchant_id, cashback_amount),
    CONSTRAINT fk_transfers_payout FOREIGN KEY (payout_id, user_id, whole_amount) REFERENCES payouts (id, user_id, amount),
    CONSTRAINT fk_transfers_audit_log_id FOREIGN KEY (audit_log_id) REFERENCES audit_logs (id)
);

CREATE UNIQUE INDEX ux_transfers_subject_id_follows ON transfers (subject_id, follows) WHERE follows IS NOT NULL;
CREATE INDEX ix_transfers_user_id ON transfers (user_id);

-- A purchase with cashback and a payout stand where money brought them, and the other way round (apply_transfers below).
-- Checked at the latest when the transaction commits.
ALTER TABLE purchases ADD CONSTRAINT fk_purchases_movement
    FOREIGN KEY (id, movement) REFERENCES transfers (subject_id, movement) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE payouts ADD CONSTRAINT fk_payouts_movement
    FOREIGN KEY (id, movement) REFERENCES transfers (subject_id, movement) DEFERRABLE INITIALLY DEFERRED;

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

CREATE TRIGGER tr_transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
CREATE TRIGGER tr_audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();

-- What was bought, promised or withdrawn never changes: a statement that so much as names such a column is refused.
CREATE FUNCTION refuse_changed_facts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(format('ck_%s_facts', TG_TABLE_NAME), TG_TABLE_NAME, format('facts of %s cannot change', TG_TABLE_NAME));
    RETURN NULL;
END $$;

CREATE TRIGGER tr_purchases_facts
    BEFORE UPDATE OF id, external_id, user_id, merchant_id, offer_id, amount, cashback_amount, currency, created_at ON purchases
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();
CREATE TRIGGER tr_payouts_facts
    BEFORE UPDATE OF id, user_id, amount, method, requested_at ON payouts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_changed_facts();
-- Where a payout went can be forgotten once it has ended.
CREATE TRIGGER tr_payouts_destination BEFORE UPDATE OF destination ON payouts FOR EACH ROW
    WHEN (NEW.destination IS NOT NULL OR NEW.status NOT IN ('completed', 'failed'))
    EXECUTE FUNCTION refuse_changed_facts();

-- A payout is exported once and gets one reference: the bank is told of it no second time.
CREATE TRIGGER tr_payouts_export BEFORE UPDATE OF export_id ON payouts FOR EACH ROW
    WHEN (OLD.export_id IS NOT NULL OR NEW.status <> 'processing') EXECUTE FUNCTION refuse_changed_facts();
CREATE TRIGGER tr_payouts_reference BEFORE UPDATE OF external_reference ON payouts FOR EACH ROW
    WHEN (OLD.external_reference IS NOT NULL) EXECUTE FUNCTION refuse_changed_facts();

-- Purchases and payouts walk along their state machines. (Where they start is a default that the API's role cannot overrule.)
CREATE FUNCTION refuse_impossible_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    step text := OLD.status || ' -> ' || NEW.status;
BEGIN
    IF NOT step = ANY (TG_ARGV) THEN
        PERFORM refuse(format('ck_%s_step', TG_TABLE_NAME), TG_TABLE_NAME, step || ' is no step');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tr_purchases_step BEFORE UPDATE OF status ON purchases FOR EACH ROW WHEN (NEW.status <> OLD.status)
    EXECUTE FUNCTION refuse_impossible_step(
        'pending -> confirmed', 'pending -> rejected', 'pending -> reversed', 'confirmed -> reversed');
CREATE TRIGGER tr_payouts_step BEFORE UPDATE OF status ON payouts FOR EACH ROW WHEN (NEW.status <> OLD.status)
    EXECUTE FUNCTION refuse_impossible_step(
        'requested -> processing', 'requested -> completed', 'requested -> failed',
        'processing -> completed', 'processing -> failed');

-- What is over stays over: a refresh token is spent once, a login or a secret revoked for good, a case decided once.
CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse(format('ck_%s_over', TG_TABLE_NAME), TG_TABLE_NAME, format('%s is over', OLD.id));
    RETURN NULL;
END $$;

CREATE TRIGGER tr_refresh_tokens_over BEFORE UPDATE OF used_at ON refresh_tokens FOR EACH ROW
    WHEN (OLD.used_at IS NOT NULL OR NEW.used_at IS NULL) EXECUTE FUNCTION refuse_second_end();
CREATE TRIGGER tr_refresh_token_families_over BEFORE UPDATE OF revoked_at ON refresh_token_families FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL) EXECUTE FUNCTION refuse_second_end();
CREATE TRIGGER tr_webhook_secrets_over BEFORE UPDATE OF revoked_at ON webhook_secrets FOR EACH ROW
    WHEN (OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL) EXECUTE FUNCTION refuse_second_end();
CREATE TRIGGER tr_cases_over BEFORE UPDATE OF decided_at, decided_by, decision, note ON cases FOR EACH ROW
    WHEN (OLD.decided_at IS NOT NULL) EXECUTE FUNCTION refuse_second_end();
CREATE TRIGGER tr_reported_transactions_over BEFORE UPDATE OF state, case_id ON reported_transactions FOR EACH ROW
    WHEN (OLD.state IN ('settled', 'disputed')) EXECUTE FUNCTION refuse_second_end();

-- ---------------------------------------------------------------------------------------------------------------------
-- Another value after every change of what offers are in force: the API keeps those in memory for as long as it is the same.
-- Written in the changing transaction, which holds the row until it ends. Random, so that a database that was restored to an
-- earlier point never comes back to a value that a process remembers.

CREATE TABLE offers_version (
    only_row boolean CONSTRAINT pk_offers_version PRIMARY KEY DEFAULT true CONSTRAINT ck_offers_version_only_row CHECK (only_row),
    version uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO offers_version DEFAULT VALUES;

CREATE FUNCTION renew_offers_version() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE offers_version SET version = gen_random_uuid();
    RETURN NULL;
END $$;

CREATE TRIGGER tr_offers_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON offers
    FOR EACH STATEMENT EXECUTE FUNCTION renew_offers_version();
CREATE TRIGGER tr_merchants_version AFTER UPDATE OR DELETE OR TRUNCATE ON merchants -- a new one has no offers
    FOR EACH STATEMENT EXECUTE FUNCTION renew_offers_version();

-- ---------------------------------------------------------------------------------------------------------------------
-- Every movement of money is audited exactly once, as what it is.

-- Whether an audit row tells of a transfer. (A debt shares the row of what caused it.)
CREATE FUNCTION tells_of(audit audit_logs, moved transfers) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT audit.outcome = 'success' AND CASE moved.movement
        WHEN 'cashback_earned' THEN audit.action = 'CASHBACK_CREDITED' AND audit.resource_type = 'wallet'
            AND audit.resource_id = moved.user_id AND audit.details ->> 'purchase_id' = moved.purchase_id::text
        WHEN 'cashback_confirmed' THEN audit.action = 'PURCHASE_CONFIRMED' AND audit.resource_type = 'purchase'
            AND audit.resource_id = moved.purchase_id
        WHEN 'cashback_rejected' THEN audit.action = 'PURCHASE_REJECTED' AND audit.resource_type = 'purchase'
            AND audit.resource_id = moved.purchase_id
        WHEN 'cashback_reversed' THEN audit.action = 'PURCHASE_REVERSED' AND audit.resource_type = 'purchase'
            AND audit.resource_id = moved.purchase_id
        WHEN 'payout_requested' THEN audit.action = 'WITHDRAWAL_REQUESTED' AND audit.resource_type = 'payout'
            AND audit.resource_id = moved.payout_id
        WHEN 'payout_completed' THEN audit.action = 'WITHDRAWAL_PROCESSED' AND audit.resource_type = 'payout'
            AND audit.resource_id = moved.payout_id AND audit.details ->> 'status' = 'completed'
        WHEN 'payout_failed' THEN audit.action = 'WITHDRAWAL_PROCESSED' AND audit.resource_type = 'payout'
            AND audit.resource_id = moved.payout_id AND audit.details ->> 'status' = 'failed'
        ELSE audit.resource_id = coalesce(moved.purchase_id, moved.payout_id)
    END
$$;

-- Whether an audit row claims that money moved. (Where there is no cashback, a purchase moves nothing; nor does a payout that
-- is merely being processed.)
CREATE FUNCTION claims_movement(audit audit_logs) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT audit.outcome = 'success' AND CASE
        WHEN audit.action IN ('CASHBACK_CREDITED', 'WITHDRAWAL_REQUESTED') THEN true
        WHEN audit.action IN ('PURCHASE_CONFIRMED', 'PURCHASE_REJECTED', 'PURCHASE_REVERSED')
            THEN NOT EXISTS (SELECT FROM purchases WHERE id = audit.resource_id AND cashback_amount = 0)
        WHEN audit.action = 'WITHDRAWAL_PROCESSED' THEN audit.details ->> 'status' IS DISTINCT FROM 'processing'
        ELSE false
    END
$$;

-- The purchase or payout whose money an audit row claims to have moved.
CREATE FUNCTION claimed_subject(audit audit_logs) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE audit.action WHEN 'CASHBACK_CREDITED' THEN (audit.details ->> 'purchase_id')::uuid ELSE audit.resource_id END
$$;

-- The transfer comes after its audit row, so this is asked when the transaction commits. To ask earlier helps nobody: a
-- transfer that is there stays there. With the owner's rights: whatever role writes, the rule sees everything.
CREATE FUNCTION refuse_unmoved_audit_log() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    subject uuid := claimed_subject(NEW);
BEGIN
    IF NOT EXISTS (SELECT FROM transfers WHERE subject_id = subject AND audit_log_id = NEW.id) AND claims_movement(NEW) THEN
        PERFORM refuse('ck_audit_logs_moved', 'audit_logs', format('%s of %s moved no money', NEW.action, NEW.resource_id));
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER tr_audit_logs_moved AFTER INSERT ON audit_logs
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.outcome = 'success' AND NEW.action IN ('CASHBACK_CREDITED', 'PURCHASE_CONFIRMED', 'PURCHASE_REJECTED',
        'PURCHASE_REVERSED', 'WITHDRAWAL_REQUESTED', 'WITHDRAWAL_PROCESSED'))
    EXECUTE FUNCTION refuse_unmoved_audit_log();

-- ---------------------------------------------------------------------------------------------------------------------
-- What follows from transfers, in the same statement: the wallets, which are their projection, what counts against monthly
-- caps, and where purchases and payouts stand. Nobody else writes wallets and cap usages. With the owner's rights, as the
-- API's role has none.

CREATE FUNCTION apply_transfers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    movements text[];
    changed bigint;
BEGIN
    SELECT array_agg(DISTINCT movement) INTO movements FROM moved;
    IF movements IS NULL THEN
        RETURN NULL;
    END IF;

    IF EXISTS (SELECT FROM moved JOIN audit_logs AS audit ON audit.id = moved.audit_log_id WHERE tells_of(audit, moved) IS NOT TRUE) THEN
        PERFORM refuse('ck_transfers_audited', 'transfers', 'the audit row does not tell of the transfer');
    END IF;

    -- A debt belongs to what caused it: cashback that is reversed after it was withdrawn incurs one, money that becomes
    -- available is netted against one. How much of it, the wallet's checks say: nobody owes and has at once.
    IF movements && '{debt_incurred,debt_netted}' AND EXISTS (
        SELECT FROM moved AS debt
        WHERE debt.movement IN ('debt_incurred', 'debt_netted') AND NOT EXISTS (
            SELECT FROM moved AS cause
            WHERE cause.subject_id = debt.subject_id AND cause.user_id = debt.user_id
                AND cause.merchant_id IS NOT DISTINCT FROM debt.merchant_id AND cause.audit_log_id = debt.audit_log_id
                AND cause.amount >= debt.amount
                AND CASE debt.movement
                    WHEN 'debt_incurred' THEN cause.movement = 'cashback_reversed' AND cause.from_account = 'user_available'
                    ELSE cause.movement IN ('cashback_confirmed', 'payout_failed')
                END))
    THEN
        PERFORM refuse('ck_transfers_debt', 'transfers', 'a debt needs its cause in the same statement');
    END IF;

    -- Else what is asked for could be covered by what the same statement incurs or does not net.
    IF 'payout_requested' = ANY (movements) AND EXISTS (
        SELECT FROM moved GROUP BY user_id HAVING bool_or(movement = 'payout_requested') AND count(*) > 1)
    THEN
        PERFORM refuse('ck_transfers_payout_alone', 'transfers', 'a payout is asked for in a statement of its own');
    END IF;

    IF movements = '{cashback_earned}' THEN -- perhaps for the first time
        INSERT INTO wallets (user_id, pending_balance)
        SELECT user_id, sum(amount) FROM moved GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET pending_balance = wallets.pending_balance + EXCLUDED.pending_balance;
    ELSE
        UPDATE wallets
        SET pending_balance = pending_balance + pending, available_balance = available_balance + available,
            paid_balance = paid_balance + paid, owed_balance = owed_balance + owed
        FROM (
            SELECT user_id,
                   sum(CASE 'user_pending' WHEN to_account THEN amount WHEN from_account THEN -amount ELSE 0 END) AS pending,
                   sum(CASE 'user_available' WHEN to_account THEN amount WHEN from_account THEN -amount ELSE 0 END) AS available,
                   sum(CASE 'paid_out' WHEN to_account THEN amount ELSE 0 END) AS paid,
                   sum(CASE 'user_debt' WHEN from_account THEN amount WHEN to_account THEN -amount ELSE 0 END) AS owed
            FROM moved GROUP BY user_id
        ) AS change
        WHERE wallets.user_id = change.user_id;
        GET DIAGNOSTICS changed = ROW_COUNT;
        IF changed < (SELECT count(DISTINCT user_id) FROM moved) THEN
            PERFORM refuse('ck_transfers_wallet', 'transfers', 'there is no wallet');
        END IF;
    END IF;

    -- The cashback of a purchase counts in the month it was recorded (UTC), until it is rejected or reversed. The check
    -- ck_monthly_cap_usages_within_cap refuses what is over the cap.
    IF 'cashback_earned' = ANY (movements) THEN
        INSERT INTO monthly_cap_usages AS usage (user_id, offer_id, month, monthly_cap, credited)
        SELECT purchases.user_id, offers.id, date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')::date,
               offers.monthly_cap, sum(moved.amount)
        FROM moved JOIN purchases ON purchases.id = moved.purchase_id JOIN offers ON offers.id = purchases.offer_id
        WHERE moved.movement = 'cashback_earned'
        GROUP BY 1, 2, 3, 4
        ON CONFLICT (user_id, offer_id, month) DO UPDATE SET credited = usage.credited + EXCLUDED.credited;
    END IF;
    IF movements && '{cashback_rejected,cashback_reversed}' THEN
        UPDATE monthly_cap_usages AS usage SET credited = credited - returned.amount
        FROM (
            SELECT purchases.user_id, purchases.offer_id,
                   date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')::date AS month, sum(moved.amount) AS amount
            FROM moved JOIN purchases ON purchases.id = moved.purchase_id
            WHERE moved.movement IN ('cashback_rejected', 'cashback_reversed')
            GROUP BY 1, 2, 3
        ) AS returned
        WHERE usage.user_id = returned.user_id AND usage.offer_id = returned.offer_id AND usage.month = returned.month;
    END IF;

    IF movements && '{cashback_confirmed,cashback_rejected,cashback_reversed}' THEN
        UPDATE purchases SET resolved_at = occurred_at, status = CASE moved.movement
            WHEN 'cashback_confirmed' THEN 'confirmed' WHEN 'cashback_rejected' THEN 'rejected' ELSE 'reversed' END
        FROM moved
        WHERE purchases.id = moved.purchase_id
            AND moved.movement IN ('cashback_confirmed', 'cashback_rejected', 'cashback_reversed');
    END IF;
    IF movements && '{payout_completed,payout_failed}' THEN
        UPDATE payouts SET processed_at = occurred_at,
            status = CASE moved.movement WHEN 'payout_completed' THEN 'completed' ELSE 'failed' END
        FROM moved
        WHERE payouts.id = moved.payout_id AND moved.movement IN ('payout_completed', 'payout_failed');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER tr_transfers_apply AFTER INSERT ON transfers REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION apply_transfers();

-- Erases an account, once nothing is pending, under way or owed and less is available than can be withdrawn: what is personal
-- goes, the history of money stays as it is. Answers whether it was erased. Whoever buys or withdraws at the same moment waits.
CREATE FUNCTION erase_user(person uuid, least_payout numeric, at timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE id = person FOR UPDATE;
    IF EXISTS (SELECT FROM wallets WHERE user_id = person
            AND (pending_balance > 0 OR owed_balance > 0 OR available_balance >= least_payout))
        OR EXISTS (SELECT FROM payouts WHERE user_id = person AND status IN ('requested', 'processing'))
    THEN
        RETURN false;
    END IF;

    UPDATE users SET email = 'erased ' || id, normalized_email = 'erased ' || id, password_hash = '', active = false, erased_at = at
    WHERE id = person AND erased_at IS NULL;
    UPDATE payouts SET destination = NULL WHERE user_id = person AND destination IS NOT NULL;
    UPDATE refresh_token_families SET revoked_at = at WHERE user_id = person AND revoked_at IS NULL;
    DELETE FROM idempotency_keys WHERE user_id = person;
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION erase_user FROM PUBLIC;

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
-- The money invariants. All zero, or money is wrong: for tests, for the status page, for alerts and for restored backups.

-- What each user's wallet must hold.
CREATE VIEW wallets_by_transfers AS
SELECT user_id,
       sum(CASE 'user_pending' WHEN to_account THEN amount WHEN from_account THEN -amount ELSE 0 END) AS pending,
       sum(CASE 'user_available' WHEN to_account THEN amount WHEN from_account THEN -amount ELSE 0 END) AS available,
       sum(CASE 'paid_out' WHEN to_account THEN amount ELSE 0 END) AS paid,
       sum(CASE 'user_debt' WHEN from_account THEN amount WHEN to_account THEN -amount ELSE 0 END) AS owed
FROM transfers GROUP BY user_id;

-- What the wallets hold and the platform's own accounts do, which have no running balance: 0, as what leaves one account
-- enters another. Of all people, or of some.
CREATE FUNCTION ledger_imbalance(people uuid[] DEFAULT NULL) RETURNS numeric
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN coalesce((SELECT sum(pending_balance + available_balance + paid_balance - owed_balance)
                     FROM wallets WHERE people IS NULL OR user_id = ANY (people)), 0)
         + coalesce((SELECT sum(CASE WHEN to_account IN ('merchant_receivable', 'payout_in_transit') THEN amount ELSE 0 END
                              - CASE WHEN from_account IN ('merchant_receivable', 'payout_in_transit') THEN amount ELSE 0 END)
                     FROM transfers WHERE people IS NULL OR user_id = ANY (people)), 0);
END $$;
REVOKE EXECUTE ON FUNCTION ledger_imbalance FROM PUBLIC;

-- What was ever booked into each account and out of it.
CREATE FUNCTION trial_balance() RETURNS TABLE (account text, debit numeric, credit numeric)
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT account, sum(debit), sum(credit)
    FROM (
        SELECT from_account AS account, 0 AS debit, sum(amount) AS credit FROM transfers GROUP BY from_account
        UNION ALL
        SELECT to_account, sum(amount), 0 FROM transfers GROUP BY to_account
    ) AS booked
    GROUP BY account
$$;
REVOKE EXECUTE ON FUNCTION trial_balance FROM PUBLIC;

-- Whose money has moved since an instant, as the audit log tells.
CREATE FUNCTION people_moved_since(since timestamptz) RETURNS uuid[]
    LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT user_id), '{}') FROM (
        SELECT resource_id FROM audit_logs WHERE occurred_at >= since AND resource_type = 'wallet'
        UNION ALL
        SELECT user_id FROM audit_logs JOIN purchases ON purchases.id = resource_id
        WHERE occurred_at >= since AND resource_type = 'purchase'
        UNION ALL
        SELECT user_id FROM audit_logs JOIN payouts ON payouts.id = resource_id
        WHERE occurred_at >= since AND resource_type = 'payout'
    ) AS moved (user_id)
$$;
REVOKE EXECUTE ON FUNCTION people_moved_since FROM PUBLIC;

-- Of everybody, or of all that belongs to the people whose money has moved since an instant: as good, if all was right then and
-- nobody has gone around the audit log. (Planned for what is asked: one reads tables, the other follows indexes.)
CREATE FUNCTION money_invariants(since timestamptz DEFAULT NULL) RETURNS TABLE (invariant text, violations bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    people uuid[] := CASE WHEN since IS NOT NULL THEN people_moved_since(since) END;
BEGIN
    RETURN QUERY
    WITH cashback AS (
        SELECT user_id,
               coalesce(sum(cashback_amount) FILTER (WHERE status = 'pending'), 0) AS pending,
               coalesce(sum(cashback_amount) FILTER (WHERE status = 'confirmed'), 0) AS available
        FROM purchases WHERE people IS NULL OR user_id = ANY (people) GROUP BY user_id
    ), withdrawn AS (
        SELECT user_id,
               coalesce(sum(amount) FILTER (WHERE status <> 'failed'), 0) AS out,
               coalesce(sum(amount) FILTER (WHERE status = 'completed'), 0) AS paid
        FROM payouts WHERE people IS NULL OR user_id = ANY (people) GROUP BY user_id
    ), wallet AS (
        SELECT wallets.*, coalesce(cashback.pending, 0) AS earned_pending, coalesce(cashback.available, 0) AS earned_available,
               coalesce(withdrawn.out, 0) AS withdrawn, coalesce(withdrawn.paid, 0) AS withdrawn_and_paid
        FROM wallets LEFT JOIN cashback USING (user_id) LEFT JOIN withdrawn USING (user_id)
        WHERE people IS NULL OR user_id = ANY (people)
    ), made AS (
        SELECT subject_id, string_agg(movement, ',' ORDER BY movement) AS movements,
               count(DISTINCT whole_amount) AS amounts, max(whole_amount) AS amount
        FROM transfers WHERE whole_amount IS NOT NULL AND (people IS NULL OR user_id = ANY (people)) GROUP BY subject_id
    )
    SELECT 'the ledger sums to zero', (ledger_imbalance(people) <> 0)::int::bigint
    UNION ALL
    SELECT 'wallets are the sums of their transfers', count(*)
    FROM (SELECT * FROM wallets WHERE people IS NULL OR user_id = ANY (people)) AS stored
    FULL JOIN (SELECT * FROM wallets_by_transfers WHERE people IS NULL OR user_id = ANY (people)) AS moved USING (user_id)
    WHERE (coalesce(pending_balance, 0), coalesce(available_balance, 0), coalesce(paid_balance, 0), coalesce(owed_balance, 0))
        IS DISTINCT FROM (coalesce(pending, 0), coalesce(available, 0), coalesce(paid, 0), coalesce(owed, 0))
    UNION ALL
    SELECT 'no balance is negative', count(*)
    FROM wallet WHERE least(pending_balance, available_balance, paid_balance, owed_balance) < 0
    UNION ALL
    SELECT 'pending is the sum of pending cashback', count(*) FROM wallet WHERE pending_balance <> earned_pending
    UNION ALL
    SELECT 'available less owed is available cashback less payouts that did not fail', count(*)
    FROM wallet WHERE available_balance - owed_balance <> earned_available - withdrawn
    UNION ALL
    SELECT 'paid is the sum of completed payouts', count(*) FROM wallet WHERE paid_balance <> withdrawn_and_paid
    UNION ALL
    SELECT 'nobody owes and has at once', count(*) FROM wallet WHERE available_balance > 0 AND owed_balance > 0
    UNION ALL
    SELECT 'every purchase with cashback made the movements of its status', count(*)
    FROM purchases LEFT JOIN made ON subject_id = purchases.id
    WHERE cashback_amount > 0 AND (people IS NULL OR user_id = ANY (people)) AND NOT coalesce(movements = ANY (CASE status
        WHEN 'pending' THEN ARRAY['cashback_earned']
        WHEN 'confirmed' THEN ARRAY['cashback_confirmed,cashback_earned']
        WHEN 'rejected' THEN ARRAY['cashback_earned,cashback_rejected']
        ELSE ARRAY['cashback_earned,cashback_reversed', 'cashback_confirmed,cashback_earned,cashback_reversed'] END), false)
    UNION ALL
    SELECT 'every payout made the movements of its status', count(*)
    FROM payouts LEFT JOIN made ON subject_id = payouts.id
    WHERE (people IS NULL OR user_id = ANY (people)) AND movements IS DISTINCT FROM CASE status
        WHEN 'completed' THEN 'payout_completed,payout_requested'
        WHEN 'failed' THEN 'payout_failed,payout_requested'
        ELSE 'payout_requested' END
    UNION ALL
    SELECT 'what moves is the cashback of the purchase or the amount of the payout', count(*)
    FROM made
    LEFT JOIN purchases ON purchases.id = subject_id
    LEFT JOIN payouts ON payouts.id = subject_id
    WHERE amounts <> 1 OR made.amount IS DISTINCT FROM coalesce(purchases.cashback_amount, payouts.amount)
    UNION ALL
    SELECT 'every debt has its cause', count(*)
    FROM transfers AS debt
    WHERE whole_amount IS NULL AND (people IS NULL OR user_id = ANY (people)) AND NOT EXISTS (
        SELECT FROM transfers AS cause
        WHERE cause.subject_id = debt.subject_id AND cause.audit_log_id = debt.audit_log_id AND cause.user_id = debt.user_id
            AND cause.whole_amount >= debt.amount)
    UNION ALL
    SELECT 'no monthly cap is exceeded', count(*)
    FROM (
        SELECT sum(cashback_amount) AS credited, offers.monthly_cap
        FROM purchases JOIN offers ON offers.id = offer_id
        WHERE status NOT IN ('rejected', 'reversed') AND (people IS NULL OR user_id = ANY (people))
        GROUP BY user_id, offers.id, date_trunc('month', purchases.created_at AT TIME ZONE 'UTC')
    ) AS month
    WHERE credited > monthly_cap
    UNION ALL
    SELECT 'every money movement is audited exactly once, as what it is',
        (SELECT count(*) FROM transfers AS moved LEFT JOIN audit_logs AS audit ON audit.id = audit_log_id
         WHERE (people IS NULL OR user_id = ANY (people)) AND tells_of(audit, moved) IS NOT TRUE)
        + (SELECT count(*) FROM (
            SELECT FROM transfers WHERE whole_amount IS NOT NULL AND (people IS NULL OR user_id = ANY (people)) GROUP BY audit_log_id HAVING count(*) > 1) AS shared)
    UNION ALL
    SELECT 'every audited money movement happened', count(*)
    FROM audit_logs AS audit
    WHERE (since IS NULL OR occurred_at >= since) AND claims_movement(audit) AND NOT EXISTS (
        SELECT FROM transfers WHERE subject_id = claimed_subject(audit) AND audit_log_id = audit.id);
END $$;

-- Whose turn it is to ask. The API's role has no right to it.
CREATE TABLE money_check_turn (
    only_row boolean CONSTRAINT pk_money_check_turn PRIMARY KEY DEFAULT true CONSTRAINT ck_money_check_turn_only_row CHECK (only_row)
);
INSERT INTO money_check_turn DEFAULT VALUES;

-- Asks the money invariants and keeps the answer, unless there is one that is young enough: younger than asked for, or younger
-- than 20 times what it took. One process at a time; but whoever keeps its turn for longer than two intervals is passed by.
-- Asks about everything by night (from 3 o'clock UTC), which is the checkpoint of the day, and in between about what has moved
-- since; but always about everything as long as that takes little, or if the checkpoint found something. With the owner's
-- rights: nobody else writes answers. Answers whether it asked.
CREATE FUNCTION check_money(every interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    started timestamptz := clock_timestamp();
    night timestamptz := (date_trunc('day', started AT TIME ZONE 'UTC' - interval '3 hours') + interval '3 hours') AT TIME ZONE 'UTC';
    last money_checks;
    checkpoint money_checks;
    moved_since timestamptz;
    answer jsonb;
    balances jsonb;
BEGIN
    PERFORM FROM money_check_turn FOR UPDATE SKIP LOCKED;
    IF NOT FOUND AND NOT EXISTS (SELECT FROM money_checks HAVING max(checked_at) < started - 2 * every) THEN
        RETURN false;
    END IF;

    SELECT * INTO last FROM money_checks ORDER BY checked_at DESC LIMIT 1;
    SELECT * INTO checkpoint FROM money_checks WHERE since IS NULL ORDER BY checked_at DESC LIMIT 1;
    IF last.checked_at + every > started OR last.since IS NOT NULL AND last.checked_at + 20 * last.took > started THEN
        RETURN false;
    END IF;

    IF checkpoint.checked_at >= night AND 20 * checkpoint.took > every
        AND NOT EXISTS (SELECT FROM jsonb_each(checkpoint.violations) WHERE value <> '0')
    THEN
        moved_since := checkpoint.checked_at - interval '10 minutes'; -- what had not been committed then
    END IF;
    SELECT jsonb_object_agg(invariant, violations) INTO answer FROM money_invariants(moved_since);
    IF moved_since IS NULL THEN
        SELECT coalesce(jsonb_object_agg(account, jsonb_build_object('debit', debit, 'credit', credit)), '{}') INTO balances
        FROM trial_balance();
    END IF;
    INSERT INTO money_checks (checked_at, took, ledger_imbalance, violations, since, accounts)
    VALUES (started, clock_timestamp() - started,
            ledger_imbalance(CASE WHEN moved_since IS NOT NULL THEN people_moved_since(moved_since) END), answer, moved_since,
            balances);
    RETURN true;
END $$;
REVOKE EXECUTE ON FUNCTION check_money FROM PUBLIC;

-- ---------------------------------------------------------------------------------------------------------------------
-- Retention. Deletes at most so many of the oldest rows of a table that have had their time, but nothing that is of use,
-- whatever is asked for: with the owner's rights, as the API's role has no right to delete. What somebody else is deleting is
-- passed by. Answers how many were deleted.
CREATE FUNCTION delete_expired(from_table text, before timestamptz, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    deleted bigint;
    ended uuid[];
BEGIN
    CASE from_table
        WHEN 'idempotency_keys' THEN
            DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM idempotency_keys WHERE created_at <= least(before, now() - interval '24 hours')
                ORDER BY created_at LIMIT most FOR UPDATE SKIP LOCKED));
            GET DIAGNOSTICS deleted = ROW_COUNT;
        WHEN 'money_checks' THEN
            DELETE FROM money_checks WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM money_checks WHERE checked_at <= least(before, now() - interval '30 days')
                ORDER BY checked_at LIMIT most FOR UPDATE SKIP LOCKED));
            GET DIAGNOSTICS deleted = ROW_COUNT;
        WHEN 'report_file_rows' THEN
            DELETE FROM report_file_rows WHERE ctid = ANY (ARRAY(
                SELECT row.ctid FROM report_files JOIN report_file_rows AS row ON file_id = report_files.id
                WHERE uploaded_at <= least(before, now() - interval '1 day') LIMIT most FOR UPDATE OF row SKIP LOCKED));
            GET DIAGNOSTICS deleted = ROW_COUNT;
        WHEN 'report_file_errors' THEN
            DELETE FROM report_file_errors WHERE ctid = ANY (ARRAY(
                SELECT error.ctid FROM report_files JOIN report_file_errors AS error ON file_id = report_files.id
                WHERE uploaded_at <= least(before, now() - interval '1 day') LIMIT most FOR UPDATE OF error SKIP LOCKED));
            GET DIAGNOSTICS deleted = ROW_COUNT;
        WHEN 'refresh_tokens' THEN
            WITH expired AS (
                DELETE FROM refresh_tokens WHERE ctid = ANY (ARRAY(
                    SELECT ctid FROM refresh_tokens WHERE expires_at <= least(before, now())
                    ORDER BY expires_at LIMIT most FOR UPDATE SKIP LOCKED))
                RETURNING family_id
            )
            SELECT count(*), array_agg(family_id) INTO deleted, ended FROM expired;
            DELETE FROM refresh_token_families AS family
            WHERE id = ANY (ended) AND NOT EXISTS (SELECT FROM refresh_tokens WHERE family_id = family.id);
    END CASE;
    RETURN deleted;
END $$;
REVOKE EXECUTE ON FUNCTION delete_expired FROM PUBLIC;

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
