"""The business, one file a flow. HANDLERS is its table of contents: which document goes to which
flow.

A flow takes a list, in one transaction: it loads what it needs in a few queries, decides in memory,
saves in a few statements, and answers each telling with a verdict.
"""

from collections.abc import Callable, Mapping, Sequence

from hub.flows import goods_in, order_in, products, refunds, ship_out
from hub.flows.after import after
from hub.flows.unit import Told, Unit, Verdict
from hub.model.document import Document
from hub.model.fulfilment import FulfilmentStatus, Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.product import Product
from hub.model.stock import StockChange, StockReport

__all__ = ["HANDLERS", "after", "take"]

Handler = Callable[[Unit, Sequence[Told]], list[Verdict]]

# fmt: off
HANDLERS: Mapping[type[Document], Handler] = {
    SalesOrder:       order_in.receive,
    Refund:           refunds.record,
    FulfilmentStatus: ship_out.report,
    Shipment:         ship_out.confirm,
    StockReport:      goods_in.count,
    StockChange:      goods_in.change,
    Product:          products.learn,
}
# fmt: on


def take(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Hand each telling to its flow, all of a kind together, but never two about the same
    thing at once.
    """
    verdicts: list[Verdict | None] = [None] * len(told)
    for group in _rounds(told):
        handler = HANDLERS.get(type(told[group[0]].document))
        for at, verdict in zip(
            group, _answers(unit, handler, [told[at] for at in group]), strict=True
        ):
            verdicts[at] = verdict
    return [verdict for verdict in verdicts if verdict is not None]


def _answers(unit: Unit, handler: Handler | None, told: Sequence[Told]) -> list[Verdict]:
    if handler is None:
        kind = told[0].document.type
        return [Verdict("ignored", "not_subscribed", f"no flow takes a {kind}") for _ in told]
    return handler(unit, told)


def _rounds(told: Sequence[Told]) -> list[list[int]]:
    """Positions by kind of document; a second telling about the same goes to a later round."""
    rounds: dict[tuple[int, type[Document]], list[int]] = {}
    seen: dict[tuple[type[Document], str], int] = {}
    for at, one in enumerate(told):
        subject = (type(one.document), _subject(one.document))
        turn = seen.get(subject, -1) + 1
        seen[subject] = turn
        rounds.setdefault((turn, type(one.document)), []).append(at)
    order = list(HANDLERS)
    return [
        rounds[key]
        for key in sorted(
            rounds, key=lambda key: (key[0], order.index(key[1]) if key[1] in order else len(order))
        )
    ]


def _subject(document: Document) -> str:
    """What two tellings must not be about at once: one order, one fulfilment order."""
    if isinstance(document, FulfilmentStatus | Shipment):
        return document.fulfilment_order_id
    return document.business_id
