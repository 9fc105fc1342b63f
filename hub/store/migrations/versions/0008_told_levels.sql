-- The newest level of each SKU that was given out for a channel: see hub/store/levels_told.py.
-- It starts empty: what changes next is told once, whether the channel knows it or not.
CREATE TABLE level_told (
  connection TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  available NUMERIC NOT NULL,
  PRIMARY KEY (connection, sku, merchant_id)
) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE, DELETE ON level_told TO orderhub_runtime;
ALTER TABLE level_told ENABLE ROW LEVEL SECURITY;
ALTER TABLE level_told FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON level_told USING (
  current_setting('orderhub.scope', true) = '*'
  OR merchant_id = ANY (string_to_array(current_setting('orderhub.scope', true), ','))
) WITH CHECK (
  current_setting('orderhub.scope', true) = '*'
  OR merchant_id = ANY (string_to_array(current_setting('orderhub.scope', true), ','))
);
