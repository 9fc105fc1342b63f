"""What must hold on the stage: the hub's own books by query, what the partners hold, and that both
say the same. Each finding begins with the number of its guarantee.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder, Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.stock import StockLevel
from hub.store.base.ids import short
from tests.journeys.books import INVARIANTS
from tests.simulation import feed
from tests.simulation.partners import Goods, Partner

if TYPE_CHECKING:
    from tests.simulation.play import Play

ALWAYS = (
    "G02 a message is unfinished or has a final status, never both or neither",
    "G02 no open order stands without a reason, and without waiting for something",
    "G07 a delivery has one message",
    "G08 an outward key has one message",
    "G11 what left is what was shipped",
    "G13 the counter of a key is the number of its unfinished messages",
    "G18 a level is the sum of its ledger",
    "G18 what is reserved is the sum of the open reservations",
)
"""What holds at any moment between two transactions."""
# fmt: off
MORE: Mapping[str, str] = {
    "G17 one level of an article behind the one in hand": """
        SELECT connection, key, count(*) FROM work WHERE topic = 'stock_level'
          AND status = 'behind'
        GROUP BY 1, 2 HAVING count(*) > 1""",
    "G11 nothing more is reserved than was asked for": """
        SELECT line.fulfilment_order_id, line.line_no FROM fulfilment_line AS line
        JOIN reservation AS r USING (fulfilment_order_id, line_no)
        GROUP BY 1, 2, line.ordered HAVING sum(r.quantity) > line.ordered""",
    "G13 a key has one head": """
        SELECT connection, direction, key FROM work WHERE status <> 'behind'
        GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    "G14 a count that came late changed nothing": """
        SELECT sku, balance_after FROM ledger WHERE reason = 'stocktake' AND balance_after <> 9""",
    "G03 a fulfilment order has its notice": """
        SELECT o.id FROM fulfilment_order AS o LEFT JOIN message ON message.id = o.notice_id
        WHERE message.id IS NULL""",
    "G03 what is told is of an order that there is": """
        SELECT message.id FROM message LEFT JOIN sales_order AS o ON o.id = message.order_id
        WHERE direction = 'out' AND message.order_id IS NOT NULL AND o.id IS NULL""",
}
AT_REST: Mapping[str, str] = {
    "G02 nothing is unfinished": "SELECT connection, topic, status FROM work",
    "G02 no order stands without a reason": """
        SELECT channel_order_id, status FROM sales_order
        WHERE status NOT IN ('completed', 'cancelled')
          AND (status <> 'held' OR hold_reasons = '[]'::jsonb
            OR hold_reasons @> '[{"code": "no_route"}]'
            OR hold_reasons @> '[{"code": "out_of_stock"}]')""",
    "G11 nothing is reserved for what is final": """
        SELECT r.sku FROM reservation AS r JOIN fulfilment_order AS o
          ON o.id = r.fulfilment_order_id
        WHERE open > 0
          AND o.status IN ('shipped', 'delivered', 'cancelled', 'rejected', 'short')""",
    "G25 no attempt is left open": INVARIANTS["G25 no attempt is left open"],
}
# fmt: on


def in_between(play: "Play") -> list[str]:
    """What shows only while messages stand in their queues."""
    names = ("G13 a key has one head", "G17 one level of an article behind the one in hand")
    return list(_broken(play, {name: MORE[name] for name in names}))


def always(play: "Play") -> list[str]:
    """What must hold even while things go wrong."""
    queries = {name: INVARIANTS[name] for name in ALWAYS} | dict(MORE)
    kept = [*_kept_once(play), *feed.always(play.stage)]
    return [*play.seen, *_broken(play, queries), *kept, *_partners(play)]


def at_rest(play: "Play") -> list[str]:
    """What must hold when nothing is left to do."""
    ends = [*_ends(play), *_agreement(play), *feed.at_rest(play.stage)]
    return [*always(play), *_broken(play, AT_REST), *ends]


def unfinished(play: "Play") -> str:
    """What is not at rest, in a few words."""
    rows = play.stage.world.sql(
        """SELECT work.connection, work.topic, work.status, work.waits_for, work.attempts,
          round(extract(epoch FROM due - now())) AS due, message.error ->> 'code' AS code, work.key
        FROM work JOIN message USING (id) WHERE work.status <> 'behind' LIMIT 4"""
    )
    return "; ".join(str(tuple(row)) for row in rows)


def _broken(play: "Play", queries: Mapping[str, str]) -> Iterator[str]:
    for name, query in queries.items():
        if rows := play.stage.world.sql(f"{query} LIMIT 3"):
            yield f"{name}: {[tuple(row) for row in rows]}"


def _kept_once(play: "Play") -> Iterator[str]:
    """A message for each delivery, and nothing of a worker that lost its lease."""
    kept = play.stage.world.one(
        "SELECT count(*) FROM message WHERE direction = 'in' AND connection <> :feed",
        feed=play.stage.feed.code,
    )
    if kept != len(play.deliveries):
        yield f"G07 {len(play.deliveries)} deliveries were kept as {kept} messages"
    yield from (f"G10 {what}" for what in play.stage.gremlin.zombies)


def _partners(play: "Play") -> Iterator[str]:
    """One effect a key, and those of one thing in the order of their revisions."""
    for partner in play.stage.partners.values():
        for key, times in Counter(effect.key for effect in partner.effects).items():
            if times > 1:
                yield f"G08 {partner.code} did {key} {times} times"
        yield from _order(partner)
        yield from (f"G08 {partner.code} {fault}" for fault in partner.faults)
    for shelf in play.stage.shelves.values():
        yield from (f"G08 {shelf.code}: {fault}" for fault in shelf.faults)


def _order(partner: Partner) -> Iterator[str]:
    newest: dict[str, int] = {}
    for effect in partner.effects:
        document = effect.document
        if isinstance(document, StockLevel):
            at, number, code = f"stock {document.sku}", document.version, "G17"
        elif isinstance(document, SalesOrder):
            at, number = f"order {document.channel_order_id}", int(effect.key.rsplit(":", 1)[1])
            code = "G13"
        elif isinstance(document, FulfilmentOrder | FulfilmentCancellation):
            at = f"goods {document.fulfilment_order_id}"
            number, code = int(isinstance(document, FulfilmentCancellation)), "G13"
        else:
            continue
        if number < newest.get(at, 0):
            yield f"{code} {partner.code} was told of {at}: {number} after {newest[at]}"
        newest[at] = max(newest.get(at, 0), number)


def _ends(play: "Play") -> Iterator[str]:
    """Each order ended as its newest telling and the warehouses' facts say."""
    rows = play.stage.world.sql(
        """SELECT o.channel_order_id AS number, o.status, o.revision,
          EXISTS (SELECT FROM incident WHERE incident.order_id = o.id) AS incident
        FROM sales_order AS o"""
    )
    goods = _goods(play)
    known = {row.number for row in rows}
    for number in play.told:
        if number not in known and int(number) // 10 not in play.meddled:
            yield f"G02 order {number} was told and is not there"
    for row in rows:
        n, order = divmod(int(row.number), 10)
        if n in play.meddled:
            continue
        newest = play.told[row.number]
        if not row.revision.endswith(f"T10:{newest:02d}:00Z"):
            yield f"G14 order {row.number} is at {row.revision}, told was {newest}"
        version = play.history.setups[n].lives[order][newest - 1]
        gone = [one for one in goods.get(row.number, ()) if one.gone]
        if version["state"] == "cancelled" and not gone and row.status != "cancelled":
            yield f"B10 order {row.number} was cancelled and is {row.status}"
        if gone and row.status == "cancelled" and not row.incident:
            yield f"B10 order {row.number} is cancelled, has left, and nobody is told"
        if version["state"] == "cancelled" and gone and not row.incident:
            yield f"B10 order {row.number} was cancelled, has left, and no return is proposed"


def _agreement(play: "Play") -> Iterator[str]:
    """Goods that left, as the warehouses know it, the hub, the books and the shop."""
    lines = play.stage.world.sql(
        "SELECT fulfilment_order_id AS id, line_no, shipped FROM fulfilment_line WHERE shipped > 0"
    )
    ours = {(short("F", row.id), row.line_no): int(row.shipped) for row in lines}
    theirs = {
        (goods.number, no): pieces
        for shelf in play.stage.shelves.values()
        for goods in shelf.goods.values()
        for no, pieces in goods.gone.items()
        if pieces
    }
    if ours != theirs:
        wrong = [(key, ours.get(key), theirs.get(key)) for key in {*ours, *theirs}
                 if ours.get(key) != theirs.get(key)]  # fmt: skip
        yield f"G11 shipped differs (hub, warehouse): {wrong[:3]}"
    left = Counter[str]()
    for number, goods_of in _goods(play).items():
        left[number] = sum(sum(goods.gone.values()) for goods in goods_of)
        yield from _too_many(play, number, goods_of)
    for role in ("shop", "erp"):
        told = Counter[str]()
        for effect in play.stage.partners[role].effects:
            if isinstance(effect.document, Shipment) and effect.document.order:
                number = effect.document.order.channel_order_id
                told[number] += sum(int(line.quantity) for line in effect.document.order.lines)
        if +told != +left:
            wrong = [
                (key, told[key], left[key]) for key in {*told, *left} if told[key] != left[key]
            ]
            yield f"G03 {role} was told of other goods (they, truth): {wrong[:3]}"
    yield from _books(play)


def _too_many(play: "Play", number: str, goods_of: list[Goods]) -> Iterator[str]:
    """Nobody was sent more of a line than any telling of the order asked for."""
    n, order = divmod(int(number), 10)
    if n in play.rogue:
        return
    sent = Counter[int]()
    for goods in goods_of:
        sent.update(goods.gone)
    for no, pieces in sent.items():
        most = max(dict(enumerate((p for _, p in version["lines"]), 1)).get(no, 0)
                   for version in play.history.setups[n].lives[order])  # fmt: skip
        if pieces > most:
            yield f"B10 order {number} line {no}: {pieces} were sent, at most {most} asked for"


def _books(play: "Play") -> Iterator[str]:
    """The books hold each order as it ended, and each refund of an order they know."""
    held: dict[str, SalesOrder] = {}
    refunds = Counter[str]()
    for effect in play.stage.partners["erp"].effects:
        if isinstance(effect.document, SalesOrder):
            held[effect.document.channel_order_id] = effect.document
        elif isinstance(effect.document, Refund):
            refunds[effect.document.channel_order_id] += 1
    rows = play.stage.world.sql(
        """SELECT channel_order_id AS number, status, version,
          (SELECT count(*) FROM refund WHERE refund.order_id = o.id) AS refunds
        FROM sales_order AS o WHERE status IN ('completed', 'cancelled')"""
    )
    for row in rows:
        n = int(row.number) // 10
        told = held.get(row.number)
        if told is None:
            if row.status == "completed":
                yield f"G03 the books know nothing of order {row.number}"
            continue
        if row.status == "cancelled" and told.state != "cancelled" and n not in play.meddled:
            yield f"G03 order {row.number} is cancelled, the books hold it {told.state}"
        if refunds[row.number] != row.refunds:
            theirs = refunds[row.number]
            yield f"G11 order {row.number}: {row.refunds} refunds, the books hold {theirs}"


def _goods(play: "Play") -> dict[str, list[Goods]]:
    found: dict[str, list[Any]] = {}
    for shelf in play.stage.shelves.values():
        for goods in shelf.goods.values():
            found.setdefault(goods.channel_order_id, []).append(goods)
    return found
