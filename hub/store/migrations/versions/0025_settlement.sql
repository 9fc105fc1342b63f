-- Who is owed what: see hub/store/settlement.
CREATE TABLE entry (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  document TEXT NOT NULL,
  reason TEXT NOT NULL,
  currency TEXT NOT NULL,
  total NUMERIC(20, 6) NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  settle_at TIMESTAMP WITH TIME ZONE NOT NULL,
  order_id UUID,
  message_id UUID,
  detail JSONB DEFAULT '{}'::jsonb NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT entry_once UNIQUE (document, reason, merchant_id)
);
CREATE INDEX entry_order ON entry (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX entry_settled ON entry (merchant_id, settle_at);
GRANT SELECT, INSERT ON entry TO orderhub_runtime;
ALTER TABLE entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON entry USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE entry_line (
  entry_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  account TEXT NOT NULL,
  debit NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  credit NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  tax_code TEXT,
  reference TEXT,
  PRIMARY KEY (entry_id, position, merchant_id),
  CONSTRAINT entry_line_one_side CHECK (debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0))
);
GRANT SELECT, INSERT ON entry_line TO orderhub_runtime;
ALTER TABLE entry_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_line FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON entry_line USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE charge_shape (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  traits JSONB DEFAULT '{}'::jsonb NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX charge_shape_merchant ON charge_shape (merchant_id);
GRANT SELECT, INSERT ON charge_shape TO orderhub_runtime;
ALTER TABLE charge_shape ENABLE ROW LEVEL SECURITY;
ALTER TABLE charge_shape FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON charge_shape USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE charge_item (
  entry_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  shape_id UUID NOT NULL,
  currency TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  settle_at TIMESTAMP WITH TIME ZONE NOT NULL,
  line TEXT,
  quantity NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  amount NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  tax NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  weight NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  PRIMARY KEY (entry_id, position, merchant_id)
);
CREATE INDEX charge_item_settled ON charge_item (merchant_id, settle_at);
GRANT SELECT, INSERT ON charge_item TO orderhub_runtime;
ALTER TABLE charge_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE charge_item FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON charge_item USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE contract (
  merchant_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
  terms JSONB DEFAULT '{}'::jsonb NOT NULL,
  author TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id, version)
);
GRANT SELECT, INSERT ON contract TO orderhub_runtime;
ALTER TABLE contract ENABLE ROW LEVEL SECURITY;
ALTER TABLE contract FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON contract USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE adjustment (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount NUMERIC(20, 6) NOT NULL,
  reason TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  decision TEXT,
  decided_by TEXT,
  decided_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT adjustment_moves CHECK (amount <> 0),
  CONSTRAINT adjustment_four_eyes CHECK (decided_by <> entered_by)
);
CREATE INDEX adjustment_open ON adjustment (id) WHERE decision IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON adjustment TO orderhub_runtime;
ALTER TABLE adjustment ENABLE ROW LEVEL SECURITY;
ALTER TABLE adjustment FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON adjustment USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE statement (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  number TEXT NOT NULL,
  currency TEXT NOT NULL,
  period_from TIMESTAMP WITH TIME ZONE NOT NULL,
  period_to TIMESTAMP WITH TIME ZONE NOT NULL,
  status TEXT NOT NULL,
  revision INTEGER DEFAULT '0' NOT NULL,
  terms INTEGER DEFAULT '0' NOT NULL,
  carried_in NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  balance NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  payout NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  carried_out NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  digest BYTEA,
  calculated_by TEXT,
  calculated_at TIMESTAMP WITH TIME ZONE,
  approved_by TEXT,
  approved_at TIMESTAMP WITH TIME ZONE,
  payout_reference TEXT,
  paid_at TIMESTAMP WITH TIME ZONE,
  note TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT statement_number UNIQUE (number, merchant_id),
  CONSTRAINT statement_once UNIQUE (currency, period_from, merchant_id),
  CONSTRAINT statement_period CHECK (period_to > period_from),
  CONSTRAINT statement_four_eyes CHECK (approved_by <> calculated_by)
);
CREATE INDEX statement_merchant ON statement (merchant_id, period_to);
GRANT SELECT, INSERT, UPDATE, DELETE ON statement TO orderhub_runtime;
ALTER TABLE statement ENABLE ROW LEVEL SECURITY;
ALTER TABLE statement FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON statement USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE statement_line (
  statement_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  kind TEXT NOT NULL,
  code TEXT DEFAULT '' NOT NULL,
  rule TEXT,
  version INTEGER,
  items BIGINT DEFAULT '0' NOT NULL,
  quantity NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  base NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  amount NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  detail JSONB DEFAULT '{}'::jsonb NOT NULL,
  PRIMARY KEY (statement_id, position, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON statement_line TO orderhub_runtime;
ALTER TABLE statement_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE statement_line FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON statement_line USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE posting (
  name TEXT NOT NULL,
  after UUID NOT NULL,
  looked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (name)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON posting TO orderhub_runtime;
-- What is booked stays: whoever owns the tables cannot change it either.
CREATE FUNCTION orderhub_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON charge_item
  FOR EACH STATEMENT EXECUTE FUNCTION orderhub_only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON charge_shape
  FOR EACH STATEMENT EXECUTE FUNCTION orderhub_only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON contract
  FOR EACH STATEMENT EXECUTE FUNCTION orderhub_only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  FOR EACH STATEMENT EXECUTE FUNCTION orderhub_only_added();
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_line
  FOR EACH STATEMENT EXECUTE FUNCTION orderhub_only_added();
-- The lines of an entry come in one statement, balance, and add up to its total.
CREATE FUNCTION orderhub_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong UUID;
BEGIN
  SELECT sums.entry_id INTO wrong FROM (
    SELECT entry_id, merchant_id, sum(debit) AS debit, sum(credit) AS credit
    FROM added GROUP BY 1, 2
  ) AS sums
  LEFT JOIN entry ON entry.id = sums.entry_id AND entry.merchant_id = sums.merchant_id
  WHERE sums.debit <> sums.credit OR entry.total IS DISTINCT FROM sums.debit LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % does not balance', wrong USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balanced AFTER INSERT ON entry_line REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION orderhub_balanced();
