"""Fates: every failure is one of these classes, chosen where it happens and never guessed again.

`TryLater` nothing happened, do it again. `OutcomeUnknown` it may have happened, ask first.
`AlreadyDone` counts as done. `NeedsPerson` stands still until somebody mends it. Whatever is
none of them is our own bug.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (`lines.2.sku`), which code, and a sentence for a person."""

    path: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"path": self.path, "code": self.code, "message": self.message}


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


_CODES = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_code",
    "enum": "unknown_code",
    "string_too_long": "too_long",
    "too_long": "too_large",
    "too_short": "missing_field",
    "recursion_loop": "too_deep",
    "int_from_float": "wrong_type",
}
"""pydantic's error type -> ours; types that end in `_type` or `_parsing` are `wrong_type`, our own
pass as they are.
"""


MOST_PROBLEMS = 200
"""Nobody reads more of one document."""


def problems_of(error: ValidationError) -> list[Problem]:
    """Translate pydantic's findings, without the values that were found (they may be personal)."""
    found = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        kind = item["type"]
        code = _CODES.get(kind) or ("wrong_type" if kind.endswith(("_type", "_parsing")) else kind)
        path = ".".join(str(step) or '""' for step in item["loc"])
        found.append(Problem(path, code, item["msg"]))
        if len(found) == MOST_PROBLEMS:
            break
    around = {parent for problem in found for parent in _parents(problem.path)}
    return [p for p in found if p.code != "missing_field" or p.path not in around] or found


def _parents(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition(".")[0]
        if path:
            yield path


def bad_data(error: ValidationError) -> BadData:
    """One `BadData` that names the first problem and carries the rest."""
    first, *rest = problems_of(error)
    return BadData(first.message, path=first.path, code=first.code, more=tuple(rest))
