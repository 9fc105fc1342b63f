"""The business, one file a flow. HANDLERS is its table of contents: which document goes to which
flow.

A flow takes a list, in one transaction: it loads what it needs in a few queries, decides in memory,
saves in a few statements, and answers each telling with a verdict.

What happens when a shipment is confirmed short? Its row here names the flow,
`ship_out.confirm`; what that obeys is decided in `hub/rules/fulfilment/shipping.py`; what follows
the step is in the row of the state table (`hub/states/fulfilment_order.py`, event `short`), each
effect with its taker in `EFFECTS` of `hub/flows/fulfilment/batch.py`.
"""

from collections.abc import Callable, Mapping, Sequence

from hub.flows.after import after
from hub.flows.fulfilment import heard, ship_out
from hub.flows.inbound import announce
from hub.flows.inbound import receive as goods_receipts
from hub.flows.orders import receive, refunds
from hub.flows.products import learn
from hub.flows.reconciliation import receive as settlement_reports
from hub.flows.returns import receive as return_receipts
from hub.flows.returns import request
from hub.flows.returns.noticed import or_goods
from hub.flows.settlement import payout_answers
from hub.flows.stock import goods_in
from hub.flows.stock.places import by_place
from hub.flows.unit import Told, Unit
from hub.model.document import Document
from hub.model.fulfilment import FulfilmentStatus, Shipment
from hub.model.order import Refund, SalesOrder
from hub.model.product import Product
from hub.model.returns import Return, ReturnReceipt
from hub.model.settlement import PayoutStatus, SettlementReport
from hub.model.stock import GoodsReceipt, InboundNotice, StockChange, StockReport
from hub.rules.messages.receiving import Verdict

__all__ = ["HANDLERS", "after", "take"]

Handler = Callable[[Unit, Sequence[Told]], list[Verdict]]
_stock = by_place(goods_in.take)
_receipts = or_goods(goods_receipts.receive)

# fmt: off
HANDLERS: Mapping[type[Document], Handler] = {
    SalesOrder:       receive.receive,
    Refund:           refunds.record,
    FulfilmentStatus: heard.report,
    Shipment:         ship_out.confirm,
    InboundNotice:    announce.announce,
    GoodsReceipt:     _receipts,
    Return:           request.request,
    ReturnReceipt:    return_receipts.receive,
    StockReport:      _stock,
    StockChange:      _stock,
    Product:          learn.learn,
    SettlementReport: settlement_reports.receive,
    PayoutStatus:     payout_answers.receive,
}
# fmt: on


def take(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Hand each telling to its flow, all of a kind together, but never two about the same
    thing at once.
    """
    verdicts: list[Verdict | None] = [None] * len(tellings)
    for group in _rounds(tellings):
        handler = HANDLERS.get(type(tellings[group[0]].document))
        for at, verdict in zip(
            group, _answers(unit, handler, [tellings[at] for at in group]), strict=True
        ):
            verdicts[at] = verdict
    return [verdict for verdict in verdicts if verdict is not None]


def _answers(unit: Unit, handler: Handler | None, tellings: Sequence[Told]) -> list[Verdict]:
    if handler is None:
        kind = tellings[0].document.type
        return [Verdict("ignored", "not_subscribed", f"no flow takes a {kind}") for _ in tellings]
    return handler(unit, tellings)


def _rounds(tellings: Sequence[Told]) -> list[list[int]]:
    """Positions by flow; a second telling about the same goes to a later round."""
    order = list(dict.fromkeys(HANDLERS.values()))
    rounds: dict[tuple[int, int], list[int]] = {}
    seen: dict[tuple[type[Document], str], int] = {}
    for at, telling in enumerate(tellings):
        subject = (type(telling.document), _subject(telling.document))
        turn = seen.get(subject, -1) + 1
        seen[subject] = turn
        flow = HANDLERS.get(type(telling.document))
        rounds.setdefault((turn, order.index(flow) if flow else len(order)), []).append(at)
    return [rounds[key] for key in sorted(rounds)]


def _subject(document: Document) -> str:
    """What two tellings must not be about at once: one order, one fulfilment order."""
    if isinstance(document, FulfilmentStatus | Shipment):
        return document.fulfilment_order_id
    return document.business_id
