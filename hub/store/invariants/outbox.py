"""A change of state and what is told of it: both there, or neither."""

from hub.store.invariants.invariant import Invariant

_REPORT = "please report it: a state and what is told of it do not fit together"
_FINAL = "('shipped', 'delivered', 'short', 'rejected', 'cancelled')"

_KEPT = """to_regclass('message_' || to_char({at} - interval '1 hour', 'YYYYMM')) IS NOT NULL
            AND to_regclass('message_' || to_char({at}, 'YYYYMM')) IS NOT NULL"""
"""Messages of that time are kept: months past their time may have been dropped."""

_SHIPMENTS = """shipments AS (
      SELECT shipment.id, shipment.order_id, shipment.at, o.warehouse,
        'shipment:' || notice.key || ':' || shipment.source_id AS document
      FROM shipment JOIN fulfilment_order AS o ON o.id = shipment.fulfilment_order_id
      JOIN message AS notice ON notice.id = o.notice_id
    )"""
"""Shipments, with what the ledger calls them."""

# fmt: off
OUTBOX = (
    Invariant("G03", "what is told of an order belongs to one that is stored", """
        SELECT message.id::text FROM message
        LEFT JOIN sales_order ON sales_order.id = message.order_id
        WHERE message.direction = 'out' AND message.order_id IS NOT NULL
          AND sales_order.id IS NULL""", _REPORT),
    Invariant("G03", "a fulfilment order and the notice of it are there together", f"""
        SELECT coalesce(o.id, notice.id)::text FROM fulfilment_order AS o
        FULL JOIN (
          SELECT id, order_id, connection, successor FROM message
          WHERE direction = 'out' AND topic = 'fulfilment_order'
        ) AS notice ON notice.id = o.notice_id AND notice.connection = o.warehouse
        WHERE o.id IS NULL AND notice.successor IS NULL
          OR o.id IS NOT NULL AND o.notice_id IS NULL
          OR o.merged_into IS NULL AND notice.order_id <> o.order_id
          OR notice.id IS NULL AND {_KEPT.format(at="o.created_at")}""", _REPORT),  # noqa: S608
    Invariant("G03", "what no warehouse was told ended with its notice", f"""
        SELECT o.id::text FROM fulfilment_order AS o
        JOIN message AS notice ON notice.id = o.notice_id
        WHERE notice.status = 'superseded' AND o.status NOT IN {_FINAL}""", _REPORT),  # noqa: S608
    Invariant("G03", "what leaves as one parcel is of one merchant, warehouse and recipient", """
        SELECT o.id::text FROM fulfilment_order AS o
        LEFT JOIN fulfilment_order AS leader ON leader.id = o.merged_into
        WHERE o.merged_into IS NOT NULL AND (leader.id IS NULL
          OR leader.merchant_id <> o.merchant_id OR leader.warehouse <> o.warehouse
          OR leader.recipient <> o.recipient)""", _REPORT),
    Invariant("G03", "who is told of with another has no other notice, and the other leads", f"""
        SELECT o.id::text FROM fulfilment_order AS o
        JOIN fulfilment_order AS leader ON leader.id = o.merged_into
        WHERE o.status NOT IN {_FINAL} AND (leader.merged_into IS NOT NULL
          OR leader.notice_id IS DISTINCT FROM o.notice_id)""", _REPORT),  # noqa: S608
    Invariant("G08", "nothing stands to be told of a fulfilment order that has ended", f"""
        SELECT work.id::text FROM work JOIN message ON message.id = work.id
        JOIN fulfilment_order AS o ON o.order_id = message.order_id AND o.status IN {_FINAL}
        JOIN message AS notice ON notice.id = o.notice_id AND notice.key = work.key
        WHERE work.direction = 'out' AND work.status IN ('parked', 'waiting')
          AND work.topic IN ('fulfilment_order', 'fulfilment_cancellation')""",  # noqa: S608
        "do not settle it as not arrived; have it replayed: it is closed instead"),
    Invariant("G03", "what left the stock is a shipment that is stored", f"""
        WITH {_SHIPMENTS}, strange AS MATERIALIZED (
          SELECT document, warehouse FROM ledger
          WHERE reason = 'shipment' AND {_KEPT.format(at="ledger.at")}
          EXCEPT SELECT document, warehouse FROM shipments
        )
        SELECT DISTINCT document FROM strange
        JOIN message AS notice ON notice.key = split_part(document, ':', 2)
          AND notice.connection = strange.warehouse
          AND notice.topic = 'fulfilment_order'""", _REPORT),  # noqa: S608
    Invariant("G03", "a shipment was told to the channel and the books", f"""
        WITH {_SHIPMENTS}, due AS (
          SELECT shipments.order_id, listener.code AS connection, count(*) AS times
          FROM shipments
          JOIN (SELECT DISTINCT document FROM ledger WHERE reason = 'shipment') AS gone
            USING (document)
          JOIN sales_order AS o ON o.id = shipments.order_id
          JOIN connection AS listener ON 'shipment' = ANY (listener.takes)
            AND shipments.at > listener.updated_at + interval '5 min'
            AND (listener.code = o.channel OR listener.kind IN ('erp', 'finance', 'crm', 'carrier')
              AND listener.merchant_id IN (o.merchant_id, 'operator'))
          WHERE NOT 'test_order' = ANY (o.overrides) AND {_KEPT.format(at="shipments.at")}
          GROUP BY 1, 2
        ), told AS (
          SELECT order_id, connection, count(*) AS times FROM message
          WHERE direction = 'out' AND topic = 'shipment' GROUP BY 1, 2
        )
        SELECT due.order_id || ' ' || due.connection FROM due
        LEFT JOIN told USING (order_id, connection)
        WHERE coalesce(told.times, 0) < due.times""", _REPORT),  # noqa: S608
    Invariant("G08", "no more shipments were told than there are", """
        SELECT told.order_id || ' ' || told.connection FROM (
          SELECT order_id, connection, count(*) AS times FROM message
          WHERE direction = 'out' AND topic = 'shipment' GROUP BY 1, 2
        ) AS told
        LEFT JOIN (SELECT order_id, count(*) AS times FROM shipment GROUP BY 1) AS there
          USING (order_id)
        LEFT JOIN (
          SELECT DISTINCT o.order_id FROM fulfilment_line AS line
          JOIN fulfilment_order AS o ON o.id = line.fulfilment_order_id
          WHERE (line.kit ->> 'ended')::boolean
        ) AS unfinished USING (order_id)
        WHERE told.times
          > coalesce(there.times, 0) + CASE WHEN unfinished.order_id IS NULL THEN 0 ELSE 1 END""",
        "look at the partner: it may have it twice"),
)
# fmt: on
