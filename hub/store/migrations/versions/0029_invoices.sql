-- Invoices, numbered without gaps: see hub/store/invoices.
CREATE TABLE invoice_seller (
  merchant_id TEXT NOT NULL,
  seller JSONB DEFAULT '{}'::jsonb NOT NULL,
  at_shipment BOOLEAN DEFAULT false NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoice_seller TO orderhub_runtime;
ALTER TABLE invoice_seller ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice_seller FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON invoice_seller USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE invoice_counter (
  merchant_id TEXT NOT NULL,
  year INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (year, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoice_counter TO orderhub_runtime;
ALTER TABLE invoice_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice_counter FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON invoice_counter USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE invoice (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  year INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  number TEXT NOT NULL,
  kind TEXT NOT NULL,
  order_id UUID NOT NULL,
  subject TEXT NOT NULL,
  currency TEXT NOT NULL,
  tax NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  payable NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  document BYTEA NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT invoice_number_once UNIQUE (year, serial, merchant_id),
  CONSTRAINT invoice_subject_once UNIQUE (order_id, subject, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoice TO orderhub_runtime;
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON invoice USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
