"""Goods in: what came in is booked once, and notices expect what has not come."""

from hub.store.invariants.invariant import Invariant

_COUNT = "have the warehouse counted; please report it"
_REPORT = "please report it: the notice does not add up"
_AWAITS = "('notified', 'receiving')"

# fmt: off
INBOUND = (
    Invariant("G11", "what a receipt names is in the ledger, once", """
        WITH received AS (
          SELECT r.booked_as AS document, r.warehouse, line.sku, line.quality,
            sum(line.quantity) AS pieces
          FROM goods_receipt AS r
          JOIN receipt_line AS line ON line.receipt_id = r.id AND line.known
          WHERE r.status <> 'refused' GROUP BY 1, 2, 3, 4
        ), booked AS (
          SELECT document, warehouse, sku, quality, sum(delta) AS pieces
          FROM ledger WHERE reason = 'goods_receipt' GROUP BY 1, 2, 3, 4
        )
        SELECT concat_ws(' ', warehouse, document, sku) FROM received FULL JOIN booked
          USING (document, warehouse, sku, quality)
        WHERE coalesce(received.pieces, 0) <> coalesce(booked.pieces, 0)""", _COUNT),
    Invariant("G11", "a notice's line holds what came in under it", """
        WITH came AS (
          SELECT r.notice_id, line.line_no, sum(line.quantity) AS pieces
          FROM goods_receipt AS r JOIN receipt_line AS line ON line.receipt_id = r.id
          WHERE r.status = 'booked' AND line.line_no IS NOT NULL GROUP BY 1, 2
        )
        SELECT coalesce(line.notice_id, came.notice_id) || ' line '
          || coalesce(line.line_no, came.line_no)
        FROM inbound_line AS line FULL JOIN came USING (notice_id, line_no)
        WHERE coalesce(line.received, 0) <> coalesce(came.pieces, 0)""", _REPORT),
    Invariant("G18", "a notice expects what has not come, and nothing once it is over", f"""
        SELECT line.notice_id || ' line ' || line.line_no
        FROM inbound_line AS line JOIN inbound_notice AS notice ON notice.id = line.notice_id
        WHERE line.open <> CASE WHEN notice.status IN {_AWAITS}
          THEN greatest(line.expected - line.received, 0) ELSE 0 END""", _REPORT),  # noqa: S608
    Invariant("G18", "no notice waits for what has all come", f"""
        SELECT notice.warehouse || ' ' || notice.number FROM inbound_notice AS notice
        WHERE notice.status IN {_AWAITS} AND NOT EXISTS (
          SELECT FROM inbound_line AS line WHERE line.notice_id = notice.id AND line.open > 0
        )""", _REPORT),  # noqa: S608
    Invariant("G18", "what is in transit is on the lines of transfers", """
        WITH way AS (
          SELECT merchant_id, warehouse, sku, sum(transit) AS pieces FROM inbound_line
          WHERE transit > 0 GROUP BY 1, 2, 3
        ), level AS (
          SELECT merchant_id, warehouse, sku, on_hand FROM stock_level
          WHERE quality = 'in_transit'
        )
        SELECT concat_ws(' ', warehouse, sku)
        FROM way FULL JOIN level USING (merchant_id, warehouse, sku)
        WHERE coalesce(way.pieces, 0) <> coalesce(level.on_hand, 0)""", _COUNT),
)
# fmt: on
