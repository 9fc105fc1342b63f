"""Messages whose subject went on without them: told of what has ended, they would undo it. They are
closed, with what took their place, and never sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from hub.flows.unit import Unit
from hub.model.errors import Overtaken
from hub.rules.messages import overtaking as rule
from hub.rules.messages.overtaking import Subject
from hub.store.messages import overtaking
from hub.store.orders import fulfilments
from hub.store.orders.fulfilments import FulfilmentRow


class Telling(Protocol):
    """A message of the outbox, by what it is about."""

    @property
    def id(self) -> UUID: ...
    @property
    def topic(self) -> str: ...
    @property
    def key(self) -> str: ...


def overtaken(unit: Unit, messages: Iterable[Telling]) -> dict[UUID, Overtaken]:
    """Which of these messages must not be told any more, each with why and what took its place."""
    goods_of = {
        message.id: fulfilments.id_of(message.key) if message.topic in rule.OF_GOODS else None
        for message in messages
        if message.topic in rule.OF_GOODS | rule.WHOLE
    }
    if not goods_of:
        return {}
    rows = overtaking.subjects(unit.db, goods_of, sorted(rule.WHOLE))
    return {row.id: over for row in rows if (over := _judged(row)) is not None}


def close(unit: Unit, over: Mapping[UUID, Overtaken]) -> None:
    """Close those that stand in a queue; what stood behind them goes on."""
    if over:
        unit.rings |= {
            ("out", row.connection, row.shard) for row in overtaking.close(unit.db, over)
        }


def close_of(unit: Unit, ended: Sequence[FulfilmentRow]) -> None:
    """Close what still stands in a queue to be told of these fulfilment orders, as they ended."""
    keys = sorted({(row.warehouse, row.told_as) for row in ended})
    if keys:
        rows = overtaking.standing(unit.db, keys, sorted(rule.OF_GOODS))
        close(unit, overtaken(unit, rows))


def _judged(row: Any) -> Overtaken | None:
    number = row.next and fulfilments.number(row.next)
    sentence = rule.overtaken(
        row.topic,
        Subject(
            name=row.key,
            goods=row.goods,
            order=row.order_status,
            is_newer_told=row.newer_told,
            was_told=bool(row.was_told),
            successor=number,
        ),
    )
    if sentence is None:
        return None
    successor = f"fulfilment_order:{number}" if number else row.newer and f"message:{row.newer}"
    return Overtaken(sentence, successor=successor)
