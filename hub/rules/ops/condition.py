"""How a connection does: one state, the worst of all that is known of it, and what to do about it.

Console, Open API, command line and doctor all say this and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

REFUSED_LEAST = 3
"""So many deliveries in a row that did not prove who sent them are no accident."""
_RECENT = timedelta(hours=1)


class State(StrEnum):
    """From the worst to the best."""

    CREDENTIALS_REFUSED = "credentials_refused"
    ADDRESS_GONE = "address_gone"
    GIVEN_UP = "given_up"
    PAUSED = "paused"
    UNUSABLE = "unusable"
    AWAY = "away"
    DELIVERIES_REFUSED = "deliveries_refused"
    RETURNING = "returning"
    WORKS = "works"


class Action(StrEnum):
    """What a person may do about it."""

    RESUME = "resume"
    REPLACE_SECRET = "replace_secret"  # noqa: S105  # an action, no secret
    CHECK = "check"
    PROVIDE = "provide"
    NOTHING = ""


PAUSED_AS: Mapping[str, State] = {
    "not_authorised": State.CREDENTIALS_REFUSED,
    "endpoint_missing": State.ADDRESS_GONE,
    "away": State.GIVEN_UP,
}
"""Why the hub paused it by itself; any other reason is a person's."""

ACTIONS: Mapping[State, Action] = {
    State.CREDENTIALS_REFUSED: Action.REPLACE_SECRET,
    State.ADDRESS_GONE: Action.RESUME,
    State.GIVEN_UP: Action.RESUME,
    State.PAUSED: Action.RESUME,
    State.UNUSABLE: Action.PROVIDE,
    State.AWAY: Action.CHECK,
    State.DELIVERIES_REFUSED: Action.REPLACE_SECRET,
    State.RETURNING: Action.CHECK,
    State.WORKS: Action.NOTHING,
}

SENTENCES: Mapping[State, str] = {
    State.CREDENTIALS_REFUSED: "Paused: the partner does not accept its credentials.",
    State.ADDRESS_GONE: "Paused: nothing is at its address.",
    State.GIVEN_UP: "Paused: it has not answered for three days.",
    State.PAUSED: "Paused: %(because)s.",
    State.UNUSABLE: "Cannot be used by %(process)s, for want of %(lacks)s %(name)s.",
    State.AWAY: "Does not answer: nothing is sent but a probe now and then.",
    State.DELIVERIES_REFUSED: "Its deliveries are refused as %(code)s: see %(secrets)s.",
    State.RETURNING: "Answers again by and by: one call at a time.",
    State.WORKS: "Works.",
}
"""In plain words; the console has them in other languages."""


LACKS: Mapping[str, str] = {
    "env": "the environment variable",
    "file": "the file",
    "enc": "the data key of",
    "adapter": "the adapter",
    "setting": "a fitting value of",
}
"""What a process can lack to use a connection, before its name."""


def in_words(detail: Mapping[str, str]) -> dict[str, str]:
    """What sentences name, as they name it."""
    return {**detail, "lacks": LACKS.get(detail.get("lacks", ""), "")}


class Hindering(Protocol):
    """A process that cannot use it."""

    @property
    def process(self) -> str: ...
    @property
    def lacks(self) -> str: ...
    @property
    def name(self) -> str: ...


class Arriving(Protocol):
    """How its deliveries fare at the door."""

    @property
    def accepted_at(self) -> datetime | None: ...
    @property
    def refused_at(self) -> datetime | None: ...
    @property
    def refused_code(self) -> str | None: ...
    @property
    def unproved(self) -> int: ...
    @property
    def unproved_code(self) -> str | None: ...
    @property
    def secrets(self) -> str: ...
    @property
    def hour(self) -> Mapping[str, int]: ...


class Connected(Protocol):
    """What is known of a connection."""

    @property
    def status(self) -> str: ...
    @property
    def paused_because(self) -> str | None: ...
    @property
    def breaker(self) -> Mapping[str, Any]: ...
    @property
    def hindered(self) -> Sequence[Hindering]: ...
    @property
    def deliveries(self) -> Arriving: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """`detail`: what the sentence names."""

    state: State
    detail: Mapping[str, str] = field(default_factory=dict)

    @property
    def action(self) -> Action:
        return ACTIONS[self.state]

    @property
    def says(self) -> str:
        return SENTENCES[self.state] % in_words(self.detail)


def of(connection: Connected, at: datetime) -> Condition:
    """How a connection does."""
    if connection.status == "paused":
        because = connection.paused_because or ""
        return Condition(PAUSED_AS.get(because, State.PAUSED), {"because": because})
    if connection.hindered:
        first = connection.hindered[0]
        detail = {"process": first.process, "lacks": first.lacks, "name": first.name}
        return Condition(State.UNUSABLE, detail)
    mode = connection.breaker.get("mode", "closed")
    if mode == "open":
        return Condition(State.AWAY)
    if is_refused(connection.deliveries, at):
        code = connection.deliveries.unproved_code or connection.deliveries.refused_code or ""
        return Condition(
            State.DELIVERIES_REFUSED,
            {"code": code, "secrets": connection.deliveries.secrets or "-"},
        )
    return Condition(State.RETURNING if mode == "half_open" else State.WORKS)


def is_refused(arriving: Arriving, at: datetime) -> bool:
    """Whether what it delivers is refused: again and again since the last that was taken, or from
    the beginning.
    """
    if arriving.refused_at is None or at - arriving.refused_at > _RECENT:
        return False
    if arriving.accepted_at is None:
        return sum(arriving.hour.values()) >= REFUSED_LEAST
    return arriving.unproved >= REFUSED_LEAST
