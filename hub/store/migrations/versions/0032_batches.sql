-- Batches: what of a level bears which batch or expiry, and what of it expires too soon to be sold.
ALTER TABLE stock_level ADD COLUMN by_batch BOOLEAN DEFAULT false NOT NULL,
  ADD COLUMN expiring NUMERIC(20, 6) DEFAULT 0 NOT NULL;
CREATE INDEX stock_level_by_batch ON stock_level (merchant_id, sku) WHERE by_batch;
CREATE TABLE stock_batch (
  merchant_id TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  quality TEXT DEFAULT 'good' NOT NULL,
  batch TEXT NOT NULL,
  expires_on DATE,
  on_hand NUMERIC(20, 6) DEFAULT 0 NOT NULL,
  PRIMARY KEY (warehouse, sku, quality, merchant_id, batch)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON stock_batch TO orderhub_runtime;
ALTER TABLE stock_batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE stock_batch FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON stock_batch USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
INSERT INTO stock_batch (merchant_id, warehouse, sku, quality, batch, on_hand)
SELECT merchant_id, warehouse, sku, quality, batch, sum(delta) FROM ledger
WHERE batch <> '' GROUP BY 1, 2, 3, 4, 5;
UPDATE stock_level AS level SET by_batch = true FROM stock_batch AS its
WHERE its.warehouse = level.warehouse AND its.sku = level.sku AND its.quality = level.quality
  AND its.merchant_id = level.merchant_id;
