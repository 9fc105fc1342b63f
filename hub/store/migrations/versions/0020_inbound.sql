-- Goods in: see hub/store/inbound.
CREATE TABLE inbound_notice (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  number TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  revision INTEGER DEFAULT '1' NOT NULL,
  source_revision TEXT,
  occurred_at TIMESTAMP WITH TIME ZONE,
  digest BYTEA NOT NULL,
  from_warehouse TEXT,
  expected_at TIMESTAMP WITH TIME ZONE,
  warehouse_reference TEXT,
  told_ids UUID[] DEFAULT '{}' NOT NULL,
  document BYTEA NOT NULL,
  correlation_id UUID NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT inbound_notice_number UNIQUE (number, merchant_id)
)
 WITH (fillfactor = 80);
CREATE INDEX inbound_notice_warehouse ON inbound_notice (warehouse, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON inbound_notice TO orderhub_runtime;
ALTER TABLE inbound_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbound_notice FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON inbound_notice USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE inbound_line (
  notice_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  warehouse TEXT NOT NULL,
  sku TEXT NOT NULL,
  item_code TEXT,
  quality TEXT DEFAULT 'good' NOT NULL,
  batch TEXT,
  expected NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  received NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  damaged NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  open NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  sent NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  transit NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  PRIMARY KEY (notice_id, line_no, merchant_id),
  CONSTRAINT inbound_line_open_not_negative CHECK (open >= 0),
  CONSTRAINT inbound_line_transit_not_negative CHECK (transit >= 0)
)
 WITH (fillfactor = 80);
CREATE INDEX inbound_line_open ON inbound_line (warehouse, sku, quality, merchant_id) WHERE open > 0;
GRANT SELECT, INSERT, UPDATE, DELETE ON inbound_line TO orderhub_runtime;
ALTER TABLE inbound_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbound_line FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON inbound_line USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE goods_receipt (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  notice_id UUID,
  warehouse TEXT NOT NULL,
  number TEXT NOT NULL,
  receipt_id TEXT NOT NULL,
  digest BYTEA NOT NULL,
  booked_as TEXT NOT NULL,
  status TEXT NOT NULL,
  complete BOOLEAN NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  document BYTEA NOT NULL,
  message_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT goods_receipt_once UNIQUE (warehouse, number, receipt_id, digest, merchant_id)
);
CREATE INDEX goods_receipt_notice ON goods_receipt (notice_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON goods_receipt TO orderhub_runtime;
ALTER TABLE goods_receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE goods_receipt FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON goods_receipt USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE receipt_line (
  receipt_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  line_no INTEGER,
  sku TEXT NOT NULL,
  known BOOLEAN NOT NULL,
  quality TEXT NOT NULL,
  quantity NUMERIC(20, 6) NOT NULL,
  batch TEXT,
  expires_on TEXT,
  PRIMARY KEY (receipt_id, position, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON receipt_line TO orderhub_runtime;
ALTER TABLE receipt_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE receipt_line FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON receipt_line USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE receipt_difference (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  subject UUID NOT NULL,
  key TEXT NOT NULL,
  warehouse TEXT NOT NULL,
  number TEXT NOT NULL,
  code TEXT NOT NULL,
  line_no INTEGER,
  sku TEXT NOT NULL,
  quality TEXT NOT NULL,
  quantity NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  decided NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  decision TEXT,
  decided_by TEXT,
  decided_at TIMESTAMP WITH TIME ZONE,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT receipt_difference_once UNIQUE (subject, key, merchant_id)
)
 WITH (fillfactor = 80);
CREATE INDEX receipt_difference_open ON receipt_difference (id) WHERE quantity > decided;
GRANT SELECT, INSERT, UPDATE, DELETE ON receipt_difference TO orderhub_runtime;
ALTER TABLE receipt_difference ENABLE ROW LEVEL SECURITY;
ALTER TABLE receipt_difference FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON receipt_difference USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
