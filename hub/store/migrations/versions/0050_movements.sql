-- What a provider's row moved, named alike in every form in which it is told, so that what came in one
-- form is recognised in another. PayPal's rows bear the number of their transaction already: those that
-- were kept before are named by it. See hub/store/reconciliation/forms.py.
SELECT set_config('orderhub.scope', '*', true);
ALTER TABLE provider_row ADD COLUMN movement TEXT;
UPDATE provider_row SET movement = reference || '-' || provider_row.currency
FROM provider_report AS report
WHERE report.id = provider_row.report_id AND report.merchant_id = provider_row.merchant_id
  AND report.provider = 'paypal' AND provider_row.kind <> 'payout';
CREATE INDEX provider_row_movement ON provider_row (movement) WHERE movement IS NOT NULL;

CREATE OR REPLACE FUNCTION orderhub_scratch(purpose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF purpose = 'matching' THEN
    CREATE TEMPORARY TABLE IF NOT EXISTS reported_row
      (id uuid, merchant_id text, report_id uuid, line_no integer, kind text, reference text,
        original text, order_reference text, gross numeric, fee numeric, net numeric, currency text,
        booked_at timestamptz, weight_kg numeric, movement text, is_double boolean DEFAULT false,
        elsewhere text) ON COMMIT DROP;
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
