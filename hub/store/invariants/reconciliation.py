"""Reconciliation: what was reported is in one state each, and matches come to the same. Invoices:
their numbers have no gaps.
"""

from hub.store.invariants.invariant import Invariant

_REPORT = "please report it: money was brought together that does not belong together"
_BOOKED = "undo what was decided about its rows; please report it"

# fmt: off
RECONCILIATION = (
    Invariant("G18", "each reported row is in exactly one state", """
        SELECT id::text FROM provider_row
        WHERE state NOT IN ('open', 'matched', 'attached', 'told', 'accepted', 'written_off',
            'explained')
          OR (state = 'open' AND reason IS NULL)
        UNION ALL SELECT id::text FROM expected_money
        WHERE state NOT IN ('open', 'matched', 'written_off', 'explained')""", _REPORT),
    Invariant("G18", "what is expected and open stands among what is open, nothing else", """
        SELECT coalesce(e.id, o.id)::text
        FROM (SELECT * FROM expected_money WHERE state = 'open') AS e
        FULL JOIN expected_open AS o USING (id, merchant_id, kind, currency, amount)
        WHERE e.state IS NULL OR o.id IS NULL""", _REPORT),
    Invariant("G18", "a match names the rows that bear it", """
        WITH named AS (
          SELECT id AS match_id, unnest(our_rows || their_rows) AS id, true AS is_named
          FROM money_match WHERE undone_at IS NULL
        ), borne AS (
          SELECT match_id, id, true AS is_borne FROM expected_money WHERE match_id IS NOT NULL
          UNION ALL SELECT match_id, id, true FROM provider_row WHERE match_id IS NOT NULL
        )
        SELECT DISTINCT match_id::text FROM named FULL JOIN borne USING (match_id, id)
        WHERE is_named IS NULL OR is_borne IS NULL""", _REPORT),
    Invariant("G18", "a match comes to what its rows come to, on either side", """
        WITH theirs AS (
          SELECT match_id AS id, sum(CASE WHEN kind IN ('payout', 'fee', 'tax') THEN net
            ELSE gross END) AS amount
          FROM provider_row WHERE match_id IS NOT NULL GROUP BY 1
        ), ours AS (
          SELECT match_id AS id, sum(amount) AS amount FROM expected_money
          WHERE match_id IS NOT NULL GROUP BY 1
        )
        SELECT coalesce(m.id, theirs.id, ours.id)::text
        FROM (SELECT * FROM money_match WHERE undone_at IS NULL) AS m
        FULL JOIN theirs ON theirs.id = m.id FULL JOIN ours ON ours.id = coalesce(m.id, theirs.id)
        WHERE m.id IS NULL OR m.theirs <> coalesce(theirs.amount, 0)
          OR m.ours <> coalesce(ours.amount, 0)""", _BOOKED),
    Invariant("G18", "what the hub matched by itself comes to the same on both sides", """
        SELECT id::text FROM money_match WHERE difference <> theirs - ours
          OR (actor = 'hub' AND rule <> 'parcel' AND difference <> 0)""", _BOOKED),
    Invariant("G18", "the rows of a report come to its payout", """
        SELECT r.provider || ' ' || r.report_id FROM provider_report AS r
        JOIN (
          SELECT report_id, currency, sum(net) AS net, sum(net)
            FILTER (WHERE kind <> 'payout' OR net > 0) AS without
          FROM provider_row GROUP BY 1, 2
        ) AS rows ON rows.report_id = r.id AND rows.currency = r.currency
        WHERE CASE WHEN r.payout IS NOT NULL
            THEN r.opening + coalesce(rows.without, 0) <> r.closing + r.payout
          WHEN r.opening <> 0 OR r.closing <> 0
            THEN r.opening + rows.net <> r.closing ELSE false END""", _REPORT),
    Invariant("G18", "what a provider tells in several forms counts once", """
        SELECT DISTINCT r.provider || ' ' || row.movement
        FROM (
          SELECT movement, currency, merchant_id, report_id FROM provider_row
          WHERE movement IS NOT NULL AND state <> 'told' AND reason IS DISTINCT FROM 'duplicate'
            AND kind <> 'payout'
        ) AS row JOIN provider_report AS r ON r.id = row.report_id
        GROUP BY r.provider, row.movement, row.currency, row.merchant_id
        HAVING count(DISTINCT r.form) > 1""", _REPORT),
)
# fmt: on

# fmt: off
INVOICES = (
    Invariant("G18", "the numbers of a merchant's invoices in a year have no gap", """
        SELECT coalesce(i.merchant_id, c.merchant_id) || ' ' || coalesce(i.year, c.year)
        FROM (
          SELECT merchant_id, year, count(*) AS many, min(serial) AS first, max(serial) AS last
          FROM invoice GROUP BY 1, 2
        ) AS i FULL JOIN invoice_counter AS c USING (merchant_id, year)
        WHERE coalesce(i.many, 0) <> coalesce(c.last, 0) OR i.first <> 1 OR i.last <> i.many""",
        "tell the tax adviser which number is missing; please report it"),
)
# fmt: on
