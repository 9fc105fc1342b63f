-- A statement's payout in a file for the bank, and where the bank says that it stands. See
-- hub/store/settlement/transfers.py.
CREATE TABLE transfer (
  file TEXT NOT NULL,
  statement_id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  amount NUMERIC(20, 6) NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE NOT NULL,
  state TEXT,
  code TEXT,
  reason TEXT,
  told_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (statement_id, file, merchant_id)
);
CREATE INDEX transfer_file ON transfer (file);
GRANT SELECT, INSERT, UPDATE, DELETE ON transfer TO orderhub_runtime;
ALTER TABLE transfer ENABLE ROW LEVEL SECURITY;
ALTER TABLE transfer FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON transfer USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
