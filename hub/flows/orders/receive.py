"""Order in: a channel's orders are kept, judged and, where nothing speaks against it, routed.

The same telling changes nothing; an older one is ignored; a newer one is compared with what is
stored (`edits`). What the channel settled before the hub saw it is recorded and told to the
books, never to a warehouse.
"""

from collections.abc import Sequence
from uuid import UUID

from hub.flows import sku_lookup
from hub.flows.orders import amend, by_rule, correcting, review, twins
from hub.flows.orders.order_steps import Following
from hub.flows.reconciliation import expecting
from hub.flows.sku_lookup import Articles
from hub.flows.unit import Told, Unit
from hub.model.order import SalesOrder
from hub.rules.messages import revision
from hub.rules.messages.receiving import Verdict
from hub.rules.orders import cancelling, edited, review_effects
from hub.states.order import State
from hub.store.base.ids import new_id
from hub.store.orders import orders, timeline
from hub.store.orders.orders import OrderRow


def receive(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Take in orders as channels tell them. One telling of each order at a time."""
    documents = [_document(telling) for telling in tellings]
    pairs = [
        (telling.partner.code, document.channel_order_id)
        for telling, document in zip(tellings, documents, strict=True)
    ]
    stored = orders.load_by_channel(unit.db, unit.vault, pairs)
    known = sku_lookup.load(
        unit,
        [
            (telling.partner.code, document)
            for telling, document in zip(tellings, documents, strict=True)
        ],
    )
    fresh: list[tuple[OrderRow, UUID]] = []
    updates: list[amend.Update] = []
    verdicts: list[Verdict] = []
    for telling, document, pair in zip(tellings, documents, pairs, strict=True):
        row = stored.get(pair)
        if row is None:
            row = _new(unit, telling, document, known)
            fresh.append((row, telling.message_id))
            verdicts.append(Verdict(order_id=row.id))
            continue
        ignored = _why_ignore(row, document)
        if ignored is None:
            resolved = cancelling.keep(
                row.document,
                sku_lookup.resolve(known, row.channel, document),
                is_cancelled=row.status == State.CANCELLED,
            )
            resolved = edited.keep(row.document, correcting.keep(unit, row, resolved))
            if row.status not in amend.BEFORE_RELEASE:
                resolved = review_effects.keep(row.document, resolved)
            updates.append(amend.Update(row, document, resolved, telling.message_id))
            verdicts.append(Verdict(order_id=row.id))
        else:
            verdicts.append(Verdict("ignored", ignored, _IGNORED[ignored], order_id=row.id))
    _keep_new(unit, fresh, known)
    amend.apply(unit, updates, known)
    return verdicts


_IGNORED = {
    "unchanged": "the order is stored exactly so",
    "stale": "a newer telling of the order is stored",
    "erased": "the person who bought was forgotten",
}


def _document(telling: Told) -> SalesOrder:
    assert isinstance(telling.document, SalesOrder)
    return review_effects.as_told(telling.document)


def _why_ignore(row: OrderRow, document: SalesOrder) -> str | None:
    if row.is_erased:
        return "erased"
    if revision.digest(document) == row.digest.hex():
        return "unchanged"
    return None if revision.supersedes(row.document, document) else "stale"


def _new(unit: Unit, telling: Told, document: SalesOrder, known: Articles) -> OrderRow:
    row = OrderRow(
        id=new_id(),
        merchant=telling.merchant,
        channel=telling.partner.code,
        document=sku_lookup.resolve(known, telling.partner.code, document),
        status=State.RECEIVED,
        correlation_id=telling.correlation_id,
        revision=document.source.revision,
        occurred_at=document.source.occurred_at,
        digest=bytes.fromhex(revision.digest(document)),
    )
    row.fingerprint = twins.fingerprint(unit, row)
    row.customer = by_rule.customer(unit, row.merchant, row.document)
    return row


def _keep_new(unit: Unit, fresh: Sequence[tuple[OrderRow, UUID]], known: Articles) -> None:
    if not fresh:
        return
    judgement = review.judge(unit, fresh, known, are_new=True)
    came = [
        timeline.Event(row.merchant, row.id, "received", {"channel": row.channel}, cause)
        for row, cause in fresh
    ]
    after = Following()
    decided = review.decide(unit, judgement, after)
    orders.insert(unit.db, unit.vault, [row for row, _ in fresh])
    expecting.paid(unit, [row for row, _ in fresh])
    timeline.note(unit.db, [*came, *decided])
    review.follow(unit, judgement, known, after)
