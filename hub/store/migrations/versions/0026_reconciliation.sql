-- Money expected and reported: see hub/store/reconciliation.
CREATE TABLE provider_report (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  provider TEXT NOT NULL,
  report_id TEXT NOT NULL,
  digest BYTEA NOT NULL,
  currency TEXT NOT NULL,
  begins_at TIMESTAMP WITH TIME ZONE NOT NULL,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
  opening NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  closing NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  payout_reference TEXT,
  payout NUMERIC(20, 6),
  payout_at TIMESTAMP WITH TIME ZONE,
  message_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT provider_report_once UNIQUE (provider, report_id, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON provider_report TO orderhub_runtime;
ALTER TABLE provider_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_report FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON provider_report USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE provider_row (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  report_id UUID NOT NULL,
  line_no INTEGER NOT NULL,
  kind TEXT NOT NULL,
  reference TEXT NOT NULL,
  original TEXT,
  order_reference TEXT,
  gross NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  fee NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  net NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  currency TEXT NOT NULL,
  booked_at TIMESTAMP WITH TIME ZONE NOT NULL,
  weight_kg NUMERIC(20, 6),
  order_id UUID,
  state TEXT DEFAULT 'open' NOT NULL,
  reason TEXT,
  match_id UUID,
  decided_by TEXT,
  decided_at TIMESTAMP WITH TIME ZONE,
  note TEXT,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT provider_row_matched CHECK ((state = 'matched') = (match_id IS NOT NULL))
)
 WITH (fillfactor = 80);
CREATE INDEX provider_row_match ON provider_row (match_id) WHERE match_id IS NOT NULL;
CREATE INDEX provider_row_open ON provider_row (id) WHERE state = 'open';
CREATE INDEX provider_row_order ON provider_row (order_id);
CREATE INDEX provider_row_reference ON provider_row (reference);
CREATE INDEX provider_row_report ON provider_row (report_id, line_no);
GRANT SELECT, INSERT, UPDATE, DELETE ON provider_row TO orderhub_runtime;
ALTER TABLE provider_row ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_row FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON provider_row USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE expected_money (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  reference TEXT,
  order_id UUID,
  order_reference TEXT,
  order_number TEXT,
  amount NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  currency TEXT NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE NOT NULL,
  weight_kg NUMERIC(20, 6),
  state TEXT DEFAULT 'open' NOT NULL,
  reason TEXT,
  match_id UUID,
  decided_by TEXT,
  decided_at TIMESTAMP WITH TIME ZONE,
  note TEXT,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT expected_money_once UNIQUE (kind, key, merchant_id),
  CONSTRAINT expected_money_matched CHECK ((state = 'matched') = (match_id IS NOT NULL))
)
 WITH (fillfactor = 80);
CREATE INDEX expected_money_amount ON expected_money (amount, currency, kind) WHERE state = 'open';
CREATE INDEX expected_money_match ON expected_money (match_id) WHERE match_id IS NOT NULL;
CREATE INDEX expected_money_open ON expected_money (id) WHERE state = 'open';
CREATE INDEX expected_money_order ON expected_money (order_id);
CREATE INDEX expected_money_order_reference ON expected_money (order_reference);
CREATE INDEX expected_money_reference ON expected_money (reference) WHERE reference IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON expected_money TO orderhub_runtime;
ALTER TABLE expected_money ENABLE ROW LEVEL SECURITY;
ALTER TABLE expected_money FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON expected_money USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE money_match (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  rule TEXT NOT NULL,
  currency TEXT NOT NULL,
  ours NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  theirs NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  difference NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  actor TEXT DEFAULT 'hub' NOT NULL,
  note TEXT,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  undone_at TIMESTAMP WITH TIME ZONE,
  undone_by TEXT,
  PRIMARY KEY (id, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON money_match TO orderhub_runtime;
ALTER TABLE money_match ENABLE ROW LEVEL SECURITY;
ALTER TABLE money_match FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON money_match USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE chargeback (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  row_id UUID NOT NULL,
  order_id UUID,
  reference TEXT NOT NULL,
  order_reference TEXT,
  amount NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  note TEXT,
  opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT chargeback_once UNIQUE (row_id, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON chargeback TO orderhub_runtime;
ALTER TABLE chargeback ENABLE ROW LEVEL SECURITY;
ALTER TABLE chargeback FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON chargeback USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
