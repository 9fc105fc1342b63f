"""Fates: every failure is one of these classes, chosen where it happens and never guessed again.

`TryLater` nothing happened, do it again. `OutcomeUnknown` it may have happened, ask first.
`AlreadyDone` counts as done. `NeedsPerson` stands still until somebody mends it. Whatever is
none of them is our own bug.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (`lines.2.sku`), which code, and a sentence for a person."""

    path: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code, "message": self.message}


def placed(path: str, message: object) -> str:
    """A sentence for people with where it is wrong before it, where that is known."""
    return f"{path}: {message}" if path else str(message)


_LONGEST_MESSAGE = 1_000
"""Longer ones only quote what was found."""


class TryLater(Exception):
    """Nothing happened at the partner. `retry_after` in seconds where the partner named one."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutcomeUnknown(Exception):
    """The partner may or may not have done it: `find` must ask before anything is sent again."""


class NotUnderstood(OutcomeUnknown):
    """An answer came whose form nobody expects. Whether the partner is to blame, or our reading of
    it, nobody knows yet.
    """


class AlreadyDone(Exception):
    """The partner has it already under our own reference. Counts as delivered."""

    def __init__(self, message: str, *, reference: str | None = None) -> None:
        super().__init__(message)
        self.reference = reference


class Ignored(Exception):
    """Authentic, understood and without consequence; `code` says why (`stale`, `not_subscribed`,
    …).
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class NotAuthentic(Exception):
    """A delivery that does not prove who sent it. Nothing of it is stored."""

    def __init__(self, code: str = "bad_signature") -> None:
        super().__init__(code)
        self.code = code


class NeedsPerson(Exception):
    """Stands still with a reason until somebody mends it."""

    code = "needs_person"

    def __init__(self, message: str, *, path: str = "", code: str | None = None) -> None:
        super().__init__(message[:_LONGEST_MESSAGE])
        self.path = path
        self.code = code or self.code

    def problems(self) -> list[Problem]:
        return [Problem(self.path, self.code, str(self))]


class NotAuthorised(NeedsPerson):
    """The partner does not accept our credentials: the connection pauses, its messages wait."""

    code = "not_authorised"


class Rejected(NeedsPerson):
    """The partner understood and refused; the message carries its words."""

    code = "rejected"


class EndpointMissing(Rejected):
    """Nothing is at the partner's address (404, 410): several in a row pause the connection."""

    code = "endpoint_missing"


class CursorExpired(NeedsPerson):
    """The partner does not list from where we stand any more: it is too long ago, or its token is
    gone. Polling starts anew from a bounded look-back.
    """

    code = "cursor_expired"


class Overtaken(NeedsPerson):
    """What a message would tell is over. `successor` took its place: `message:ID` or
    `fulfilment_order:NUMBER`.
    """

    code = "overtaken"

    def __init__(self, message: str, *, successor: str | None = None) -> None:
        super().__init__(message)
        self.successor = successor


class PayloadGone(NeedsPerson):
    """What was received or told cannot be had any more: there is nothing to work again."""

    code = "payload_gone"


class SeveralConnections(NeedsPerson):
    """What was asked for touches several connections, and nobody said that this is meant."""

    code = "several_connections"

    def __init__(
        self,
        connections: Sequence[str],
        how: str = "choose one, or ask for all of them",
        *,
        path: str = "",
    ) -> None:
        names = ", ".join(connections)
        super().__init__(f"the messages are of several connections ({names}): {how}", path=path)
        self.connections = connections


class Contradiction(NeedsPerson):
    """A fact that cannot be true beside what is settled (shipped after cancelled)."""

    code = "contradiction"


class BadData(NeedsPerson):
    """A document that does not say what it must. `more` holds further problems found beside it."""

    code = "bad_data"

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        code: str | None = None,
        more: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(message, path=path, code=code)
        self.more = more

    def problems(self) -> list[Problem]:
        return [*super().problems(), *self.more]


class UnknownCode(NeedsPerson):
    """A code that no list translates. The message waits for the fact `waits_for` and runs when it
    appears.
    """

    code = "unknown_code"

    def __init__(self, codes: str, theirs: str, *, path: str = "") -> None:
        super().__init__(f"no {codes} entry for {theirs!r}", path=path)
        self.codes, self.theirs = codes, theirs

    @property
    def waits_for(self) -> str:
        return f"code:{self.codes}:{self.theirs}"


class NotFound(Exception):
    """There is none of that name or id within the caller's scope."""


class IllegalTransition(Exception):
    """A request that the document's life cycle does not allow from where it stands."""

    def __init__(self, document: str, state: str, event: str) -> None:
        super().__init__(f"{document} is {state}: {event} is not possible")
        self.document, self.state, self.event = document, state, event
