"""Order in: a channel's orders are kept, judged and, where nothing speaks against it, routed.

The same telling changes nothing; an older one is ignored; a newer one is compared with what is
stored (`edits`). What the channel settled before the hub saw it is recorded and told to the
books, never to a warehouse.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows import articles, edits, judging
from hub.flows.articles import Articles
from hub.flows.unit import Told, Unit, Verdict
from hub.model.order import SalesOrder
from hub.rules import revision
from hub.states.order import State
from hub.store import orders, timeline
from hub.store.ids import new_id
from hub.store.orders import OrderRow


def receive(unit: Unit, told: Sequence[Told]) -> list[Verdict]:
    """Take in orders as channels tell them. One telling of each order at a time."""
    documents = [_document(one) for one in told]
    pairs = [
        (one.partner.code, document.channel_order_id)
        for one, document in zip(told, documents, strict=True)
    ]
    stored = orders.load_by_channel(unit.db, unit.vault, pairs)
    known = articles.load(
        unit, [(one.partner.code, document) for one, document in zip(told, documents, strict=True)]
    )
    fresh: list[tuple[OrderRow, UUID]] = []
    updates: list[edits.Update] = []
    verdicts: list[Verdict] = []
    for one, document, pair in zip(told, documents, pairs, strict=True):
        row = stored.get(pair)
        if row is None:
            row = _new(unit, one, document, known)
            fresh.append((row, one.message_id))
            verdicts.append(Verdict(order_id=row.id))
            continue
        ignored = _why_ignore(row, document)
        if ignored is None:
            resolved = articles.resolve(known, row.channel, document)
            updates.append(edits.Update(row, document, resolved, one.message_id))
            verdicts.append(Verdict(order_id=row.id))
        else:
            verdicts.append(Verdict("ignored", ignored, _IGNORED[ignored], order_id=row.id))
    _keep_new(unit, fresh, known)
    edits.apply(unit, updates, known)
    return verdicts


_IGNORED = {
    "unchanged": "the order is stored exactly so",
    "stale": "a newer telling of the order is stored",
}


def _document(told: Told) -> SalesOrder:
    assert isinstance(told.document, SalesOrder)
    return told.document


def _why_ignore(row: OrderRow, document: SalesOrder) -> str | None:
    if revision.digest(document) == row.digest.hex():
        return "unchanged"
    return None if revision.supersedes(row.document, document) else "stale"


def _new(unit: Unit, told: Told, document: SalesOrder, known: Articles) -> OrderRow:
    row = OrderRow(
        id=new_id(),
        merchant=told.merchant,
        channel=told.partner.code,
        document=articles.resolve(known, told.partner.code, document),
        status=State.RECEIVED,
        correlation_id=told.correlation_id,
        revision=document.source.revision,
        occurred_at=document.source.occurred_at,
        digest=bytes.fromhex(revision.digest(document)),
    )
    row.fingerprint = judging.fingerprint(unit, row)
    return row


def _keep_new(unit: Unit, fresh: Sequence[tuple[OrderRow, UUID]], known: Articles) -> None:
    if not fresh:
        return
    judgement = judging.judge(unit, fresh, known)
    came = [
        timeline.Event(row.merchant, row.id, "received", {"channel": row.channel}, cause)
        for row, cause in fresh
    ]
    decided = judging.decide(judgement)
    orders.insert(unit.db, unit.vault, [row for row, _ in fresh])
    timeline.note(unit.db, [*came, *decided])
    judging.follow(unit, judgement, known)
