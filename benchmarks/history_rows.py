"""The rows that a finished order leaves, as statements over `o`, a table of the orders to write."""

DERIVE = """
CREATE TEMP TABLE o AS
SELECT n, at, merchant, 'shop-' || merchant AS shop, 'wh-' || merchant AS wh,
  'erp-' || merchant AS erp, prefix, suffix,
  'F' || upper(replace(prefix, '-', '')) || lpad(n::text, 13, '0') AS f,
  (prefix || '7a00' || suffix)::uuid AS order_id, (prefix || '7a01' || suffix)::uuid AS fo_id,
  (prefix || '7a02' || suffix)::uuid AS correlation, (prefix || '7b00' || suffix)::uuid AS heard,
  decode(md5(n::text), 'hex') AS print
FROM (
  SELECT n, at, 'm' || n %% %(merchants)s AS merchant,
    lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') AS prefix,
    '8' || lpad(to_hex(n), 15, '0') AS suffix
  FROM (
    SELECT n, %(begun)s::timestamptz + n * %(step)s::interval AS at
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
  ) AS moment
) AS named"""
"""One row an order: its moment, whose it is, and what its ids are made of."""

UNTIMED = frozenset({
    "sales_order", "fulfilment_order", "fulfilment_line", "reservation", "routing_decision",
    "shipment", "seen",
})  # fmt: skip
"""Kept for ever, whatever the retention of messages is."""

_MESSAGES = """(VALUES
  (0, 'in', 'shop', 'sales_order', 'order', NULL, 'done'),
  (1, 'out', 'wh', 'fulfilment_order', 'f', ':1', 'delivered'),
  (2, 'out', 'erp', 'sales_order', 'order', ':1', 'delivered'),
  (3, 'in', 'wh', 'fulfilment_status', 'f', NULL, 'done'),
  (4, 'in', 'wh', 'shipment', 'f', NULL, 'done'),
  (5, 'out', 'shop', 'shipment', 'order', ':s1:1', 'delivered'),
  (6, 'out', 'erp', 'shipment', 'order', ':s1:1', 'delivered')
) AS m (k, direction, partner, topic, key, outward, status)"""

ROWS = {
    "sales_order": """
INSERT INTO sales_order (id, merchant_id, channel, channel_order_id, order_number, status, revision,
  occurred_at, digest, fingerprint, currency, grand_total, document, correlation_id, placed_at,
  received_at, updated_at)
SELECT order_id, merchant, shop, (4500000000000 + n)::text, '#' || n, 'completed', at::text, at,
  print || print, print, 'EUR', 59.90, print || print || print || print, correlation, at, at, at
FROM o WHERE at >= %(from)s""",
    "fulfilment_order": """
INSERT INTO fulfilment_order (id, merchant_id, order_id, warehouse, status, notice_id, document,
  created_at, updated_at)
SELECT fo_id, merchant, order_id, wh, 'shipped', (prefix || '7b01' || suffix)::uuid,
  print || print || print || print, at, at FROM o WHERE at >= %(from)s""",
    "fulfilment_line": """
INSERT INTO fulfilment_line (fulfilment_order_id, merchant_id, line_no, sku, ordered, shipped)
SELECT fo_id, merchant, 1, 'SKU-' || n %% 10000, 2, 2 FROM o WHERE at >= %(from)s
UNION ALL
SELECT fo_id, merchant, 2, 'SKU-' || n %% 9973, 1, 1 FROM o WHERE at >= %(from)s AND n %% 2 = 0""",
    "reservation": """
INSERT INTO reservation (order_id, line_no, fulfilment_order_id, merchant_id, warehouse, sku,
  quantity)
SELECT order_id, 1, fo_id, merchant, wh, 'SKU-' || n %% 10000, 2 FROM o WHERE at >= %(from)s
UNION ALL
SELECT order_id, 2, fo_id, merchant, wh, 'SKU-' || n %% 9973, 1 FROM o
WHERE at >= %(from)s AND n %% 2 = 0""",
    "routing_decision": """
INSERT INTO routing_decision (id, merchant_id, order_id, reasoning, at)
SELECT (prefix || '7a03' || suffix)::uuid, merchant, order_id,
  jsonb_build_array(jsonb_build_object('warehouse', wh, 'verdict', 'chosen', 'rank', 1)), at
FROM o WHERE at >= %(from)s""",
    "shipment": """
INSERT INTO shipment (id, merchant_id, fulfilment_order_id, order_id, source_id, document,
  shipped_at, at)
SELECT (prefix || '7a04' || suffix)::uuid, merchant, fo_id, order_id, f || ':s1', print || print,
  at, at FROM o WHERE at >= %(from)s""",
    "seen": f"""
INSERT INTO seen (merchant_id, connection, digest, message_id)
SELECT merchant, CASE partner WHEN 'shop' THEN shop WHEN 'wh' THEN wh ELSE erp END,
  decode(md5(k || ':' || n), 'hex'), (prefix || '7b0' || k || suffix)::uuid
FROM o CROSS JOIN {_MESSAGES} WHERE at >= %(from)s""",  # noqa: S608  # constants of this module
    "message": f"""
INSERT INTO message (id, merchant_id, connection, direction, topic, key, outward_key, reference,
  correlation_id, cause_id, order_id, archive_id, archive_offset, archive_length, size, status,
  attempts, received_at, finished_at)
SELECT (prefix || '7b0' || k || suffix)::uuid, merchant,
  CASE partner WHEN 'shop' THEN shop WHEN 'wh' THEN wh ELSE erp END, direction, topic,
  CASE key WHEN 'f' THEN f ELSE (4500000000000 + n)::text END,
  wh || ':' || topic || ':' || shop || '/' || f || outward,
  CASE direction WHEN 'out' THEN 'ref-' || n END, correlation,
  CASE direction WHEN 'out' THEN heard END, order_id, 0, n * 3000, 3000, 9000, status, 1, at, at
FROM o CROSS JOIN {_MESSAGES} WHERE at >= %(from)s""",  # noqa: S608
    "attempt": f"""
INSERT INTO attempt (id, merchant_id, message_id, number, worker, started_at, finished_at, fate)
SELECT (prefix || '7c0' || k || suffix)::uuid, merchant, (prefix || '7b0' || k || suffix)::uuid, 1,
  'vm:4711', at, at, status
FROM o CROSS JOIN {_MESSAGES} WHERE at >= %(from)s""",  # noqa: S608
    "timeline": """
INSERT INTO timeline (id, merchant_id, order_id, event, detail, message_id, at)
SELECT (prefix || '7d0' || k || suffix)::uuid, merchant, order_id, event,
  CASE event WHEN 'told' THEN jsonb_build_object('partner', wh, 'reference', 'ref-' || n)
    ELSE jsonb_build_object('warehouse', wh, 'fulfilment_order', f) END, heard, at
FROM o CROSS JOIN unnest(ARRAY['received', 'released', 'routed', 'told', 'told',
  'warehouse_accepted', 'shipped', 'completed', 'told', 'told']) WITH ORDINALITY AS e (event, p)
CROSS JOIN LATERAL (SELECT p - 1 AS k) AS numbered WHERE at >= %(from)s""",
    "ledger": """
INSERT INTO ledger (id, merchant_id, warehouse, sku, quality, delta, balance_after, reason,
  document, actor, at)
SELECT (prefix || '7e00' || suffix)::uuid, merchant, wh, 'SKU-' || n %% 10000, 'good', -2, 100000,
  'shipment', 'shipment:' || f || ':s1', wh, at FROM o WHERE at >= %(from)s
UNION ALL
SELECT (prefix || '7e01' || suffix)::uuid, merchant, wh, 'SKU-' || n %% 9973, 'good', -1, 100000,
  'shipment', 'shipment:' || f || ':s1', wh, at FROM o WHERE at >= %(from)s AND n %% 2 = 0""",
}
"""Table -> statement, from the moment `from` on."""
