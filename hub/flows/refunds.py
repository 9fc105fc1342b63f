"""Refunds as channels tell them: kept once, attached to their order, told to the books after it."""

from collections.abc import Sequence

from hub.flows import telling
from hub.flows.unit import Told, Unit, Verdict
from hub.model.order import Refund
from hub.states.order import State
from hub.store import orders, timeline
from hub.store.ids import new_id

_UNTOLD = frozenset({State.RECEIVED, State.HELD})


def record(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Keep refunds. One that comes before its order waits for nobody: it is attached when the
    order arrives.
    """
    documents = [one.document for one in told]
    pairs = [
        (one.partner.code, document.channel_order_id)
        for one, document in zip(told, documents, strict=True)
        if isinstance(document, Refund)
    ]
    known = orders.load_by_channel(unit.db, unit.vault, pairs)
    ids = [new_id() for _ in told]
    found = [known.get(pair) for pair in pairs]
    new = orders.insert_refunds(
        unit.db,
        unit.vault,
        [
            (id_, one.merchant, one.partner.code, row.id if row else None, document)
            for id_, one, row, document in zip(ids, told, found, documents, strict=True)
            if isinstance(document, Refund)
        ],
    )
    verdicts = []
    for id_, one, row, document in zip(ids, told, found, documents, strict=True):
        assert isinstance(document, Refund)
        if id_ not in new:
            verdicts.append(
                Verdict(
                    "ignored", "repeated", "this refund is known", order_id=row.id if row else None
                )
            )
            continue
        verdicts.append(Verdict(order_id=row.id if row else None))
        if row is None:
            continue
        detail = {
            "refund": document.refund_id,
            "amount": str(document.amount),
            "currency": document.currency,
        }
        timeline.note(
            unit.db, [timeline.Event(row.merchant, row.id, "refunded", detail, one.message_id)]
        )
        if row.status not in _UNTOLD:
            unit.tell(telling.to_books(unit, [(document, row)], one.message_id))
    return verdicts
