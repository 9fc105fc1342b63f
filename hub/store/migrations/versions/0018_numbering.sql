-- Running numbers of a connection: see hub/store/config/numbering.py.
CREATE TABLE numbering (
  merchant_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  thing TEXT NOT NULL,
  number BIGINT NOT NULL,
  given_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (connection, number, merchant_id),
  CONSTRAINT numbering_thing UNIQUE (connection, thing, merchant_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON numbering TO orderhub_runtime;
ALTER TABLE numbering ENABLE ROW LEVEL SECURITY;
ALTER TABLE numbering FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON numbering USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
