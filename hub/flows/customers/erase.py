"""Forget a person who asks for it: in every table, message and archive file. What the law wants
kept (numbers, amounts, dates, articles, the country of tax) stays, without whose it was.

It is undone by nobody. While something of him is under way it is refused: he would be forgotten and
written down again.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from hub.flows.customers import saying
from hub.flows.unit import Unit
from hub.model.errors import Contradiction, NotFound
from hub.model.people import CustomerRecord
from hub.model.personal import hide, personal
from hub.states.order import State
from hub.store.customers import customers, due, erased_messages, erasure
from hub.store.customers.customers import ERASED, CustomerRow
from hub.store.customers.erasure import Reach
from hub.store.messages import outbox
from hub.store.people import audit_trail, idempotency

_OVER = frozenset({State.CANCELLED, State.COMPLETED})
_NAMED = 5
_TELLING = 6
"""A text of fewer characters says nothing by itself."""


class Forgotten(NamedTuple):
    """What was emptied, in numbers."""

    orders: int
    documents: int
    messages: int
    exchanges: int
    words: int
    answers: int


def erase(unit: Unit, id_: UUID, actor: str) -> Forgotten:
    """Forget a customer and all who are one with him."""
    due.lock(unit.db)
    family = _family(unit, id_)
    merchant = family[0].merchant
    people = [row.id for row in family]
    orders = erasure.orders_of(unit.db, people)
    _refuse_while_under_way(orders)
    reach = Reach(merchant, people, [row.id for row in orders])
    messages = _none_in_queues(unit, reach)
    records = [saying.record_of(row, [row], {}) for row in family]
    known = personal([*erasure.documents(unit.db, unit.vault, reach), *records])
    hiding = partial(hide, values=known)
    done = Forgotten(
        orders=len(orders),
        documents=erasure.forget_documents(unit.db, unit.vault, reach, hiding),
        messages=len(messages),
        exchanges=erased_messages.forget(unit.db, unit.vault, messages),
        words=erasure.forget_words(unit.db, reach, hiding),
        answers=idempotency.forget_naming(unit.db, unit.vault, _telling(known)),
    )
    erasure.forget_customers(unit.db, reach, unit.at)
    saying.erased(unit, merchant, people, unit.at)
    subject = f"customer:{id_}"
    audit_trail.record(unit.db, merchant, actor, "customer.erase", subject, done._asdict(), unit.at)
    return done


def forget_late(unit: Unit, most: int = 200) -> int:
    """Empty what came about erased orders afterwards. Returns how many messages."""
    messages = erased_messages.late(unit.db, most)
    if messages:
        erased_messages.forget(unit.db, unit.vault, messages)
    return len(messages)


def _family(unit: Unit, id_: UUID) -> Sequence[CustomerRow]:
    row = customers.load(unit.db, unit.vault, [id_]).get(id_)
    if row is None:
        raise NotFound(f"no customer {id_}")
    if row.status == ERASED:
        raise Contradiction("the customer was erased")
    return customers.families(unit.db, unit.vault, [row.root])[row.root]


def _refuse_while_under_way(orders: Iterable[Any]) -> None:
    numbers = [row.order_number for row in orders if row.status not in _OVER]
    if numbers:
        some = ", ".join(numbers[:_NAMED])
        raise Contradiction(f"orders are under way: {some}. Complete or cancel them first")


def _none_in_queues(unit: Unit, reach: Reach) -> Sequence[Any]:
    """The messages about him. What was not told yet of the customer is taken back."""
    for connection, ids in _unsent(erased_messages.of(unit.db, reach)).items():
        outbox.supersede(unit.db, connection, ids)
    messages = erased_messages.of(unit.db, reach)
    standing = sorted({row.connection for row in messages if row.unfinished})
    if standing:
        some = ", ".join(standing[:_NAMED])
        message = f"messages about the customer are not finished ({some}): let them end first"
        raise Contradiction(message)
    return messages


def _unsent(messages: Iterable[Any]) -> dict[str, list[UUID]]:
    waiting: dict[str, list[UUID]] = {}
    for row in messages:
        if row.unfinished and row.topic == CustomerRecord.TYPE:
            waiting.setdefault(row.connection, []).append(row.id)
    return waiting


def _telling(texts: Iterable[str]) -> list[str]:
    """Those of his texts that name him wherever they stand."""
    return sorted(text for text in texts if len(text) >= _TELLING and not text.isalpha())
