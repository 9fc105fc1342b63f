"""Discretion: before a partner's refusal is kept, the person it quotes is taken out of its words.

They are known from the document it was told and from the order that this is about. The exchange
itself is kept whole, sealed.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.engine import Connection

from hub import logs
from hub.model.order import SalesOrder
from hub.model.personal import hide, personal
from hub.store.base.sealing import Vault, VaultError
from hub.store.orders import orders
from workers.outbound.calls import Outcome

log = logs.get("discretion")


def hush(db: Connection, vault: Vault, outcomes: Sequence[Outcome]) -> None:
    """Mask what is personal in the errors of these outcomes."""
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if not failed:
        return
    orders_told = {outcome.message.order_id for outcome in failed}
    known = _known(db, vault, sorted(order_id for order_id in orders_told if order_id is not None))
    by_error: dict[int, list[Outcome]] = {}  # a batch that failed as a whole has one error
    for outcome in failed:
        by_error.setdefault(id(outcome.error), []).append(outcome)
    for about in by_error.values():
        error = about[0].error
        documents = [outcome.document for outcome in about] + [
            known.get(outcome.message.order_id) for outcome in about if outcome.message.order_id
        ]
        if error is not None:
            values = personal(document for document in documents if document is not None)
            error.args = (hide(str(error), values),)


def _known(db: Connection, vault: Vault, ids: Iterable[UUID]) -> dict[UUID, SalesOrder]:
    """Those of the orders that open: one that does not is no reason to lose what a partner said."""
    try:
        return orders.documents(db, vault, ids)
    except VaultError:
        known = {}
    for id_ in ids:
        try:
            known.update(orders.documents(db, vault, [id_]))
        except VaultError as error:
            log.error("cannot_open", order=str(id_), reason=str(error))
    return known
