-- Versions of routing rules, and what each decision was made on.
ALTER TABLE routing ADD COLUMN version INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE routing_decision ADD COLUMN rules_owner TEXT, ADD COLUMN rules_version INTEGER,
  ADD COLUMN facts JSONB;
CREATE TABLE routing_version (
  merchant_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  rules JSONB DEFAULT '[]'::jsonb NOT NULL,
  author TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  PRIMARY KEY (merchant_id, version)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON routing_version TO orderhub_runtime;
ALTER TABLE routing_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE routing_version FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON routing_version USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
INSERT INTO routing_version (merchant_id, version, rules, author, at)
SELECT merchant_id, 1, rules, 'hub', updated_at FROM routing;
