-- Stocktakes, taken by one person and approved by another. Lines are the snapshot; counts are only ever
-- added, the newest of a line's round being the one that counts. See hub/store/stock/stocktakes.py.
CREATE TABLE stocktake (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  number TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  status TEXT NOT NULL,
  blind BOOLEAN NOT NULL,
  skus TEXT[] DEFAULT '{}' NOT NULL,
  note TEXT,
  "position" UUID,
  round INTEGER DEFAULT '1' NOT NULL,
  steps JSONB DEFAULT '[]'::jsonb NOT NULL,
  counted_by TEXT[] DEFAULT '{}' NOT NULL,
  decided_by TEXT,
  opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT stocktake_four_eyes CHECK (
    status <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> ALL (counted_by)))
);
CREATE INDEX stocktake_under_way ON stocktake (merchant_id, warehouse)
  WHERE status IN ('counting', 'counted');
GRANT SELECT, INSERT, UPDATE, DELETE ON stocktake TO orderhub_runtime;
ALTER TABLE stocktake ENABLE ROW LEVEL SECURITY;
ALTER TABLE stocktake FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON stocktake USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE stocktake_line (
  stocktake_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  sku TEXT NOT NULL,
  quality TEXT NOT NULL,
  batch TEXT DEFAULT '' NOT NULL,
  expires_on DATE,
  expected NUMERIC(20, 6) NOT NULL,
  found BOOLEAN NOT NULL,
  round INTEGER DEFAULT '1' NOT NULL,
  outcome TEXT,
  adjusted NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  PRIMARY KEY (stocktake_id, line_no, merchant_id),
  CONSTRAINT stocktake_line_once UNIQUE (stocktake_id, sku, quality, batch, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON stocktake_line TO orderhub_runtime;
ALTER TABLE stocktake_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE stocktake_line FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON stocktake_line USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE stocktake_count (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  stocktake_id UUID NOT NULL,
  line_no INTEGER NOT NULL,
  round INTEGER NOT NULL,
  counted NUMERIC(20, 6) NOT NULL,
  held NUMERIC(20, 6) NOT NULL,
  "position" UUID,
  counted_by TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT stocktake_count_pieces CHECK (counted >= 0)
);
CREATE INDEX stocktake_count_line ON stocktake_count (stocktake_id, line_no, round);
GRANT SELECT, INSERT ON stocktake_count TO orderhub_runtime;
ALTER TABLE stocktake_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE stocktake_count FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON stocktake_count USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
