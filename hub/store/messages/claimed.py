"""A message in the hands of a worker, and how its attempt ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.model.errors import NeedsPerson, Problem


@dataclass(slots=True)
class Claimed:
    """One message in the hands of a worker."""

    id: UUID
    merchant: str
    connection: str
    key: str
    seq: int
    topic: str
    was: str
    attempts: int
    asked: int
    crashes: int
    deadline: datetime | None
    denied_at: datetime | None
    urgency: int
    attempt_id: UUID
    payload: bytes | None
    outward_key: str | None
    reference: str | None
    correlation_id: UUID
    order_id: UUID | None
    cause_id: UUID | None
    edited: bool = False
    """Whether a person wrote this version of it."""

    def read(self) -> bytes:
        """The payload. NeedsPerson where it does not open."""
        if self.payload is None:
            message = "it does not open: its data key is not among ORDERHUB_KEYS, or it was altered"
            raise NeedsPerson(message, code="sealed")
        return self.payload


@dataclass(frozen=True, slots=True)
class Ended:
    """How one attempt ended. `status` is final (done, ignored, delivered, superseded, discarded) or
    standing (retry, waiting, parked, unknown). `wait_s` is the time until it is due again;
    `counted` false gives the attempt back. `warnings`: what was odd and stopped nothing. `said`:
    what the attempt came to, where that is another thing than why the message stands where it
    does; `successor`: what took its place.
    """

    message: Claimed
    status: str
    fate: str
    error: dict[str, str] | None = None
    wait_s: float = 0.0
    waits_for: str | None = None
    counted: bool = True
    reference: str | None = None
    order_id: UUID | None = None
    asked: bool = False
    denied: bool = False
    exchange: bytes | None = None
    warnings: Sequence[Problem] = ()
    said: str | None = None
    successor: str | None = None
