-- Facts whose waiting orders are to be looked at by the sweep: see hub/store/facts.py.
CREATE TABLE fact_due (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  fact TEXT NOT NULL,
  first UUID NOT NULL,
  due TIMESTAMP WITH TIME ZONE NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
CREATE INDEX fact_due_due ON fact_due (due);
GRANT SELECT, INSERT, UPDATE, DELETE ON fact_due TO orderhub_runtime;
ALTER TABLE fact_due ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_due FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON fact_due USING (
  current_setting('orderhub.scope', true) = '*'
  OR merchant_id = ANY (string_to_array(current_setting('orderhub.scope', true), ','))
) WITH CHECK (
  current_setting('orderhub.scope', true) = '*'
  OR merchant_id = ANY (string_to_array(current_setting('orderhub.scope', true), ','))
);

-- What waited when this version came waits on; all of it is looked at once.
INSERT INTO fact_due (id, merchant_id, fact, first, due)
SELECT gen_random_uuid(), merchant_id, fact, '00000000-0000-0000-0000-000000000000', now()
FROM (SELECT DISTINCT merchant_id, fact FROM order_wait) AS w;

-- The last fence under which a lane was given back by a holder that lived: see hub/store/lanes.py.
ALTER TABLE lane ADD COLUMN let_go BIGINT;
