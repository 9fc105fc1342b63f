"""What the Open API answers about connections and their health."""

from typing import Literal

from hub.gateway.description.answers import Answer, Page
from hub.model.document import Instant
from hub.rules.ops.condition import State


class HinderedProcess(Answer):
    """A process that cannot use a connection, and what it lacks: never a value."""

    process: str
    directions: list[Literal["in", "out"]]
    lacks: Literal["env", "file", "enc", "adapter", "setting"]
    name: str
    since: Instant


class ArrivingDeliveries(Answer):
    """What becomes of a connection's deliveries at the door; refusals are counted by code."""

    accepted_at: Instant | None
    refused_at: Instant | None
    refused_code: str | None
    refused_last_hour: dict[str, int]
    refused_last_day: dict[str, int]


class PollError(Answer):
    """Why a poll broke off."""

    code: str
    message: str


class PolledTopic(Answer):
    """How a topic stands that the partner is asked for. `reached_at` is the newest change that it
    told of, by its own clock; `lag_s`: for how long the last success has been too long ago.
    """

    topic: str
    every_s: float
    due: Instant
    reached_at: Instant | None
    done_at: Instant | None
    lag_s: float
    failures: int
    error: PollError | None
    failed_at: Instant | None


class ConnectionItem(Answer):
    """A connection and its health; never its settings or secrets. `state` is the worst that is
    known of it, `says` the same as a sentence.
    """

    code: str
    merchant: str
    kind: str
    adapter: str
    status: str
    paused_because: str | None
    gives: list[str]
    takes: list[str]
    breaker: str
    waiting_in: int
    waiting_out: int
    parked: int
    oldest_due_at: Instant | None
    state: State
    says: str
    hindered: list[HinderedProcess]
    deliveries: ArrivingDeliveries
    polls: list[PolledTopic]


class ConnectionPage(Page[ConnectionItem]):
    """Connections."""


class Tested(Answer):
    """How a harmless call to the partner went."""

    ok: bool
    code: str | None
    path: str
    message: str | None
