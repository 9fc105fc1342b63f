"""Returns: a piece comes back once, and no more is paid back than was paid."""

from hub.store.invariants.invariant import Invariant

_COUNT = "have the warehouse counted; please report it"
_REPORT = "please report it: the return does not add up"
_MONEY = "compare what was paid back with the channel; please report it"

# fmt: off
RETURNS = (
    Invariant("G11", "what came back is in the ledger, once", """
        WITH received AS (
          SELECT r.booked_as AS document, r.warehouse, p.sku, p.quality, sum(p.quantity) AS pieces
          FROM return_receipt AS r
          JOIN return_piece AS p ON p.receipt_id = r.id AND p.known AND p.quality <> 'missing'
          WHERE r.status <> 'unmatched' GROUP BY 1, 2, 3, 4
        ), booked AS (
          SELECT document, warehouse, sku, quality, sum(delta) AS pieces
          FROM ledger WHERE document LIKE 'return_receipt:%' GROUP BY 1, 2, 3, 4
        )
        SELECT concat_ws(' ', warehouse, document, sku) FROM received FULL JOIN booked
          USING (document, warehouse, sku, quality)
        WHERE coalesce(received.pieces, 0) <> coalesce(booked.pieces, 0)""", _COUNT),
    Invariant("G11", "a return's line holds what came back of it", """
        WITH came AS (
          SELECT r.return_id, p.line_no, sum(p.quantity) AS pieces
          FROM return_receipt AS r JOIN return_piece AS p ON p.receipt_id = r.id
          WHERE r.status IN ('booked', 'inspected') AND p.line_no IS NOT NULL
            AND p.quality NOT IN ('missing', 'wrong_article')
          GROUP BY 1, 2
        )
        SELECT line.return_id || ' line ' || line.line_no
        FROM return_line AS line LEFT JOIN came USING (return_id, line_no)
        WHERE line.received <> coalesce(came.pieces, 0) OR line.received > line.quantity""",
        _REPORT),
    Invariant("G19", "a piece comes back once", """
        SELECT r.order_id || ' line ' || line.order_line
        FROM customer_return AS r JOIN return_line AS line ON line.return_id = r.id
        WHERE line.order_line IS NOT NULL AND (line.kit IS NULL OR line.kit ->> 'sku' = line.sku)
        GROUP BY r.order_id, line.order_line
        HAVING greatest(
          sum(line.quantity) FILTER (WHERE r.status NOT IN ('cancelled', 'rejected')),
          sum(line.received) FILTER (WHERE r.status NOT IN ('cancelled', 'rejected'))
        ) > max(line.ordered)""",
        _REPORT),
    Invariant("G19", "a part of a kit comes back once", """
        WITH back AS (
          SELECT r.order_id, line.order_line, line.sku,
            greatest(sum(line.quantity), sum(line.received)) AS pieces
          FROM customer_return AS r JOIN return_line AS line ON line.return_id = r.id
          WHERE line.kit ->> 'sku' <> line.sku AND r.status NOT IN ('cancelled', 'rejected')
          GROUP BY 1, 2, 3
        ), gone AS (
          SELECT o.order_id, line.order_line, line.sku, sum(line.shipped) AS pieces
          FROM fulfilment_order AS o JOIN fulfilment_line AS line
            ON line.fulfilment_order_id = o.id AND line.kit IS NOT NULL
          WHERE o.order_id IN (SELECT order_id FROM back) GROUP BY 1, 2, 3
        )
        SELECT concat_ws(' ', order_id, 'line', order_line, sku)
        FROM back LEFT JOIN gone USING (order_id, order_line, sku)
        WHERE back.pieces > coalesce(gone.pieces, 0)""", _REPORT),
    Invariant("G19", "no more of a kit's parts is paid back than was to come back", """
        WITH paid AS (
          SELECT return_id, order_line, part.key AS sku, sum(part.value::numeric) AS pieces
          FROM return_money CROSS JOIN LATERAL jsonb_each_text(parts) AS part
          WHERE parts IS NOT NULL GROUP BY 1, 2, 3
        ), back AS (
          SELECT return_id, order_line, sku, sum(quantity) AS pieces
          FROM return_line WHERE kit IS NOT NULL GROUP BY 1, 2, 3
        )
        SELECT concat_ws(' ', paid.return_id, 'line', order_line, sku)
        FROM paid LEFT JOIN back USING (return_id, order_line, sku)
        WHERE paid.pieces > coalesce(back.pieces, 0)""", _MONEY),
    Invariant("G19", "no more is paid back of an order than it cost", """
        SELECT o.id::text FROM sales_order AS o
        JOIN (SELECT DISTINCT order_id FROM return_money) AS ours ON ours.order_id = o.id
        JOIN refund ON refund.order_id = o.id
        GROUP BY o.id, o.grand_total HAVING sum(refund.amount) > o.grand_total""", _MONEY),
    Invariant("G19", "no more is paid back of a line than it cost", """
        WITH cost AS (
          SELECT r.order_id, line.order_line, max(line.paid) AS paid, max(line.ordered) AS ordered
          FROM customer_return AS r JOIN return_line AS line ON line.return_id = r.id GROUP BY 1, 2
        ), back AS (
          SELECT order_id, order_line, sum(amount) AS amount, sum(quantity) AS pieces
          FROM return_money WHERE part = 'line' GROUP BY 1, 2
        )
        SELECT order_id || ' line ' || order_line FROM back JOIN cost USING (order_id, order_line)
        WHERE back.amount > cost.paid OR back.pieces > cost.ordered""", _MONEY),
    Invariant("G19", "a refund of a return is the sum of its parts", """
        SELECT refund.refund_id FROM refund
        FULL JOIN (
          SELECT merchant_id, refund_id, order_id, sum(amount) AS amount, sum(tax) AS tax
          FROM return_money GROUP BY 1, 2, 3
        ) AS parts ON parts.refund_id = refund.refund_id AND parts.order_id = refund.order_id
        WHERE parts.refund_id IS NOT NULL
          AND (refund.amount IS NULL OR refund.amount <> parts.amount
            OR parts.tax < 0 OR parts.tax > parts.amount)""", _REPORT),
    Invariant("G19", "an exchange nets out", """
        SELECT r.number FROM customer_return AS r
        LEFT JOIN sales_order AS linked ON linked.id = r.exchange_order_id
        LEFT JOIN (
          SELECT return_id, sum(amount) AS amount FROM return_money GROUP BY 1
        ) AS paid ON paid.return_id = r.id
        WHERE r.exchange_order_id IS NOT NULL AND (
          linked.id IS NULL OR linked.grand_total <> r.exchange_price
          OR coalesce(paid.amount, 0) <> r.exchange_credit
          OR r.exchange_due <> r.exchange_price - r.exchange_credit
        )""", _MONEY),
)
# fmt: on
