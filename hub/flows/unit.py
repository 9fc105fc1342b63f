"""What a flow works with: one transaction, what was told, and the verdict on each telling."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.model.document import Document
from hub.store import facts, outbox
from hub.store.directory import Directory, Partner
from hub.store.facts import Waited
from hub.store.inbox import shard_of
from hub.store.outbox import Telling
from hub.store.vault import Vault

SECOND_LOOK_S = 5.0
"""Longer than a transaction runs that makes a fact appear."""


@dataclass(slots=True)
class Told:
    """A canonical document, who told it, and the message it came in."""

    document: Document
    partner: Partner
    message_id: UUID
    correlation_id: UUID

    @property
    def merchant(self) -> str:
        return self.partner.merchant


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one telling: done, ignored (with why), waiting (for which fact), or parked
    (with what is wrong).
    """

    status: Literal["done", "ignored", "waiting", "parked"] = "done"
    code: str = ""
    message: str = ""
    path: str = ""
    waits_for: str | None = None
    order_id: UUID | None = None


@dataclass(slots=True)
class Unit:
    """One unit of work. `rings` collects the lanes that have something new, to be rung after the
    commit.
    """

    db: Connection
    vault: Vault
    directory: Directory
    at: datetime
    rings: set[tuple[str, str, int]] = field(default_factory=set)
    is_second_look: bool = False
    """Whether it looks once more at what waits: no third look is asked for."""

    def tell(self, tellings: Iterable[Telling]) -> list[UUID]:
        """Hold documents in the outbox, in this transaction."""
        held = list(tellings)
        for one in held:
            self.rings.add(("out", one.connection, shard_of(one.key, one.shards)))
        return outbox.add(self.db, self.vault, held)

    def wait_for(self, waits: Sequence[tuple[str, UUID, str]]) -> None:
        """Let orders (merchant, order, fact) wait. They are looked at once more soon: a fact that
        appears while this transaction runs sees nobody waiting for it.
        """
        facts.wait_for(self.db, waits)
        if self.is_second_look:
            return
        first: dict[tuple[str, str], UUID] = {}
        for merchant, order_id, fact in waits:
            first[merchant, fact] = min(order_id, first.get((merchant, fact), order_id))
        facts.look_at(self.db, [Waited(*at, id_) for at, id_ in first.items()], SECOND_LOOK_S)
