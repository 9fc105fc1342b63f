-- Stock: what is kept back, what channels share, batches, and how each level was told.
ALTER TABLE stock_level ADD COLUMN stale BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE ledger ADD COLUMN batch TEXT, ADD COLUMN expires_on TEXT;
ALTER TABLE level_told ADD COLUMN at TIMESTAMP WITH TIME ZONE, ADD COLUMN message_id UUID;
CREATE TABLE safety_stock (
  merchant_id TEXT NOT NULL,
  warehouse TEXT DEFAULT '' NOT NULL,
  sku TEXT DEFAULT '' NOT NULL,
  pieces NUMERIC(20, 6) DEFAULT 0 NOT NULL,
  PRIMARY KEY (merchant_id, sku, warehouse)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON safety_stock TO orderhub_runtime;
ALTER TABLE safety_stock ENABLE ROW LEVEL SECURITY;
ALTER TABLE safety_stock FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON safety_stock USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE stock_share (
  merchant_id TEXT NOT NULL,
  rules JSONB DEFAULT '[]'::jsonb NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON stock_share TO orderhub_runtime;
ALTER TABLE stock_share ENABLE ROW LEVEL SECURITY;
ALTER TABLE stock_share FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON stock_share USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
