"""What a partner is asked and what it answers, as data: `transcript.yaml` beside the adapter.

Document (`"*"`: any) -> scene -> exchanges. The scenes: `tell` it for the first time, tell it
`again`, the partner `has` it or `lacks` it when it is asked, `check`, under `"*"`, and `list`,
under a topic that is polled. An exchange:
`ask` (method and path, `*` for any text), `query` and `body` (what must be in them), `says` (texts
in the body), and the answer: `answer` (a tree is JSON, text is sent as it is), `status`, `headers`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from adapters.kit.testing.scripted_partner import Asked, Told
from mappings.reading.shipped import read_table

_INSTEAD = {"again": "tell", "has": "again", "lacks": "tell"}
"""Scene -> the one that stands for it where it is not told."""
ANY = "*"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a scene, and its answer."""

    ask: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    says: Sequence[str] = ()
    answer: Any = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def fits(self, asked: Asked) -> bool:
        """Whether this is what is asked."""
        return (
            fnmatchcase(f"{asked.method} {asked.path}", self.ask)
            and _within(self.query, asked.query)
            and all(text.encode() in asked.body for text in self.says)
            and (self.body is None or _within(self.body, _tree(asked.body)))
        )

    def told(self) -> Told:
        """The answer."""
        if isinstance(self.answer, str):
            return Told(self.status, self.answer.encode(), self.headers)
        return Told.json(self.answer, self.status, **self.headers)


Transcript = Mapping[str, Mapping[str, Sequence[Exchange]]]


def read_transcript(folder: Path) -> Transcript:
    """The transcript of an adapter's folder; empty where there is none."""
    file = folder / "transcript.yaml"
    scenes = read_table(file.read_bytes()) if file.is_file() else {}
    return {
        kind: {name: [Exchange(**one) for one in told] for name, told in acts.items()}
        for kind, acts in (scenes or {}).items()
    }


def scene(transcript: Transcript, kind: str, name: str) -> Sequence[Exchange]:
    """A scene of a document, or what stands for it."""
    step: str | None = name
    while step is not None:
        for whose in (kind, ANY):
            exchanges = transcript.get(whose, {}).get(step)
            if exchanges is not None:
                return exchanges
        step = _INSTEAD.get(step)
    return ()


class Player:
    """A partner that plays a scene: each request gets the next answer that fits it, and the last
    one that fitted where it is asked once more. What fits nothing is `unknown`, and answered 404.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._left, self._played = list(exchanges), list[Exchange]()
        self.unknown: list[str] = []

    def __call__(self, asked: Asked) -> Told:
        chosen = next((exchange for exchange in self._left if exchange.fits(asked)), None)
        if chosen is not None:
            self._left.remove(chosen)
            self._played.append(chosen)
            return chosen.told()
        again = next(
            (exchange for exchange in reversed(self._played) if exchange.fits(asked)), None
        )
        if again is None:
            self.unknown.append(f"{asked.method} {asked.target} {asked.body[:300]!r}")
            return Told(404)
        return again.told()


def _within(wanted: Any, found: Any) -> bool:
    """Whether all that is wanted stands in what was found."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and _within(value, found[name]) for name, value in wanted.items()
        )
    return bool(wanted == found)


def _tree(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
