-- Returns: see hub/store/returns.
CREATE TABLE customer_return (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  number TEXT NOT NULL,
  order_id UUID,
  channel TEXT,
  channel_order_id TEXT NOT NULL,
  channel_return_id TEXT,
  kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  warehouse TEXT,
  tracking TEXT,
  phone BYTEA,
  currency TEXT NOT NULL,
  revision INTEGER DEFAULT '1' NOT NULL,
  source_revision TEXT,
  occurred_at TIMESTAMP WITH TIME ZONE,
  digest BYTEA NOT NULL,
  asked TEXT,
  inspected_by TEXT,
  told_ids UUID[] DEFAULT '{}' NOT NULL,
  exchange_order_id UUID,
  exchange_credit NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  exchange_price NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  exchange_due NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  document BYTEA NOT NULL,
  correlation_id UUID NOT NULL,
  requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT customer_return_number UNIQUE (number, merchant_id),
  CONSTRAINT customer_return_channel UNIQUE (channel, channel_return_id, merchant_id),
  CONSTRAINT customer_return_nets_out CHECK (exchange_due = exchange_price - exchange_credit)
)
 WITH (fillfactor = 80);
CREATE INDEX customer_return_order ON customer_return (order_id);
CREATE INDEX customer_return_status ON customer_return (status, id);
CREATE INDEX customer_return_tracking ON customer_return (tracking);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_return TO orderhub_runtime;
ALTER TABLE customer_return ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_return FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON customer_return USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE return_line (
  return_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  line_no INTEGER NOT NULL,
  order_line INTEGER,
  channel_line_id TEXT,
  sku TEXT,
  reason TEXT,
  quantity NUMERIC(20, 6) NOT NULL,
  received NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  ordered NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  paid NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  PRIMARY KEY (return_id, line_no, merchant_id)
)
 WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE, DELETE ON return_line TO orderhub_runtime;
ALTER TABLE return_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE return_line FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON return_line USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE return_receipt (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  return_id UUID,
  warehouse TEXT NOT NULL,
  number TEXT NOT NULL,
  receipt_id TEXT NOT NULL,
  digest BYTEA NOT NULL,
  booked_as TEXT NOT NULL,
  status TEXT NOT NULL,
  actor TEXT NOT NULL,
  tracking TEXT,
  order_number TEXT,
  phone BYTEA,
  received_at TIMESTAMP WITH TIME ZONE NOT NULL,
  document BYTEA NOT NULL,
  message_id UUID,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id),
  CONSTRAINT return_receipt_once UNIQUE (warehouse, number, receipt_id, digest, merchant_id)
);
CREATE INDEX return_receipt_return ON return_receipt (return_id);
CREATE INDEX return_receipt_unmatched ON return_receipt (id) WHERE status = 'unmatched';
GRANT SELECT, INSERT, UPDATE, DELETE ON return_receipt TO orderhub_runtime;
ALTER TABLE return_receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE return_receipt FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON return_receipt USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE return_piece (
  receipt_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  line_no INTEGER,
  sku TEXT NOT NULL,
  known BOOLEAN NOT NULL,
  quality TEXT NOT NULL,
  quantity NUMERIC(20, 6) NOT NULL,
  batch TEXT,
  PRIMARY KEY (receipt_id, position, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON return_piece TO orderhub_runtime;
ALTER TABLE return_piece ENABLE ROW LEVEL SECURITY;
ALTER TABLE return_piece FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON return_piece USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE return_money (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  return_id UUID NOT NULL,
  order_id UUID NOT NULL,
  refund_id TEXT NOT NULL,
  part TEXT NOT NULL,
  order_line INTEGER,
  quantity NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  amount NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  tax NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  actor TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX return_money_order ON return_money (order_id);
CREATE INDEX return_money_return ON return_money (return_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON return_money TO orderhub_runtime;
ALTER TABLE return_money ENABLE ROW LEVEL SECURITY;
ALTER TABLE return_money FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON return_money USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
CREATE TABLE return_policy (
  merchant_id TEXT NOT NULL,
  policy JSONB DEFAULT '{}'::jsonb NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON return_policy TO orderhub_runtime;
ALTER TABLE return_policy ENABLE ROW LEVEL SECURITY;
ALTER TABLE return_policy FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON return_policy USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
ALTER TABLE refund ADD COLUMN ours BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE refund ADD COLUMN partner_refund_id TEXT;
CREATE INDEX refund_partner ON refund (channel, partner_refund_id) WHERE partner_refund_id IS NOT NULL;
