"""Violations to plant: for each invariant a change of the tables that breaks it and no other
guarantee. The rows they change are those of `tests/store/invariants/scene.py`.
"""
# ruff: noqa: S608  # every text is of this file

from tests.store.invariants.plants_of_returns import OF_BOOKS, OF_RETURNS, Plant

_PARKED = "(SELECT id FROM work WHERE status = 'parked' ORDER BY id LIMIT 1)"
_DONE = """(SELECT message_id FROM attempt WHERE fate = 'done' ORDER BY id LIMIT 1)"""
_LAST = """(SELECT message.id FROM message WHERE key = 'change')"""
_LIVING = "(SELECT id FROM fulfilment_order WHERE status = 'accepted')"
_SHIPPED = "(SELECT id FROM fulfilment_order WHERE status = 'shipped')"
_NOTICE = "(SELECT notice_id FROM fulfilment_order WHERE status = 'shipped')"
_HELD = "(SELECT id FROM sales_order WHERE status = 'held')"
_CANCELLED = "(SELECT id FROM sales_order WHERE status = 'cancelled' ORDER BY id LIMIT 1)"
_TAKEN = "(SELECT id FROM stocktake WHERE status = 'approved')"
_SOMEBODY = "(SELECT id FROM customer ORDER BY id LIMIT 1)"
_COPIED = """merchant_id, connection, direction, topic, key, outward_key, reference,
      correlation_id, cause_id, order_id, payload, size, version, status, error, attempts,
      received_at, finished_at"""
_LEDGER = "INSERT INTO ledger (id, merchant_id, warehouse, sku, quality, delta, balance_after,"
_FREE = "".join(
    f"ALTER TABLE {table} DISABLE TRIGGER ALL;" for table in ("entry", "entry_line", "charge_item")
)
"""What is only added to can be changed by whoever owns the tables and does this first."""
_NOTHING = "VALUES (gen_random_uuid(), '{0}', 'wh', 'A', 'good', 0, 0, '{1}', '{2}', 'x')"


def _moves(merchant: str, reason: str, document: str) -> str:
    """A movement of no pieces: every sum stays as it is."""
    return f"{_LEDGER} reason, document, actor) {_NOTHING.format(merchant, reason, document)};"


def _to_other(table: str, where: str, merchant: str = "other") -> str:
    return f"UPDATE {table} SET merchant_id = '{merchant}' WHERE {where}"


def _of(table: str, parent: str, sql: str) -> Plant:
    return Plant("G28", f"{table} is of the merchant of its {parent}", sql)


def _known(table: str, sql: str) -> Plant:
    return Plant("G28", f"each row of {table} has a merchant that is known", sql)


def _again(fate: str) -> str:
    """One attempt more that ended well."""
    return f"""INSERT INTO attempt (id, merchant_id, message_id, number, worker, started_at,
      finished_at, fate)
    SELECT gen_random_uuid(), merchant_id, message_id, 2, worker, started_at, finished_at, fate
    FROM attempt WHERE fate = '{fate}' ORDER BY id LIMIT 1"""


_LEVELS = """(SELECT id FROM message WHERE topic = 'stock_level' AND status = 'delivered'
    AND key = 'stock:acme:A' ORDER BY id LIMIT 3)"""

# fmt: off
PLANTS = (
    *OF_RETURNS,
    *OF_BOOKS,
    Plant("G02", "a message is unfinished or has a final status, never both or neither",
        f"UPDATE message SET status = 'done' WHERE id = {_PARKED}"),
    Plant("G02", "a final status is one of its direction",
        f"UPDATE message SET status = 'delivered' WHERE id = {_DONE}"),
    Plant("G02", "what stands in a queue has a status of its direction",
        f"UPDATE work SET status = 'unknown' WHERE id = {_PARKED}"),
    Plant("G02", "what is parked or waits says why",
        f"UPDATE message SET error = NULL WHERE id = {_PARKED}"),
    Plant("G02", "no message waits for what is there", """
        UPDATE work SET waits_for = 'sku:A' WHERE status = 'waiting'"""),
    Plant("G02", "no order waits for an article that is known",
        "UPDATE order_wait SET fact = 'sku:A' WHERE fact = 'sku:Z'"),
    Plant("G02", "no open order stands without a reason, and without waiting for something",
        f"""UPDATE sales_order SET status = 'open', hold_reasons = '[]' WHERE id = {_HELD}"""),
    Plant("G02", "nothing is left to do",
        f"UPDATE work SET status = 'received' WHERE id = {_PARKED}"),
    Plant("G06", "an edited message has its newest version", "DELETE FROM message_version"),
    Plant("G07", "a delivery has one message", """
        INSERT INTO seen (merchant_id, connection, digest, message_id)
        SELECT merchant_id, connection, '\\x00', message_id FROM seen LIMIT 1"""),
    Plant("G07", "a delivery is known once", f"""
        WITH copied AS (
          INSERT INTO message (id, {_COPIED})
          SELECT gen_random_uuid(), {_COPIED.replace("merchant_id", "'operator'", 1)}
          FROM message WHERE id = {_DONE} RETURNING id
        )
        INSERT INTO seen (merchant_id, connection, digest, message_id)
        SELECT 'operator', connection, digest, copied.id FROM seen, copied
        WHERE message_id = {_DONE}"""),
    Plant("G07", "what was worked would be recognised if it came again",
        f"DELETE FROM seen WHERE message_id = {_DONE}"),
    Plant("G07", "a message was worked to its end once, unless somebody had it worked again",
        _again("done")),
    Plant("G07", "a channel's order is stored once", f"""
        INSERT INTO sales_order (id, merchant_id, channel, channel_order_id, order_number, status,
          digest, currency, document, correlation_id, placed_at)
        SELECT gen_random_uuid(), 'operator', channel, channel_order_id, order_number, status,
          digest, currency, document, correlation_id, placed_at
        FROM sales_order WHERE id = {_HELD}"""),
    Plant("G08", "an outward key has one message", """
        UPDATE message SET outward_key = (
          SELECT outward_key FROM message WHERE topic = 'sales_order' AND direction = 'out'
          ORDER BY id LIMIT 1
        ) WHERE topic = 'refund' AND direction = 'out'"""),
    Plant("G08", "a message was delivered once, unless somebody had it told again",
        _again("delivered")),
    Plant("G08", "nothing stands to be told of a fulfilment order that has ended", f"""
        INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status)
        SELECT id, merchant_id, connection, 'out', 0, key, topic, nextval('work_seq'), 'parked'
        FROM message WHERE id = {_NOTICE};
        INSERT INTO message_key (merchant_id, connection, direction, key, open)
        SELECT merchant_id, connection, 'out', key, 1 FROM message WHERE id = {_NOTICE};
        UPDATE message SET status = NULL, error = '{{"code": "x"}}' WHERE id = {_NOTICE}"""),
    Plant("G08", "no more shipments were told than there are", f"""
        INSERT INTO message (id, {_COPIED})
        SELECT gen_random_uuid(), {_COPIED.replace("outward_key", "outward_key || '+'")}
        FROM message WHERE topic = 'shipment' AND connection = 'erp'"""),
    Plant("G25", "what is in hand has a holder that lives", f"""
        UPDATE work SET status = 'processing', fence = lane.fence, lane_id = lane.id FROM lane
        WHERE work.id = {_PARKED} AND lane.connection = work.connection AND lane.direction = 'in';
        INSERT INTO attempt (id, merchant_id, message_id, number, worker, started_at)
        SELECT gen_random_uuid(), 'acme', {_PARKED.replace("parked", "processing")}, 1, 'gone',
          now() - interval '10 min'"""),
    Plant("G25", "an attempt is open as long as its message is in hand", f"""
        UPDATE attempt SET finished_at = NULL WHERE message_id = {_LAST}"""),
    Plant("G25", "no attempt is left open", f"""
        UPDATE attempt SET finished_at = NULL WHERE message_id = {_LAST}"""),
    Plant("G25", "nothing is left in hand", f"""
        UPDATE work SET status = 'processing' WHERE id = {_PARKED}"""),
    Plant("G03", "what is told of an order belongs to one that is stored", """
        UPDATE message SET order_id = gen_random_uuid()
        WHERE topic = 'refund' AND direction = 'out'"""),
    Plant("G03", "a fulfilment order and the notice of it are there together",
        f"UPDATE fulfilment_order SET notice_id = NULL WHERE id = {_LIVING}"),
    Plant("G03", "what no warehouse was told ended with its notice", f"""
        UPDATE message SET status = 'superseded' WHERE id = (
          SELECT notice_id FROM fulfilment_order WHERE id = {_LIVING})"""),
    Plant("G03", "what leaves as one parcel is of one merchant, warehouse and recipient", f"""
        UPDATE fulfilment_order SET
          recipient = decode(CASE status WHEN 'shipped' THEN '01' ELSE '00' END, 'hex'),
          merged_into = CASE WHEN status <> 'shipped' THEN {_SHIPPED} END
        WHERE id IN ({_LIVING}, {_SHIPPED})"""),
    Plant("G03", "who is told of with another has no other notice, and the other leads", f"""
        UPDATE fulfilment_order SET merged_into = {_SHIPPED} WHERE id = {_LIVING}"""),
    Plant("G03", "what left the stock is a shipment that is stored",
        "UPDATE shipment SET source_id = 'another'"),
    Plant("G03", "a shipment was told to the channel and the books", """
        UPDATE message SET topic = 'x' WHERE topic = 'shipment' AND connection = 'shop'"""),
    Plant("G13", "of each key the first unfinished message stands alone at the head",
        f"UPDATE work SET status = 'behind' WHERE id = {_PARKED}"),
    Plant("G13", "the counter of a key is the number of its unfinished messages",
        "UPDATE message_key SET open = open + 1"),
    Plant("G13", "no two messages of a key were in hand at once", """
        UPDATE attempt SET finished_at = finished_at + interval '1 day'
        WHERE message_id = (SELECT message_id FROM attempt JOIN message
          ON message.id = attempt.message_id AND key = '1003' ORDER BY started_at LIMIT 1)"""),
    Plant("G01", "no cursor of a poll stands ahead of what was kept", """
        INSERT INTO poll (merchant_id, connection, topic, every_s, reached_at, newest)
        VALUES ('acme', 'shop', 'orders', 300, now(), '\\x00')"""),
    Plant("G17", "of a level at most the newest waits behind what is under way", f"""
        INSERT INTO work (id, merchant_id, connection, direction, shard, key, topic, seq, status,
          waits_for)
        SELECT id, merchant_id, connection, 'out', 0, key, topic, nextval('work_seq'),
          CASE WHEN row_number() OVER (ORDER BY id) = 1 THEN 'waiting' ELSE 'behind' END, 'x'
        FROM message WHERE id IN {_LEVELS};
        INSERT INTO message_key (merchant_id, connection, direction, key, open)
        VALUES ('acme', 'shop', 'out', 'stock:acme:A', 3);
        UPDATE message SET status = NULL WHERE id IN {_LEVELS}"""),
    Plant("G17", "no level was told after a newer one", f"""
        UPDATE message SET finished_at = finished_at + interval '1 day'
        WHERE id = (SELECT id FROM message WHERE id IN {_LEVELS} ORDER BY id LIMIT 1)"""),
    Plant("G11", "what left is what was shipped",
        f"UPDATE fulfilment_line SET shipped = shipped - 1 WHERE fulfilment_order_id = {_SHIPPED}"),
    Plant("G11", "a warehouse's count is booked once", _moves("acme", "stocktake",
        "stock_report:r1")),
    Plant("G11", "an opening balance is booked once", _moves("acme", "opening", "opening:wh") * 2),
    Plant("G11", "each count and change of a warehouse is known as done", """
        DELETE FROM effect WHERE kind <> 'stocktake'"""),
    Plant("G11", "a line is reserved once", f"""
        INSERT INTO reservation (order_id, line_no, fulfilment_order_id, merchant_id, warehouse,
          sku, quantity)
        SELECT gen_random_uuid(), line_no, fulfilment_order_id, merchant_id, warehouse, sku,
          quantity FROM reservation WHERE fulfilment_order_id = {_SHIPPED}"""),
    Plant("G11", "a line and its reservation are of the same pieces", f"""
        UPDATE reservation SET quantity = quantity + 1 WHERE fulfilment_order_id = {_SHIPPED}"""),
    Plant("G11", "a part of a kit is one of the kit's, and names its order line",
        f"UPDATE fulfilment_line SET order_line = 1 WHERE fulfilment_order_id = {_SHIPPED}"),
    Plant("G11", "a part of a kit is one of the kit's, and names its order line",
        f"""UPDATE fulfilment_line SET order_line = line_no,
          kit = '{{"sku": "SET", "of": {{"SET": {{"LID": "1"}}}}}}'
        WHERE fulfilment_order_id = {_SHIPPED}"""),
    Plant("G11", "what was not told when it left are parts of kits only",
        "UPDATE shipment SET withheld = true"),
    Plant("G18", "a level is the sum of its ledger",
        "UPDATE stock_level SET on_hand = on_hand + 1 WHERE sku = 'A'"),
    Plant("G18", "a batch is the sum of its ledger",
        "UPDATE ledger SET batch = 'L1' WHERE sku = 'A' AND reason = 'opening'"),
    Plant("G18", "what is reserved is the sum of the open reservations",
        "UPDATE stock_level SET reserved = reserved + 1 WHERE sku = 'A'"),
    Plant("G18", "a fulfilment order holds what it has still to ship", f"""
        UPDATE reservation SET open = open - 1 WHERE fulfilment_order_id = {_LIVING};
        UPDATE stock_level SET reserved = reserved - 1 WHERE reserved > 0"""),
    Plant("G18", "no more is promised than is there, unless a warehouse took it away", """
        UPDATE ledger SET delta = delta - (SELECT on_hand FROM stock_level WHERE sku = 'B')
        WHERE sku = 'B' AND reason = 'opening';
        UPDATE stock_level SET on_hand = 0 WHERE sku = 'B'"""),
    Plant("G18", "what a stocktake adjusts are the differences that were approved",
        f"UPDATE stocktake_count SET held = held - 1 WHERE stocktake_id = {_TAKEN}"),
    Plant("G18", "what a stocktake adjusts are the differences that were approved",
        f"UPDATE stocktake_line SET outcome = 'equal' WHERE stocktake_id <> {_TAKEN}"),
    Plant("G18", "what a stocktake adjusts stands in the ledger, once",
        "UPDATE ledger SET document = 'stocktake:other' WHERE document LIKE 'stocktake:%'"),
    Plant("G18", "what a stocktake adjusts stands in the ledger, once",
        "DELETE FROM effect WHERE kind = 'stocktake'"),
    Plant("G19", "a released order's total is in whole units of its currency", """
        UPDATE sales_order SET grand_total = grand_total + 0.001 WHERE status = 'completed'"""),
    Plant("G19", "a refund is in the currency of its order", "UPDATE refund SET currency = 'USD'"),
    Plant("G11", "what a receipt names is in the ledger, once",
        "UPDATE receipt_line SET quantity = quantity + 1 WHERE line_no IS NULL"),
    Plant("G11", "a notice's line holds what came in under it",
        "UPDATE receipt_line SET line_no = NULL WHERE sku = 'A'"),
    Plant("G18", "a notice expects what has not come, and nothing once it is over",
        "UPDATE inbound_line SET open = open + 1"),
    Plant("G18", "no notice waits for what has all come",
        "UPDATE inbound_line SET open = 0, expected = received"),
    Plant("G18", "what is in transit is on the lines of transfers",
        "UPDATE inbound_line SET transit = transit + 1 WHERE sent > 0"),
    Plant("G18", "each reported row is in exactly one state",
        "UPDATE provider_row SET state = 'lost' WHERE state = 'open'"),
    Plant("G18", "what is expected and open stands among what is open, nothing else",
        "UPDATE expected_open SET amount = amount + 1"),
    Plant("G18", "a match names the rows that bear it",
        "UPDATE money_match SET their_rows = '{}'"),
    Plant("G18", "a match comes to what its rows come to, on either side",
        "UPDATE money_match SET ours = ours + 1, theirs = theirs + 1"),
    Plant("G18", "what the hub matched by itself comes to the same on both sides",
        "UPDATE money_match SET difference = 1"),
    Plant("G18", "the rows of a report come to its payout",
        "UPDATE provider_report SET payout = payout + 1"),
    Plant("G18", "what a provider tells in several forms counts once",
        "UPDATE provider_row SET state = 'attached' WHERE state = 'told'"),
    Plant("G28", "an order's customer is of its merchant, and one that is known",
        f"UPDATE customer SET merged_into = id WHERE id = {_SOMEBODY}"),
    Plant("G15", "an order that names somebody is a customer's, or due to be",
        f"DELETE FROM customer_order WHERE order_id = {_CANCELLED}"),
    Plant("G15", "a customer has as many orders as are counted",
        f"UPDATE customer SET orders = orders + 1 WHERE id = {_SOMEBODY}"),
    Plant("G30", "who was erased is nowhere",
        f"UPDATE customer SET status = 'erased' WHERE id = {_SOMEBODY}"),
    _of("work", "message", _to_other("work", f"id = {_PARKED}")),
    _of("attempt", "message", _to_other("attempt", f"message_id = {_DONE}")),
    _of("message_version", "message", _to_other("message_version", "true")),
    _of("seen", "message", _to_other("seen", f"message_id = {_DONE}")),
    _of("fulfilment_line", "fulfilment_order", _to_other("fulfilment_line", "sku = 'A'")),
    _of("reservation", "fulfilment_order", _to_other("reservation", "open = 0")),
    _of("shipment", "fulfilment_order", _to_other("shipment", "true")),
    _of("inbound_line", "inbound_notice", _to_other("inbound_line", "sent = 0")),
    _of("stocktake_line", "stocktake", _to_other("stocktake_line", "outcome = 'not_counted'")),
    _of("stocktake_count", "stocktake", """
        INSERT INTO stocktake_count (id, merchant_id, stocktake_id, line_no, round, counted, held,
          counted_by, at)
        SELECT gen_random_uuid(), 'other', id, 1, 1, 1, 1, 'ann', now() FROM stocktake"""),
    _of("stocktake", "connection", _to_other("stocktake", "status = 'counting'")),
    _of("goods_receipt", "inbound_notice", _to_other("goods_receipt", "true")),
    _of("receipt_line", "goods_receipt", _to_other("receipt_line", "true")),
    Plant("G18", "the numbers of a merchant's invoices in a year have no gap",
        "UPDATE invoice_counter SET last = last + 1"),
    _of("invoice", "sales_order", """
        UPDATE invoice SET merchant_id = 'other';
        UPDATE invoice_counter SET merchant_id = 'other'"""),
    _of("provider_row", "provider_report", _to_other("provider_row", "state = 'open'")),
    _of("expected_money", "sales_order", f"""
        {_to_other("expected_money", "kind = 'sale'")};
        {_to_other("expected_open", "kind = 'sale'")}"""),
    Plant("G19", "each entry balances, and so does each half of it", f"""
        {_FREE} UPDATE entry_line SET account = 'operator.payable'
        WHERE account = 'merchant.revenue'"""),
    Plant("G19", "each line of the ledger is of an entry of its merchant",
        f"{_FREE} DELETE FROM entry WHERE reason = 'charges'"),
    Plant("G19", "what was sold of an order is booked once, and as its items say",
        f"{_FREE} UPDATE charge_item SET amount = amount + 1 WHERE kind = 'sale'"),
    Plant("G19", "a statement's lines add up to its balance, and that to payout and carry-over",
        "UPDATE statement SET payout = payout + 1, balance = balance + 1"),
    Plant("G19", "the figures of a statement are those that were approved",
        "UPDATE statement_line SET code = 'x' WHERE kind = 'charge'"),
    Plant("G19", "what a final statement says was sold is what the ledger says", """
        UPDATE statement_line SET amount = amount + CASE kind WHEN 'sales' THEN 1 ELSE -1 END
        WHERE kind IN ('sales', 'charge')"""),
    Plant("G19", "a payout is booked of what is paid, once, and of nothing else",
        "UPDATE statement SET status = 'paid'"),
    Plant("G19", "each transfer in a payout file is of a statement of its merchant", """
        INSERT INTO transfer (file, statement_id, merchant_id, amount, written_at)
        SELECT 'P', gen_random_uuid(), merchant_id, 1, now() FROM statement"""),
    Plant("G19", "periods of a merchant do not overlap", """
        INSERT INTO statement (id, merchant_id, number, currency, period_from, period_to, status)
        SELECT gen_random_uuid(), merchant_id, 'S-2', currency, period_from + interval '1 day',
          period_to, 'open' FROM statement"""),
    _of("charge_item", "entry", """
        INSERT INTO charge_item (entry_id, merchant_id, position, kind, shape_id, currency, at,
          settle_at)
        SELECT entry_id, 'other', 99, 'parcel', shape_id, currency, at, settle_at
        FROM charge_item LIMIT 1"""),
    _of("statement_line", "statement", """
        INSERT INTO statement_line (statement_id, merchant_id, position, kind)
        SELECT id, 'other', 99, 'charge' FROM statement"""),
    _of("chargeback", "provider_row", """
        INSERT INTO chargeback (id, merchant_id, row_id, reference, currency, status)
        SELECT gen_random_uuid(), 'other', id, reference, currency, 'open' FROM provider_row
        WHERE state = 'open'"""),
    _of("inbound_notice", "connection", _to_other("inbound_notice", "true")),
    _of("refund", "sales_order", _to_other("refund", "true")),
    _of("routing_decision", "sales_order", _to_other("routing_decision", "true")),
    _of("order_wait", "sales_order", _to_other("order_wait", "true")),
    _of("message", "sales_order", _to_other("message", "topic = 'refund'")),
    _of("message", "connection", _to_other("message", "topic = 'refund'")),
    _of("fulfilment_order", "sales_order", _to_other("fulfilment_order", f"id = {_LIVING}")),
    _of("fulfilment_order", "connection", _to_other("fulfilment_order", f"id = {_LIVING}")),
    _of("sales_order", "connection", _to_other("sales_order", f"id = {_HELD}")),
    _of("timeline", "sales_order", _to_other("timeline", "true")),
    _of("incident", "sales_order", f"""
        INSERT INTO incident (id, merchant_id, kind, subject, sentence, order_id)
        VALUES (gen_random_uuid(), 'other', 'x', 'x', 'x', {_HELD})"""),
    _of("stock_level", "connection",
        "INSERT INTO stock_level (merchant_id, warehouse, sku) VALUES ('other', 'wh', 'A')"),
    _known("message", _to_other("message", "topic = 'refund'", "ghost")),
    _known("sales_order", _to_other("sales_order", f"id = {_HELD}", "ghost")),
    _known("stock_level",
        "INSERT INTO stock_level (merchant_id, warehouse, sku) VALUES ('ghost', 'wh', 'A')"),
    _known("product", "INSERT INTO product (merchant_id, sku, title) VALUES ('ghost', 'A', 'A')"),
    _known("connection", """INSERT INTO connection (code, merchant_id, kind, adapter, gives, takes)
        VALUES ('x', 'ghost', 'erp', 'tryton', '{}', '{}')"""),
    _known("ledger", _moves("ghost", "opening", "x")),
    _known("refund", _to_other("refund", "true", "ghost")),
)
# fmt: on
