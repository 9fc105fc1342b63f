-- A merchant's review rules: see hub/rules/orders/review_rules.py. And by what orders of one customer
-- are known: see hub/store/orders/customers.py.
CREATE TABLE review (
  merchant_id TEXT NOT NULL,
  rules JSONB DEFAULT '[]'::jsonb NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON review TO orderhub_runtime;
ALTER TABLE review ENABLE ROW LEVEL SECURITY;
ALTER TABLE review FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON review USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);

ALTER TABLE sales_order ADD COLUMN customer BYTEA;
CREATE INDEX sales_order_customer ON sales_order (customer, id) WHERE customer IS NOT NULL;
