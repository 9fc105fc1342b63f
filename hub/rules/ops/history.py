"""What happened in a run, told from outside, and what of it must never be: lost, doubled, out of
order, or other than the hub's own books.

A history is lines of three kinds:

- `offered`: a partner posted a delivery. `connection`, `topic`, `delivery` (its id of it); `key`
  and `revision` of what it was about, where that is known.
- `answered`: the same, with the `status` it got (0: none) and the hub's `message`, where the answer
  named it.
- `effected`: something took effect at a partner. `connection`, `document`, `key` (the unit of
  order), `effect` (what must be there once), `revision` (the place in the order of its key; whole
  numbers) and `content`, texts that the hub's books can be compared with.

`{"what": "complete", "connection": ..}` says that all effects at a connection are in the history.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.model.errors import BadData

OFFERED, ANSWERED, EFFECTED, COMPLETE = "offered", "answered", "effected", "complete"
Book = Mapping[tuple[str, str, str], Sequence[str]]
"""(connection, document, key) -> what it amounts to, sorted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `at` is an instant as text; what does not apply is None."""

    what: str
    connection: str
    at: str | None = None
    topic: str | None = None
    delivery: str | None = None
    status: int = 0
    message: str | None = None
    document: str | None = None
    key: str | None = None
    effect: str | None = None
    revision: str | int | None = None
    content: tuple[str, ...] = ()

    @property
    def taken(self) -> bool:
        """The hub said that it has it."""
        return self.what == ANSWERED and 200 <= self.status < 300


def read(text: Iterable[str]) -> list[Line]:
    """A history from its JSON lines. BadData names the line that is none."""
    return [_line(number, raw) for number, raw in enumerate(text, start=1) if raw.strip()]


def lost(lines: Iterable[Line], kept: Mapping[Line, bool]) -> list[str]:
    """Deliveries that were answered 2xx and are not there (G01). `kept`: whether each is."""
    return sorted({_named(line) for line in lines if line.taken and not kept.get(line, False)})


def doubled(lines: Iterable[Line]) -> list[str]:
    """What took effect more than once at a partner (G08)."""
    times = Counter(
        (line.connection, line.document or "", line.effect or line.key or "")
        for line in lines
        if line.what == EFFECTED
    )
    return [" ".join(effect) for effect, count in sorted(times.items()) if count > 1]


def out_of_order(lines: Iterable[Line]) -> list[str]:
    """Keys of which a partner saw something after what should have come later (G13)."""
    last: dict[tuple[str, str], int] = {}
    late: set[str] = set()
    for line in lines:
        if line.what != EFFECTED or line.key is None or not isinstance(line.revision, int):
            continue
        at = (line.connection, line.key)
        if line.revision < last.get(at, line.revision):
            late.add(f"{line.connection} {line.key}: {line.document} came too late")
        last[at] = max(line.revision, last.get(at, line.revision))
    return sorted(late)


def overwritten(lines: Iterable[Line], stored: Mapping[tuple[str, str], str | None]) -> list[str]:
    """Keys of which something older is `stored` than the newest that was answered 2xx (G14)."""
    newest: dict[tuple[str, str], str] = {}
    for line in lines:
        if line.taken and line.key is not None and isinstance(line.revision, str):
            at = (line.connection, line.key)
            newest[at] = max(newest.get(at, line.revision), line.revision, key=_place)
    return [
        f"{' '.join(at)}: {stored[at]} is stored, {revision} was told"
        for at, revision in sorted(newest.items())
        if at in stored and _place(stored[at] or "") < _place(revision)
    ]


def differences(lines: Iterable[Line], ours: Book) -> list[str]:
    """Where the partners' records and the hub's books do not say the same (G08).

    Only connections whose records are complete are compared.
    """
    lines = list(lines)
    complete = {line.connection for line in lines if line.what == COMPLETE}
    theirs: dict[tuple[str, str, str], list[str]] = {}
    for line in lines:
        if line.what == EFFECTED and line.connection in complete and line.content:
            theirs.setdefault((line.connection, line.document or "", line.key or ""), []).extend(
                line.content
            )
    books = {at: list(content) for at, content in ours.items() if at[0] in complete and content}
    return [
        f"{' '.join(at)}: the hub has {_shown(books.get(at))}, they have {_shown(theirs.get(at))}"
        for at in sorted({*books, *theirs})
        if sorted(books.get(at, ())) != sorted(theirs.get(at, ()))
    ]


def _line(number: int, raw: str) -> Line:
    try:
        tree: Any = json.loads(raw)
    except ValueError:
        raise BadData("JSON is expected", path=f"line {number}", code="bad_json") from None
    if not isinstance(tree, dict) or tree.get("what") not in _WHAT or not tree.get("connection"):
        message = f"`what` ({', '.join(_WHAT)}) and `connection` are expected"
        raise BadData(message, path=f"line {number}", code="missing_field")
    known = {name: tree[name] for name in _FIELDS if tree.get(name) is not None}
    if "content" in known:
        known["content"] = tuple(map(str, known["content"]))
    return Line(**known)


_WHAT = (OFFERED, ANSWERED, EFFECTED, COMPLETE)
_FIELDS = tuple(Line.__dataclass_fields__)


def _named(line: Line) -> str:
    return " ".join(filter(None, (line.connection, line.topic, line.delivery or line.message)))


def _place(revision: str) -> tuple[float, str]:
    """Where a revision stands: instants by their time, whatever their spelling."""
    try:
        return datetime.fromisoformat(revision).timestamp(), ""
    except ValueError:
        return 0.0, revision


def _shown(content: Iterable[str] | None) -> str:
    return ", ".join(sorted(content)) if content else "nothing"
