"""Whether everything that must hold does: in the tables, in sealed orders, and against a history of
what partners told and recorded.

All of it is one look: a snapshot of the database, nothing locked, nothing changed.
"""

from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.model.order import SalesOrder
from hub.rules.fulfilment import serving
from hub.rules.ops import history
from hub.rules.ops.history import Line
from hub.rules.orders import order_totals
from hub.store import invariants
from hub.store.base.sealing import Vault, VaultError
from hub.store.invariants import MOST, Found, samples, told
from hub.store.opened import Store
from hub.store.orders import orders
from hub.store.people.audit_trail import Head

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
        findings = list(invariants.look(db, at_rest=at_rest, step=step))
        findings.append(invariants.chains(db, store.vault.index_key, logged, store.audit_keys))
        findings += _sums(db, store.vault, documents)
        findings.append(_left_once(db, store.vault, documents))
        if lines:
            findings += _against(db, lines, at_rest=at_rest)
    return findings


def _sums(db: Connection, vault: Vault, most: int) -> Iterator[Found]:
    rows = {row.id: row for row in samples.released(db, most)}
    opened = dict(_opened(db, vault, list(rows)))
    broken = []
    for id_, row in rows.items():
        order = opened.get(id_)
        if order is None:
            broken.append(f"{id_} does not open")
        elif not row.waived and (wrong := next(order_totals.mismatches(order), None)) is not None:
            broken.append(f"{id_} {wrong.path}")
        elif (order.currency, order.totals.grand_total) != (row.currency, row.grand_total):
            broken.append(f"{id_} totals.grand_total")
    do = "compare the order with its channel's; please report it"
    yield Found("G19", "released orders add up to the last minor unit", do, broken)

    back = {row.id: row.amount for row in samples.paid_back(db, MOST)}
    worth = {id_: order_totals.refundable(order) for id_, order in _opened(db, vault, list(back))}
    too_much = [str(id_) for id_, amount in back.items() if amount > worth.get(id_, amount)]
    do = "ask the channel what it paid back"
    yield Found("G20", "not more was paid back than was paid", do, too_much)


def _left_once(db: Connection, vault: Vault, most: int) -> Found:
    """Over all fulfilment orders of a line no piece leaves twice."""
    sent = samples.sent(db, most)
    broken = [
        f"{id_} line {number}"
        for id_, order in _opened(db, vault, sorted(sent))
        for number, gone in serving.begun(sent[id_]).items()
        if gone > sum(line.quantity for line in order.lines if line.line_no == number)
    ]
    title = "no more pieces left or are on their way than were ordered"
    return Found("G11", title, "stop what is on its way: see the order's fulfilment orders", broken)


def _opened(db: Connection, vault: Vault, ids: Sequence[UUID]) -> Iterator[tuple[UUID, SalesOrder]]:
    """Orders that open, one by one: one that does not is no reason not to look at the rest."""
    for id_ in ids:
        try:
            yield from orders.documents(db, vault, [id_]).items()
        except VaultError:
            continue


def _against(db: Connection, lines: Sequence[Line], *, at_rest: bool) -> Iterator[Found]:
    taken = list(dict.fromkeys(line for line in lines if line.taken))
    asked = [(line.connection, line.topic, line.delivery, line.message) for line in taken]
    kept = dict(zip(taken, told.kept(db, asked), strict=True))
    missing = history.lost(lines, kept)
    yield Found("G01", "what was answered 2xx is stored", "please report it: it is lost", missing)

    look = "look at the partner, and at the message: it was told more than once"
    title = "nothing took effect twice at a partner"
    yield Found("G08", title, look, history.doubled(lines))
    title = "a partner saw what is of one key in its order"
    yield Found("G13", title, "look at the partner; please report it", history.out_of_order(lines))
    if not at_rest:
        return
    keys = {(line.connection, line.key) for line in taken if line.key is not None}
    stored = told.revisions(db, sorted(keys))
    title = "the newest that was told of an order is stored"
    yield Found(
        "G14", title, "have the newest message worked again", history.overwritten(lines, stored)
    )
    complete = sorted({line.connection for line in lines if line.what == history.COMPLETE})
    title = "the partners' books are the hub's"
    yield Found("G08", title, look, history.differences(lines, told.books(db, complete)))
