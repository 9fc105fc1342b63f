"""The partners of a world, and its broker: partners answer as a test scripts them, the broker only
remembers what it was asked to ring.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.ports import Call, Delivery, Receipt
from hub.model.catalogue import read
from hub.model.document import Document
from mappings.reading import read_json_object

Answer = Callable[[Document, str], Receipt]


@dataclass
class Scripted:
    """A partner that speaks canonical JSON and answers as scripted. `told` is its own record."""

    code: str = ""
    answers: list[Any] = field(default_factory=list)
    finds: list[Any] = field(default_factory=list)
    told: list[tuple[str, str, Document]] = field(default_factory=list)
    asked: list[Document] = field(default_factory=list)
    effects: dict[str, Document] = field(default_factory=dict)
    before: Callable[[Document], None] = lambda document: None
    whole: None = None
    send_many: None = None

    def check(self) -> None:
        """Nothing to check."""

    def verify(self, call: Call, now: datetime) -> Delivery:
        raise NotImplementedError

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        tree = read_json_object(raw)
        if tree.get("type") == "crash":
            raise SystemExit("the interpreter goes down")
        if tree.get("type") == "bug":
            raise ZeroDivisionError
        if isinstance(tree.get("documents"), list):
            return [read(one["type"], one) for one in tree["documents"]]
        return [read(tree.get("type", topic), tree)]

    def send(self, document: Document, key: str) -> Receipt:
        self.before(document)
        self.told.append((document.type, key, document))
        answer = self.answers.pop(0) if self.answers else None
        if callable(answer):
            return answer(document, key)
        if isinstance(answer, Exception):
            raise answer
        self.effects[key] = document
        return Receipt(f"ref-{len(self.effects)}")

    def find(self, document: Document) -> Receipt | None:
        self.asked.append(document)
        answer = self.finds.pop(0) if self.finds else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def topics(self) -> list[str]:
        """The types of what it was told, in order."""
        return [topic for topic, _, _ in self.told]

    list = None  # nothing is ever asked of it; last, for above it is the type


class Adapters:
    """Hands out the scripted partners."""

    def __init__(self) -> None:
        self.made: dict[str, Scripted] = {}

    def of(self, partner: Any, network: Mapping[str, Any], version: int) -> Scripted:
        return self.made[partner.code]

    def inward(self, partner: Any, network: Mapping[str, Any], version: int) -> Scripted:
        return self.of(partner, network, version)


class Bells:
    """Collects rings."""

    def __init__(self) -> None:
        self.rung: list[Any] = []

    def ring(self, rings: Iterable[Any]) -> None:
        self.rung += list(rings)

    def ring_lanes(self, numbers: Iterable[int]) -> None:
        self.rung += list(numbers)

    def ring_later(self, number: int, seconds: float) -> None:
        self.rung.append(number)

    def away_s(self) -> float:
        return 0.0
