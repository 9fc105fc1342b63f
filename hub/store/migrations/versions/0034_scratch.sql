-- Tables of one transaction, in which whoever matches money or takes a long count lays out its rows.
-- Nobody but the owner may make temporary tables (decision 0009): it makes these, under names that
-- stand before none of ours, and lends them.
CREATE FUNCTION orderhub_scratch(purpose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF purpose = 'matching' THEN
    CREATE TEMPORARY TABLE IF NOT EXISTS their_side
      (id uuid, kind text, reference text, order_reference text, amount numeric, currency text,
        at timestamptz, weight_kg numeric, order_id uuid, was uuid, report_id uuid, original text,
        match_id uuid) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS our_side
      (id uuid, kind text, reference text, order_reference text, amount numeric, currency text,
        at timestamptz, weight_kg numeric, order_id uuid, match_id uuid) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS match_made
      (id uuid, rule text, currency text, ours numeric, theirs numeric) ON COMMIT DROP;
    GRANT SELECT, INSERT, UPDATE, TRUNCATE ON their_side, our_side, match_made TO orderhub_runtime;
  ELSE
    CREATE TEMPORARY TABLE IF NOT EXISTS counted_line
      (place integer, code text, quality text, on_hand numeric) ON COMMIT DROP;
    CREATE TEMPORARY TABLE IF NOT EXISTS counted_level
      (n integer, sku text, quality text, merchant_id text, pieces numeric, place integer,
        code text) ON COMMIT DROP;
    GRANT SELECT, INSERT, UPDATE, TRUNCATE ON counted_line, counted_level TO orderhub_runtime;
  END IF;
END $$;

-- The planner's figures of one of them: only its owner may take them.
CREATE FUNCTION orderhub_scratch_analyzed(name text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format('ANALYZE pg_temp.%I', name);
END $$;
