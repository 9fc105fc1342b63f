"""Whether everything that must hold does: in the tables, in sealed orders, and against a history of
what partners told and recorded.

All of it is one look: a snapshot of the database, nothing locked, nothing changed.
"""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.model.order import SalesOrder
from hub.rules import history, sums
from hub.rules.history import Line
from hub.store import invariants, orders
from hub.store.audit import Head
from hub.store.invariants import MOST, Found, samples, told
from hub.store.runtime import Store
from hub.store.vault import Vault, VaultError

DOCUMENTS = 1000
"""So many of the newest released orders are opened and added up."""


def audit(
    store: Store,
    *,
    at_rest: bool = False,
    lines: Sequence[Line] = (),
    logged: Sequence[Head] = (),
    documents: int = DOCUMENTS,
    step: Callable[[], None] = lambda: None,
) -> list[Found]:
    """Look at everything. `at_rest`: also at what holds only when nothing is left to do. `lines`:
    a history. `logged`: heads of the audit chains as the security log has them.
    """
    with invariants.snapshot(store) as db:
        found = list(invariants.look(db, at_rest=at_rest, step=step))
        found.append(invariants.chains(db, store.vault.index_key, logged))
        found += _sums(db, store.vault, documents)
        if lines:
            found += _against(db, lines, at_rest=at_rest)
    return found


def _sums(db: Connection, vault: Vault, most: int) -> Iterator[Found]:
    rows = {row.id: row for row in samples.released(db, most)}
    opened = dict(_opened(db, vault, list(rows)))
    broken = []
    for id_, row in rows.items():
        order = opened.get(id_)
        if order is None:
            broken.append(f"{id_} does not open")
        elif not row.waived and (wrong := next(sums.mismatches(order), None)) is not None:
            broken.append(f"{id_} {wrong.path}")
        elif (order.currency, order.totals.grand_total) != (row.currency, row.grand_total):
            broken.append(f"{id_} totals.grand_total")
    do = "compare the order with its channel's; please report it"
    yield Found("G19", "released orders add up to the last minor unit", do, broken)

    back = {row.id: row.amount for row in samples.paid_back(db, MOST)}
    worth = {id_: sums.refundable(order) for id_, order in _opened(db, vault, list(back))}
    too_much = [str(id_) for id_, amount in back.items() if amount > worth.get(id_, amount)]
    do = "ask the channel what it paid back"
    yield Found("G20", "not more was paid back than was paid", do, too_much)


def _opened(db: Connection, vault: Vault, ids: Sequence[UUID]) -> Iterator[tuple[UUID, SalesOrder]]:
    """Orders that open, one by one: one that does not is no reason not to look at the rest."""
    for id_ in ids:
        try:
            yield from orders.documents(db, vault, [id_]).items()
        except VaultError:
            continue


def _against(db: Connection, lines: Sequence[Line], *, at_rest: bool) -> Iterator[Found]:
    taken = list(dict.fromkeys(one for one in lines if one.taken))
    asked = [(one.connection, one.topic, one.delivery, one.message) for one in taken]
    kept = dict(zip(taken, told.kept(db, asked), strict=True))
    found = history.lost(lines, kept)
    yield Found("G01", "what was answered 2xx is stored", "please report it: it is lost", found)

    look = "look at the partner, and at the message: it was told more than once"
    title = "nothing took effect twice at a partner"
    yield Found("G08", title, look, history.doubled(lines))
    title = "a partner saw what is of one key in its order"
    yield Found("G13", title, "look at the partner; please report it", history.out_of_order(lines))
    if not at_rest:
        return
    keys = {(one.connection, one.key) for one in taken if one.key is not None}
    stored = told.revisions(db, sorted(keys))
    title = "the newest that was told of an order is stored"
    yield Found(
        "G14", title, "have the newest message worked again", history.overwritten(lines, stored)
    )
    complete = sorted({one.connection for one in lines if one.what == history.COMPLETE})
    title = "the partners' books are the hub's"
    yield Found("G08", title, look, history.differences(lines, told.books(db, complete)))
