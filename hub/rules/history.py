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
    return sorted({_named(one) for one in lines if one.taken and not kept.get(one, False)})


def doubled(lines: Iterable[Line]) -> list[str]:
    """What took effect more than once at a partner (G08)."""
    times = Counter(
        (one.connection, one.document or "", one.effect or one.key or "")
        for one in lines
        if one.what == EFFECTED
    )
    return [" ".join(effect) for effect, count in sorted(times.items()) if count > 1]


def out_of_order(lines: Iterable[Line]) -> list[str]:
    """Keys of which a partner saw something after what should have come later (G13)."""
    last: dict[tuple[str, str], int] = {}
    found: set[str] = set()
    for one in lines:
        if one.what != EFFECTED or one.key is None or not isinstance(one.revision, int):
            continue
        at = (one.connection, one.key)
        if one.revision < last.get(at, one.revision):
            found.add(f"{one.connection} {one.key}: {one.document} came too late")
        last[at] = max(one.revision, last.get(at, one.revision))
    return sorted(found)


def overwritten(lines: Iterable[Line], stored: Mapping[tuple[str, str], str | None]) -> list[str]:
    """Keys of which something older is `stored` than the newest that was answered 2xx (G14)."""
    newest: dict[tuple[str, str], str] = {}
    for one in lines:
        if one.taken and one.key is not None and isinstance(one.revision, str):
            at = (one.connection, one.key)
            newest[at] = max(newest.get(at, one.revision), one.revision, key=_place)
    return [
        f"{' '.join(at)}: {stored[at]} is stored, {told} was told"
        for at, told in sorted(newest.items())
        if at in stored and _place(stored[at] or "") < _place(told)
    ]


def differences(lines: Iterable[Line], ours: Book) -> list[str]:
    """Where the partners' records and the hub's books do not say the same (G08).

    Only connections whose records are complete are compared.
    """
    lines = list(lines)
    complete = {one.connection for one in lines if one.what == COMPLETE}
    theirs: dict[tuple[str, str, str], list[str]] = {}
    for one in lines:
        if one.what == EFFECTED and one.connection in complete and one.content:
            theirs.setdefault((one.connection, one.document or "", one.key or ""), []).extend(
                one.content
            )
    told = {at: list(content) for at, content in ours.items() if at[0] in complete and content}
    return [
        f"{' '.join(at)}: the hub has {_shown(told.get(at))}, they have {_shown(theirs.get(at))}"
        for at in sorted({*told, *theirs})
        if sorted(told.get(at, ())) != sorted(theirs.get(at, ()))
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


def _named(one: Line) -> str:
    return " ".join(filter(None, (one.connection, one.topic, one.delivery or one.message)))


def _place(revision: str) -> tuple[float, str]:
    """Where a revision stands: instants by their time, whatever their spelling."""
    try:
        return datetime.fromisoformat(revision).timestamp(), ""
    except ValueError:
        return 0.0, revision


def _shown(content: Iterable[str] | None) -> str:
    return ", ".join(sorted(content)) if content else "nothing"
