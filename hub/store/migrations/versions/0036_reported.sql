-- One table of a transaction more: the lines of a report that came, until it is known what they come
-- to. Each is then written once, with that.
CREATE OR REPLACE FUNCTION orderhub_scratch(purpose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF purpose = 'matching' THEN
    CREATE TEMPORARY TABLE IF NOT EXISTS their_side
      (id uuid, kind text, reference text, order_reference text, amount numeric, currency text,
        at timestamptz, weight_kg numeric, order_id uuid, was uuid, report_id uuid, original text,
        match_id uuid, is_new boolean) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS reported_row
      (id uuid, merchant_id text, report_id uuid, line_no integer, kind text, reference text,
        original text, order_reference text, gross numeric, fee numeric, net numeric, currency text,
        booked_at timestamptz, weight_kg numeric, is_double boolean DEFAULT false) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS our_side
      (id uuid, kind text, reference text, order_reference text, amount numeric, currency text,
        at timestamptz, weight_kg numeric, order_id uuid, match_id uuid) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS match_made
      (id uuid, rule text, currency text, ours numeric, theirs numeric) ON COMMIT DROP;
    GRANT SELECT, INSERT, UPDATE, TRUNCATE ON their_side, our_side, match_made TO orderhub_runtime;
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON reported_row TO orderhub_runtime;
  ELSE
    CREATE TEMPORARY TABLE IF NOT EXISTS counted_line
      (place integer, code text, quality text, on_hand numeric) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS counted_level
      (n integer, sku text, quality text, merchant_id text, pieces numeric, place integer,
        code text) ON COMMIT DROP;
    GRANT SELECT, INSERT, UPDATE, TRUNCATE ON counted_line, counted_level TO orderhub_runtime;
  END IF;
END $$;
