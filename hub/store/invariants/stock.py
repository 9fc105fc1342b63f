"""Stock: the levels are what was booked and promised, and no piece left twice."""

from hub.store.invariants.invariant import Invariant

_COUNT = "have the warehouse counted; please report it"
_REPORT = "please report it: the stock of this SKU does not add up"

_BOOKED = """booked AS (
      SELECT split_part(document, ':', 2) AS number, merchant_id, warehouse, sku,
        -sum(delta) AS pieces
      FROM ledger WHERE reason = 'shipment' GROUP BY 1, 2, 3, 4
    )"""
"""Pieces that left, by the number of their fulfilment order."""

_NUMBERED = """numbered AS (
      SELECT o.id, o.merchant_id, o.warehouse, o.status, notice.key AS number
      FROM fulfilment_order AS o JOIN message AS notice ON notice.id = o.notice_id
    )"""
"""Fulfilment orders with their numbers."""

_FINAL = "('shipped', 'delivered', 'short', 'rejected', 'cancelled')"

# fmt: off
STOCK = (
    Invariant("G11", "what left is what was shipped", f"""
        WITH {_BOOKED}, {_NUMBERED}, shipped AS (
          SELECT number, merchant_id, warehouse, line.sku, sum(line.shipped) AS pieces
          FROM numbered JOIN (SELECT fulfilment_order_id, sku, shipped FROM fulfilment_line)
            AS line ON line.fulfilment_order_id = numbered.id GROUP BY 1, 2, 3, 4
        )
        SELECT number || ' ' || sku FROM shipped LEFT JOIN booked
          USING (number, merchant_id, warehouse, sku)
        WHERE shipped.pieces <> coalesce(booked.pieces, 0)""", _COUNT),  # noqa: S608
    Invariant("G11", "a warehouse's count is booked once", """
        SELECT concat_ws(' ', warehouse, document, sku) FROM ledger
        WHERE document LIKE 'stock\\_report:%'
        GROUP BY merchant_id, warehouse, document, sku, quality, batch, expires_on
        HAVING count(*) > 1""", _COUNT),
    Invariant("G11", "an opening balance is booked once", """
        SELECT concat_ws(' ', warehouse, sku, document) FROM ledger
        WHERE document LIKE 'opening:%'
        GROUP BY merchant_id, warehouse, document, sku, quality HAVING count(*) > 1""", _COUNT),
    Invariant("G11", "each count and change of a warehouse is known as done", """
        SELECT DISTINCT concat_ws(' ', warehouse, document) FROM ledger
        LEFT JOIN effect ON effect.kind = split_part(document, ':', 1)
          AND effect.key = warehouse || ':' || substring(document FROM '^[^:]*:(.*)$')
        WHERE (document LIKE 'stock\\_report:%' OR document LIKE 'stock\\_change:%')
          AND effect.key IS NULL""", _REPORT),
    Invariant("G11", "a line is reserved once", """
        SELECT fulfilment_order_id || ' line ' || line_no FROM reservation
        GROUP BY fulfilment_order_id, line_no HAVING count(*) > 1""", _REPORT),
    Invariant("G11", "a line and its reservation are of the same pieces", """
        SELECT coalesce(line.fulfilment_order_id, held.fulfilment_order_id) || ' line '
          || coalesce(line.line_no, held.line_no)
        FROM fulfilment_line AS line FULL JOIN reservation AS held
          ON held.fulfilment_order_id = line.fulfilment_order_id AND held.line_no = line.line_no
        WHERE line.ordered IS DISTINCT FROM held.quantity OR line.sku IS DISTINCT FROM held.sku""",
        _REPORT),
    Invariant("G11", "a part of a kit is one of the kit's, and names its order line", """
        SELECT fulfilment_order_id || ' line ' || line_no FROM fulfilment_line
        WHERE (kit IS NULL) <> (order_line IS NULL) OR kit IS NOT NULL AND NOT EXISTS (
          SELECT FROM jsonb_each(kit -> 'of') AS one WHERE one.value ? sku)""", _REPORT),
    Invariant("G11", "what was not told when it left are parts of kits only", """
        SELECT shipment.id::text FROM shipment WHERE withheld AND NOT EXISTS (
          SELECT FROM fulfilment_line AS line WHERE line.kit IS NOT NULL
            AND line.fulfilment_order_id = shipment.fulfilment_order_id)""", _REPORT),
    Invariant("G18", "a level is the sum of its ledger", """
        SELECT concat_ws(' ', warehouse, sku, quality) FROM stock_level AS level FULL JOIN (
          SELECT merchant_id, warehouse, sku, quality, sum(delta) AS booked FROM ledger
          GROUP BY 1, 2, 3, 4
        ) AS sums USING (merchant_id, warehouse, sku, quality)
        WHERE coalesce(on_hand, 0) <> coalesce(booked, 0)""", _COUNT),
    Invariant("G18", "a batch is the sum of its ledger", """
        SELECT concat_ws(' ', warehouse, sku, quality, batch) FROM stock_batch AS its FULL JOIN (
          SELECT merchant_id, warehouse, sku, quality,
            coalesce(nullif(batch, ''), left(expires_on, 10)) AS batch, sum(delta) AS booked
          FROM ledger WHERE batch <> '' OR expires_on IS NOT NULL GROUP BY 1, 2, 3, 4, 5
        ) AS sums USING (merchant_id, warehouse, sku, quality, batch)
        WHERE coalesce(on_hand, 0) <> coalesce(booked, 0)""", _COUNT),
    Invariant("G18", "what is reserved is the sum of the open reservations", """
        SELECT concat_ws(' ', warehouse, sku, quality) FROM stock_level AS level FULL JOIN (
          SELECT merchant_id, warehouse, sku, quality, sum(open) AS promised FROM reservation
          WHERE open > 0 GROUP BY 1, 2, 3, 4
        ) AS sums USING (merchant_id, warehouse, sku, quality)
        WHERE coalesce(reserved, 0) <> coalesce(promised, 0)""", _REPORT),
    Invariant("G18", "a fulfilment order holds what it has still to ship", f"""
        SELECT held.fulfilment_order_id || ' line ' || held.line_no
        FROM reservation AS held
        JOIN fulfilment_line AS line ON line.fulfilment_order_id = held.fulfilment_order_id
          AND line.line_no = held.line_no
        JOIN fulfilment_order AS o ON o.id = held.fulfilment_order_id
        WHERE held.open <> CASE WHEN o.status IN {_FINAL} THEN 0
          ELSE greatest(line.ordered - line.shipped - line.short, 0) END""", _REPORT),  # noqa: S608
    Invariant("G18", "no more is promised than is there, unless a warehouse took it away", """
        SELECT concat_ws(' ', level.warehouse, level.sku, level.quality)
        FROM stock_level AS level
        LEFT JOIN (
          SELECT DISTINCT merchant_id, warehouse, sku, quality FROM ledger
          WHERE delta < 0 AND reason <> 'shipment'
        ) AS taken USING (merchant_id, warehouse, sku, quality)
        LEFT JOIN (
          SELECT DISTINCT o.merchant_id, o.warehouse FROM incident
          JOIN fulfilment_order AS o ON o.order_id = incident.order_id
          WHERE incident.kind IN ('shipment_differs', 'contradiction', 'return_proposed')
        ) AS strange ON strange.merchant_id = level.merchant_id
          AND strange.warehouse = level.warehouse
        WHERE level.on_hand < level.reserved AND taken.sku IS NULL AND strange.warehouse IS NULL
        """, "an order may not be served: cancel or back-order one of them"),
    Invariant("G18", "what a stocktake adjusts are the differences that were approved", """
        SELECT concat_ws(' ', line.stocktake_id::text, line.sku, line.quality, line.batch)
        FROM stocktake_line AS line JOIN stocktake AS whole ON whole.id = line.stocktake_id
          AND whole.merchant_id = line.merchant_id
        LEFT JOIN LATERAL (
          SELECT counted - held - line.explained AS pieces FROM stocktake_count AS one
          WHERE one.stocktake_id = line.stocktake_id AND one.line_no = line.line_no
            AND one.round = line.round AND one.merchant_id = line.merchant_id
          ORDER BY id DESC LIMIT 1
        ) AS difference ON true
        WHERE line.adjusted <> CASE WHEN whole.status = 'approved'
            AND line.outcome IN ('adjusted', 'equal') THEN coalesce(difference.pieces, 0) ELSE 0 END
          OR (whole.status = 'approved') <> (line.outcome IS NOT NULL)""", _REPORT),
    Invariant("G18", "what a stocktake adjusts stands in the ledger, once", """
        SELECT concat_ws(' ', warehouse, document, sku, quality) FROM (
          SELECT whole.merchant_id, whole.warehouse, line.sku, line.quality,
            'stocktake:' || effect.key AS document, sum(line.adjusted) AS pieces
          FROM stocktake_line AS line JOIN stocktake AS whole ON whole.id = line.stocktake_id
            AND whole.merchant_id = line.merchant_id
          LEFT JOIN effect ON effect.kind = 'stocktake' AND effect.key = whole.number
            AND effect.merchant_id = whole.merchant_id
          WHERE line.adjusted <> 0 GROUP BY 1, 2, 3, 4, 5
        ) AS approved FULL JOIN (
          SELECT merchant_id, warehouse, sku, quality, document, sum(delta) AS pieces FROM ledger
          WHERE document LIKE 'stocktake:%' GROUP BY 1, 2, 3, 4, 5
        ) AS booked USING (merchant_id, warehouse, sku, quality, document)
        WHERE approved.pieces IS DISTINCT FROM booked.pieces""", _REPORT),
)
# fmt: on
