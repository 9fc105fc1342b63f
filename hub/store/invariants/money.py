"""Money, as far as it stands outside of sealed documents."""

from hub.store.invariants.invariant import Invariant

_PLACES = """CASE
      WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF',
        'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0
      WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
      WHEN currency IN ('CLF', 'UYW') THEN 4 ELSE 2 END"""

# fmt: off
MONEY = (
    Invariant("G19", "a released order's total is in whole units of its currency", f"""
        SELECT o.id::text FROM sales_order AS o
        JOIN (SELECT DISTINCT order_id FROM fulfilment_order) AS released
          ON released.order_id = o.id
        WHERE NOT o.overrides && ARRAY['totals_mismatch', 'unknown_currency']
          AND grand_total <> round(grand_total, {_PLACES})""",  # noqa: S608
        "compare the order with its channel's; please report it"),
    Invariant("G19", "a refund is in the currency of its order", """
        SELECT refund.id::text FROM refund JOIN sales_order AS o ON o.id = refund.order_id
        WHERE refund.currency <> o.currency""", "ask the channel what it paid back"),
)
# fmt: on
