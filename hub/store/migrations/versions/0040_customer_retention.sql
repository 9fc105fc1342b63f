-- How many days after their last order a merchant's customers are kept. See
-- hub/store/customers/retention.py.
CREATE TABLE customer_retention (
  merchant_id TEXT NOT NULL,
  days INTEGER,
  author TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_retention TO orderhub_runtime;
ALTER TABLE customer_retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_retention FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON customer_retention USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
