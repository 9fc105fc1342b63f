-- Expected money that has not come stands in a small table as well, which it leaves when it comes.
-- So no index of expected_money holds its state, and a match rewrites none of them (PostgreSQL's
-- "heap-only tuples"): half of each page is left free for the row as it is matched.
SELECT set_config('orderhub.scope', '*', true);
CREATE TABLE expected_open (
  id UUID NOT NULL,
  merchant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  amount NUMERIC(20, 6) DEFAULT '0' NOT NULL,
  currency TEXT NOT NULL,
  PRIMARY KEY (id, merchant_id)
);
INSERT INTO expected_open (id, merchant_id, kind, amount, currency)
SELECT id, merchant_id, kind, amount, currency FROM expected_money WHERE state = 'open' ORDER BY id;
CREATE INDEX expected_open_amount ON expected_open (amount, currency, kind);
GRANT SELECT, INSERT, UPDATE, DELETE ON expected_open TO orderhub_runtime;
ALTER TABLE expected_open ENABLE ROW LEVEL SECURITY;
ALTER TABLE expected_open FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON expected_open USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);

-- A match names its rows, so that neither side needs an index by match.
ALTER TABLE money_match ADD COLUMN our_rows UUID[] DEFAULT '{}' NOT NULL,
  ADD COLUMN their_rows UUID[] DEFAULT '{}' NOT NULL;
UPDATE money_match SET our_rows = made.rows FROM (
  SELECT match_id, array_agg(id ORDER BY id) AS rows FROM expected_money
  WHERE match_id IS NOT NULL GROUP BY 1
) AS made WHERE money_match.id = made.match_id;
UPDATE money_match SET their_rows = made.rows FROM (
  SELECT match_id, array_agg(id ORDER BY id) AS rows FROM provider_row
  WHERE match_id IS NOT NULL GROUP BY 1
) AS made WHERE money_match.id = made.match_id;

DROP INDEX expected_money_amount, expected_money_match, expected_money_open, provider_row_match;
ALTER TABLE expected_money SET (fillfactor = 50);

-- The tables of one transaction: their side holds what the first pass left over.
CREATE OR REPLACE FUNCTION orderhub_scratch(purpose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF purpose = 'matching' THEN
    CREATE TEMPORARY TABLE IF NOT EXISTS reported_row
      (id uuid, merchant_id text, report_id uuid, line_no integer, kind text, reference text,
        original text, order_reference text, gross numeric, fee numeric, net numeric, currency text,
        booked_at timestamptz, weight_kg numeric, is_double boolean DEFAULT false) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS pair_made
      (id uuid, our_id uuid, their_id uuid, order_id uuid, currency text, amount numeric,
        is_new boolean) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS their_side
      (id uuid, kind text, reference text, order_reference text, amount numeric, currency text,
        at timestamptz, weight_kg numeric, order_id uuid, was uuid, report_id uuid, original text,
        match_id uuid, is_new boolean) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS our_side
      (id uuid, kind text, reference text, order_reference text, amount numeric, currency text,
        at timestamptz, weight_kg numeric, order_id uuid, match_id uuid) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS match_made
      (id uuid, rule text, currency text, ours numeric, theirs numeric) ON COMMIT DROP;
    GRANT SELECT, INSERT, UPDATE, TRUNCATE ON reported_row, pair_made, their_side, our_side,
      match_made TO orderhub_runtime;
  ELSE
    CREATE TEMPORARY TABLE IF NOT EXISTS counted_line
      (place integer, code text, quality text, on_hand numeric) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS counted_level
      (n integer, sku text, quality text, merchant_id text, pieces numeric, place integer,
        code text) ON COMMIT DROP;
    GRANT SELECT, INSERT, UPDATE, TRUNCATE ON counted_line, counted_level TO orderhub_runtime;
  END IF;
END $$;
