-- The least that records a purchase with the guarantees that the platform gives: foreign keys, checks, unique keys, the month's
-- cap, a wallet that cannot be wrong under concurrency, transfers, an audit row, one durable commit, and all of it in one round
-- trip. A yardstick of what PostgreSQL can do on this machine; no design, for rules and rights are missing.

CREATE TABLE wallet (
    user_id int PRIMARY KEY,
    pending numeric(12, 2) NOT NULL DEFAULT 0 CHECK (pending >= 0),
    available numeric(12, 2) NOT NULL DEFAULT 0 CHECK (available >= 0)
);
INSERT INTO wallet SELECT generate_series(1, 10000);

CREATE TABLE merchant (id int PRIMARY KEY, active bool NOT NULL);
INSERT INTO merchant SELECT number, true FROM generate_series(1, 50) AS number;

CREATE TABLE offer (
    id int PRIMARY KEY,
    merchant_id int NOT NULL REFERENCES merchant,
    active bool NOT NULL,
    percentage numeric NOT NULL,
    cap numeric NOT NULL,
    start_date date NOT NULL,
    end_date date NOT NULL
);
CREATE UNIQUE INDEX ON offer (merchant_id) WHERE active;
INSERT INTO offer SELECT id, id, true, 5, 1e9, current_date - 300, current_date + 300 FROM merchant;

CREATE TABLE purchase (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    external_id text NOT NULL UNIQUE,
    user_id int NOT NULL REFERENCES wallet,
    merchant_id int NOT NULL REFERENCES merchant,
    offer_id int NOT NULL REFERENCES offer,
    amount numeric(12, 2) NOT NULL CHECK (amount > 0),
    cashback numeric(12, 2) NOT NULL CHECK (cashback >= 0),
    status text NOT NULL DEFAULT 'pending',
    created_at timestamptz NOT NULL DEFAULT now(),
    next_verification_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON purchase (user_id, created_at);
CREATE INDEX ON purchase (next_verification_at) WHERE status = 'pending';

CREATE TABLE cap_usage (
    user_id int,
    offer_id int,
    month date,
    credited numeric(12, 2) NOT NULL,
    PRIMARY KEY (user_id, offer_id, month)
);

CREATE TABLE audit (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    occurred_at timestamptz NOT NULL DEFAULT now(),
    action text NOT NULL,
    resource_id uuid NOT NULL,
    details jsonb
);
CREATE INDEX ON audit (resource_id);

CREATE TABLE transfer (
    purchase_id uuid NOT NULL REFERENCES purchase,
    movement text NOT NULL,
    from_account text NOT NULL,
    to_account text NOT NULL,
    amount numeric(12, 2) NOT NULL CHECK (amount > 0),
    user_id int NOT NULL,
    audit_id uuid NOT NULL REFERENCES audit,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (purchase_id, movement)
);
CREATE INDEX ON transfer (user_id);

CREATE FUNCTION record_purchase(external_id text, buyer int, merchant int, amount numeric) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    terms offer;
    used numeric;
    this_month date := date_trunc('month', now())::date;
    cashback numeric;
    purchase uuid;
    audit uuid;
BEGIN
    SELECT * INTO terms FROM offer WHERE merchant_id = merchant AND active AND current_date BETWEEN start_date AND end_date;
    PERFORM FROM wallet WHERE user_id = buyer FOR NO KEY UPDATE;
    SELECT credited INTO used FROM cap_usage WHERE user_id = buyer AND offer_id = terms.id AND month = this_month;
    cashback := least(round(amount * terms.percentage / 100, 2), terms.cap - coalesce(used, 0));

    INSERT INTO purchase (external_id, user_id, merchant_id, offer_id, amount, cashback)
    VALUES (external_id, buyer, merchant, terms.id, amount, cashback)
    ON CONFLICT DO NOTHING RETURNING id INTO purchase;
    IF purchase IS NULL THEN
        RETURN NULL;
    END IF;

    INSERT INTO audit (action, resource_id, details)
    VALUES ('CASHBACK_CREDITED', purchase, jsonb_build_object('cashback_amount', cashback))
    RETURNING id INTO audit;
    INSERT INTO transfer (purchase_id, movement, from_account, to_account, amount, user_id, audit_id)
    VALUES (purchase, 'cashback_earned', 'merchant_receivable', 'user_pending', cashback, buyer, audit);
    INSERT INTO cap_usage VALUES (buyer, terms.id, this_month, cashback)
    ON CONFLICT (user_id, offer_id, month) DO UPDATE SET credited = cap_usage.credited + EXCLUDED.credited;
    UPDATE wallet SET pending = pending + cashback WHERE user_id = buyer;
    RETURN purchase;
END $$;
