"""What a flow works with: one transaction, what was told, and the verdict on each telling."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.model.document import Document
from hub.store import outbox
from hub.store.directory import Directory, Partner
from hub.store.inbox import shard_of
from hub.store.outbox import Telling
from hub.store.vault import Vault


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

    def tell(self, tellings: Iterable[Telling]) -> list[UUID]:
        """Hold documents in the outbox, in this transaction."""
        held = list(tellings)
        for one in held:
            self.rings.add(("out", one.connection, shard_of(one.key, one.shards)))
        return outbox.add(self.db, self.vault, held)
