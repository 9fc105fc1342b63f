-- How far each polled topic of a connection was listed: see hub/store/messages/polls.py.
CREATE TABLE poll (
  merchant_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  topic TEXT NOT NULL,
  every_s FLOAT NOT NULL,
  due TIMESTAMP WITH TIME ZONE,
  reached_at TIMESTAMP WITH TIME ZONE,
  token TEXT DEFAULT '' NOT NULL,
  run JSONB,
  began_at TIMESTAMP WITH TIME ZONE,
  asked_since TIMESTAMP WITH TIME ZONE,
  planned_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  newest BYTEA,
  failures INTEGER DEFAULT '0' NOT NULL,
  error JSONB,
  failed_at TIMESTAMP WITH TIME ZONE,
  PRIMARY KEY (connection, topic, merchant_id)
) WITH (fillfactor = 70);
GRANT SELECT, INSERT, UPDATE, DELETE ON poll TO orderhub_runtime;
ALTER TABLE poll ENABLE ROW LEVEL SECURITY;
ALTER TABLE poll FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON poll USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
