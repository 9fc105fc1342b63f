"""What a flow works with: one transaction, and what was told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Connection as Db

from hub.model.document import Document
from hub.rules.orders.obstacles import moment_of
from hub.rules.stock import shelf_count
from hub.store.base.sealing import Vault
from hub.store.config.snapshot import Connection, Directory
from hub.store.messages import outbox
from hub.store.messages.inbox import shard_of
from hub.store.messages.outbox import Telling
from hub.store.orders import order_waits
from hub.store.orders.order_waits import Waited
from hub.store.stock import stock_levels
from hub.store.stock.stock_levels import Movement

AGAIN = "again"
"""What an order waits for that is only to be looked at."""
SECOND_LOOK_S = 5.0
"""Longer than a transaction runs that makes a fact appear."""


@dataclass(slots=True)
class Told:
    """A canonical document, who told it, and the message it came in."""

    document: Document
    partner: Connection
    message_id: UUID
    correlation_id: UUID

    @property
    def merchant(self) -> str:
        return self.partner.merchant


@dataclass(slots=True)
class Unit:
    """One unit of work. `rings` collects the lanes that have something new, to be rung after the
    commit.
    """

    db: Db
    vault: Vault
    directory: Directory
    at: datetime
    rings: set[tuple[str, str, int]] = field(default_factory=set)
    waited: dict[UUID, frozenset[str]] = field(default_factory=dict)
    """What orders waited for that are looked at again."""

    def tell(self, tellings: Iterable[Telling]) -> list[UUID]:
        """Hold documents in the outbox, in this transaction."""
        held = list(tellings)
        for telling in held:
            self.rings.add(("out", telling.connection, shard_of(telling.key, telling.shards)))
        return outbox.add(self.db, self.vault, held)

    def move(self, movements: Sequence[Movement]) -> None:
        """Change levels and write the ledger. Pieces that moved before people counted their level,
        and are told after it, the stocktake found already: as far as its difference goes their
        way, a line more takes it back, so that the level stays as it was counted.
        """
        counted_at = stock_levels.move(self.db, movements)
        late = [
            (it, it.happened_at, counted)
            for it in movements
            if it.delta and it.happened_at is not None
            and (counted := counted_at.get(it.level)) and it.happened_at < counted
        ]  # fmt: skip
        if not late:
            return
        moments = [(it.level, moment) for it, moment, _ in late]
        differences = stock_levels.found_after(self.db, moments)
        pieces = zip(moments, (it.delta for it, _, _ in late), strict=True)
        backs = zip(late, shelf_count.take_back(pieces, differences), strict=True)
        stock_levels.move(
            self.db, [it.taken_back(back, counted) for (it, _, counted), back in backs if back]
        )

    def wait_for(self, waits: Sequence[tuple[str, UUID, str]]) -> None:
        """Let orders (merchant, order, fact) wait. Those that did not before are looked at once
        more soon: a fact that appears while this transaction runs sees nobody waiting for it. A
        moment appears by itself.
        """
        order_waits.wait_for(self.db, waits)
        first: dict[tuple[str, str], UUID] = {}
        for merchant, order_id, fact in waits:
            if fact not in self.waited.get(order_id, ()):
                first[merchant, fact] = min(order_id, first.get((merchant, fact), order_id))
        order_waits.look_later(
            self.db, [(Waited(*at, order_id), self._in_s(at[1])) for at, order_id in first.items()]
        )

    def _in_s(self, fact: str) -> float:
        """In how many seconds those that wait for a fact are looked at."""
        moment = moment_of(fact)
        if moment is None:
            return SECOND_LOOK_S
        return max(0.0, (moment - self.at).total_seconds())

    def wait_anew(self, orders: Sequence[UUID]) -> None:
        """These orders wait for nothing any more, until `wait_for` says for what."""
        missing = [order_id for order_id in orders if order_id not in self.waited]
        self.waited |= order_waits.of(self.db, missing)
        order_waits.forget(self.db, orders)

    def look_soon(self, orders: Sequence[tuple[str, UUID]]) -> None:
        """Have these (merchant, order) looked at by the sweep, in a transaction of its own."""
        order_waits.wait_for(
            self.db, [(merchant, order_id, AGAIN) for merchant, order_id in orders]
        )
        order_waits.look_at(
            self.db, [Waited(merchant, AGAIN, order_id) for merchant, order_id in orders]
        )
