"""What must hold at the end of a journey: the hub's own books by query, and against the partners'
records.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from hub.store.ids import short
from sandbox.partner import Partner
from tests.journeys.partners import Partners
from tests.kit.hub import Hub

# fmt: off
INVARIANTS: Mapping[str, str] = {
    "G02 a message is unfinished or has a final status, never both or neither": """
        SELECT message.id FROM message LEFT JOIN work USING (id)
        WHERE (message.status IS NULL) = (work.id IS NULL)""",
    "G02 nothing is left in hand": """
        SELECT id, status FROM work WHERE status NOT IN ('parked', 'waiting', 'behind')""",
    "G03 a shipment was told to the books and the channel it came from": """
        SELECT shipment.id FROM shipment WHERE (
          SELECT count(*) FROM message WHERE message.order_id = shipment.order_id
            AND direction = 'out' AND topic = 'shipment'
        ) <> 2 * (SELECT count(*) FROM shipment AS s WHERE s.order_id = shipment.order_id)""",
    "G07 a delivery has one message": """
        SELECT message_id FROM seen GROUP BY message_id HAVING count(*) > 1""",
    "G08 an outward key has one message": """
        SELECT outward_key FROM message WHERE direction = 'out'
        GROUP BY outward_key HAVING count(*) > 1""",
    "G11 a shipment is booked once": """
        SELECT document, sku FROM ledger WHERE reason = 'shipment'
        GROUP BY document, merchant_id, warehouse, sku HAVING count(*) > 1""",
    "G11 what left is what was shipped": """
        SELECT merchant_id, warehouse, sku, sum(pieces) FROM (
          SELECT merchant_id, warehouse, sku, delta AS pieces FROM ledger WHERE reason = 'shipment'
          UNION ALL
          SELECT o.merchant_id, o.warehouse, line.sku, line.shipped FROM fulfilment_line AS line
          JOIN fulfilment_order AS o ON o.id = line.fulfilment_order_id
        ) AS both_sides GROUP BY 1, 2, 3 HAVING sum(pieces) <> 0""",
    "G13 the counter of a key is the number of its unfinished messages": """
        SELECT key, open FROM message_key FULL JOIN (
          SELECT connection, direction, key, count(*) AS left FROM work GROUP BY 1, 2, 3
        ) AS counted USING (connection, direction, key)
        WHERE coalesce(open, 0) <> coalesce(counted.left, 0)""",
    "G18 a level is the sum of its ledger": """
        SELECT warehouse, merchant_id, sku, on_hand FROM stock_level AS level
        WHERE on_hand <> (SELECT coalesce(sum(delta), 0) FROM ledger
          WHERE ledger.warehouse = level.warehouse AND ledger.sku = level.sku
            AND ledger.quality = level.quality AND ledger.merchant_id = level.merchant_id)""",
    "G18 what is reserved is the sum of the open reservations": """
        SELECT warehouse, merchant_id, sku, reserved FROM stock_level AS level
        WHERE reserved <> (SELECT coalesce(sum(open), 0) FROM reservation AS r
          WHERE r.warehouse = level.warehouse AND r.sku = level.sku
            AND r.quality = level.quality AND r.merchant_id = level.merchant_id)""",
    "G18 nothing is sold that is not there": """
        SELECT warehouse, sku FROM stock_level WHERE on_hand - reserved < 0""",
    "G25 no attempt is left open": """
        SELECT message_id FROM attempt WHERE finished_at IS NULL""",
}
"""What must hold, and the query that finds where it does not."""
# fmt: on


def broken(hub: Hub) -> dict[str, list[Any]]:
    """The invariants that do not hold, with the rows that break them."""
    found = {name: hub.sql(f"{query} LIMIT 5") for name, query in INVARIANTS.items()}
    return {name: rows for name, rows in found.items() if rows}


def differences(hub: Hub, partners: Partners) -> list[str]:
    """Where the partners' own records and the hub's do not say the same."""
    return [*_warehouse(hub, partners), *_shops(hub, partners), *_erp(hub, partners)]


def _warehouse(hub: Hub, partners: Partners) -> Iterator[str]:
    """One delivery order for each fulfilment order that was told, with its lines."""
    noted = recorded(partners.warehouse, "delivery_order")
    told = hub.sql(
        """SELECT o.id, array_agg(line.sku || ' ' || trim_scale(line.ordered) ORDER BY line.line_no)
          AS lines FROM fulfilment_order AS o
        JOIN message ON message.id = o.notice_id AND message.status = 'delivered'
        JOIN fulfilment_line AS line ON line.fulfilment_order_id = o.id GROUP BY 1"""
    )
    ours = {short("F", row.id): row.lines for row in told}
    theirs = {
        key: [f"{line['itemCode']} {line['planQty']}" for line in documents[0]["orderLines"]]
        for key, documents in noted.items()
    }
    yield from _compared("warehouse", ours, theirs)
    yield from (f"warehouse: {key} twice" for key, them in noted.items() if len(them) > 1)


def _shops(hub: Hub, partners: Partners) -> Iterator[str]:
    """One fulfilment for each parcel, under its tracking number."""
    rows = hub.sql(
        """SELECT channel, channel_order_id, detail -> 'packages' AS numbers FROM timeline
        JOIN sales_order AS o ON o.id = timeline.order_id
        WHERE event IN ('shipped', 'shipped_in_part')"""
    )
    ours: dict[str, Counter[str]] = {}
    for row in rows:
        ours.setdefault(f"{row.channel} {row.channel_order_id}", Counter()).update(row.numbers)
    theirs: dict[str, Counter[str]] = {}
    for name, shop in partners.shops.items():
        for key, documents in recorded(shop, "fulfilment").items():
            numbers = Counter(number for one in documents for number in one["numbers"])
            theirs[f"{name} {key}"] = numbers
    yield from _compared("shop", ours, theirs)


def _erp(hub: Hub, partners: Partners) -> Iterator[str]:
    """One sale for each order that was told, to the cent; one shipment for each that left."""
    rows = hub.sql(
        """SELECT channel || '/' || channel_order_id AS reference, currency, grand_total,
          (SELECT count(*) FROM shipment WHERE shipment.order_id = o.id) AS shipments
        FROM sales_order AS o WHERE EXISTS (
          SELECT FROM message JOIN connection ON connection.code = message.connection
          WHERE message.order_id = o.id AND message.topic = 'sales_order' AND kind = 'erp')"""
    )
    sales, left = recorded(partners.erp, "sale"), recorded(partners.erp, "shipment")
    settled = recorded(partners.erp, "sale_processing") | recorded(partners.erp, "sale_cancelled")
    ours = {row.reference: [(row.currency, row.grand_total)] for row in rows}
    theirs = {
        key: [(one["currency"], Decimal(one["total"])) for one in settled.get(key, created)]
        for key, created in sales.items()
    }
    yield from (f"erp: {key} twice" for key, created in sales.items() if len(created) > 1)
    yield from _compared("erp: sale", ours, theirs)
    shipped = {row.reference: row.shipments for row in rows if row.shipments}
    yield from _compared("erp: shipments of", shipped, {key: len(it) for key, it in left.items()})


def _compared(what: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted({*ours, *theirs}):
        if ours.get(key) != theirs.get(key):
            yield f"{what} {key}: the hub has {ours.get(key)}, they have {theirs.get(key)}"


def recorded(partner: Partner, kind: str) -> dict[str, list[Any]]:
    """What took effect at a partner: its documents of a kind by key."""
    found: dict[str, list[Any]] = {}
    for entry in list(partner.record):
        if entry["kind"] == kind:
            found.setdefault(entry["key"], []).append(entry["document"])
    return found
