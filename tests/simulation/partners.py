"""Simulated partners: they speak canonical JSON, treat a call as the history says, and keep a
record of what took effect with them.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from adapters.ports import Call, Delivery, Receipt
from hub.model.catalogue import read
from hub.model.document import Document
from hub.model.errors import AlreadyDone, NotAuthorised, OutcomeUnknown, Rejected, TryLater
from hub.model.fulfilment import FulfilmentCancellation, FulfilmentOrder, Shipment
from hub.model.stock import StockLevel
from mappings.reading import read_json_object
from tests.kit.world import Clock

LATE, HIDDEN = 0.8, 0.6
"""How long after the call a partner may still act on what we gave up on, and how long what it did
cannot be found: parts of the time that its adapter allows it."""


class Effect(NamedTuple):
    """What took effect: the outward key, what it says, and when it could be found."""

    key: str
    document: Document
    text: str
    seen_at: float


@dataclass(slots=True)
class Partner:
    """One connection's other side. `about` says which schedule a document is about.

    `settle_s`: its adapter's word. `dedupes`: it recognises a key it has seen. One that does not
    does it all again, but for what a person had told again (`told_again`). `has_ended`: the hub
    knows that what it tells of is over.
    """

    code: str
    clock: Clock
    about: Callable[[Document], int]
    dedupes: bool
    pass_: Callable[[str], None]
    settle_s: float
    act: Callable[[Document], None] = lambda document: None
    has_ended: Callable[[Document], bool] = lambda document: False
    told_again: set[str] = field(default_factory=set)
    effects: list[Effect] = field(default_factory=list)
    moods: dict[int, deque[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    whole: None = None
    send_many: None = None

    def check(self) -> None:
        """Nothing to check."""

    def verify(self, call: Call, now: datetime) -> Delivery:
        raise NotImplementedError

    def decode(self, topic: str, raw: bytes) -> list[Document]:
        self.pass_("decode")
        tree = read_json_object(raw)
        return [read(tree["type"], tree)]

    def send(self, document: Document, key: str) -> Receipt:
        moods = self.moods.get(self.about(document))
        mood = moods.popleft() if moods else "well"
        if self.has_ended(document):
            self.faults.append(f"was told of what had ended: {key}")
        self.pass_("send")
        match mood:
            case "later":
                raise TryLater("not now")
            case "throttled":
                raise TryLater("too many", retry_after=20)
            case "refused":
                raise Rejected("we do not want this")
            case "expired":
                raise NotAuthorised("who are you?")
            case "lost_before":
                raise OutcomeUnknown("reset")
            case "late":
                self.clock.after(LATE * self.settle_s, lambda: self._late(key, document))
                raise OutcomeUnknown("time-out")
        self._take(key, document, HIDDEN * self.settle_s if mood == "hidden" else 0)
        self.pass_("acted")
        if mood in {"hidden", "lost_after"}:
            raise OutcomeUnknown("reset after it was done")
        return Receipt(f"{self.code}-{len(self.effects)}")

    def find(self, document: Document) -> Receipt | None:
        text = document.model_dump_json()
        for effect in self.effects:
            if effect.text == text and effect.seen_at <= self.clock.now:
                return Receipt(f"found-{effect.key}")
        return None

    def _take(self, key: str, document: Document, hidden: float) -> None:
        if self._knows(key):
            raise AlreadyDone("known under this key")
        text = document.model_dump_json()
        self.effects.append(Effect(key, document, text, self.clock.now + hidden))
        self.act(document)

    def _knows(self, key: str) -> bool:
        if not any(effect.key == key for effect in self.effects):
            return False
        return self.dedupes or (key in self.told_again and self._is_newest(key))

    def _is_newest(self, key: str) -> bool:
        """Whether it holds nothing newer."""
        name = key.rpartition(":")[0]
        of_it = [effect.key for effect in self.effects if effect.key.rpartition(":")[0] == name]
        return key == of_it[-1]

    def _late(self, key: str, document: Document) -> None:
        """It acts after all; on a level that a newer one replaced no partner does."""
        if not self._knows(key) and not isinstance(document, StockLevel):
            self._take(key, document, 0)


@dataclass(slots=True)
class Goods:
    """A fulfilment order as its warehouse sees it: pieces of each line asked for and gone."""

    schedule: int
    order: int
    number: str
    channel_order_id: str
    asked: dict[int, int]
    skus: dict[int, str]
    gone: dict[int, int] = field(default_factory=dict)
    state: str = "new"
    wish: bool = False
    parcels: int = 0

    @property
    def living(self) -> bool:
        return self.state in {"new", "shipping"}

    @property
    def left(self) -> dict[int, int]:
        """Line -> pieces that are still on the shelf for it."""
        rest = {no: n - self.gone.get(no, 0) for no, n in self.asked.items()}
        return {no: n for no, n in rest.items() if n > 0}


@dataclass(slots=True)
class Shelf:
    """The truth of one warehouse: what it was told, and what it really did."""

    code: str
    say: Callable[[int, str, str, dict[str, Any]], None]
    """(schedule, connection, key, tree): the warehouse speaks."""
    goods: dict[str, Goods] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def act(self, document: Document) -> None:
        if isinstance(document, FulfilmentOrder):
            number = int(document.channel_order_id)
            if document.fulfilment_order_id in self.goods:
                self.faults.append(f"told twice to ship {document.channel_order_id}")
            self.goods[document.fulfilment_order_id] = Goods(
                number // 10,
                number % 10,
                document.fulfilment_order_id,
                document.channel_order_id,
                {line.line_no: int(line.quantity) for line in document.lines},
                {line.line_no: line.sku for line in document.lines},
            )
        elif isinstance(document, FulfilmentCancellation):
            known = self.goods.get(document.fulfilment_order_id)
            if known:  # one that refused the notice has nothing to let go
                known.wish = True

    def word(self, goods: Goods, word: str) -> None:
        """It says how far it is."""
        self._say(goods, word, {"type": "fulfilment_status", "status": word})

    def ship(self, goods: Goods, lines: dict[int, int], *, complete: bool = False,
             short: Mapping[int, int] = MappingProxyType({})) -> None:  # fmt: skip
        """Goods leave, and it says so."""
        goods.parcels += 1
        for no, pieces in lines.items():
            goods.gone[no] = goods.gone.get(no, 0) + pieces
        goods.state = "shipping" if goods.left and not complete else "done"
        shipped = [{"line_no": no, "quantity": str(pieces)} for no, pieces in lines.items()]
        parcel = {"tracking_number": f"T{goods.number}-{goods.parcels}", "carrier": "dhl",
                  "lines": shipped}  # fmt: skip
        self._say(
            goods,
            f"parcel-{goods.parcels}",
            {
                "type": "shipment",
                "shipped_at": "2026-11-24T12:00:00Z",
                "complete": complete,
                "packages": [parcel] if lines else [],
                "short": [{"line_no": no, "quantity": str(n)} for no, n in short.items()],
            },
        )

    def let_go(self, goods: Goods, word: str) -> None:
        """It will not ship what is left."""
        goods.state = "let_go"
        self.word(goods, word)

    def answer(self, goods: Goods) -> None:
        """It answers the wish to let go: yes where nothing has left."""
        goods.wish = False
        if goods.state == "let_go" and not goods.gone:
            self.word(goods, "cancelled")
        elif goods.gone or not goods.living:
            self.word(goods, "cancel_refused")
        else:
            self.let_go(goods, "cancelled")

    def _say(self, goods: Goods, about: str, tree: dict[str, Any]) -> None:
        source = {"connection": self.code, "id": f"{goods.number}:{about}"}
        if tree["type"] == "fulfilment_status":
            tree["at"] = "2026-11-24T11:00:00Z"
        told = {**tree, "source": source, "fulfilment_order_id": goods.number}
        self.say(goods.schedule, self.code, goods.number, told)


def schedule_of(document: Document) -> int:
    """Which schedule a document is about, but for cancellations: those are known by the goods."""
    if isinstance(document, Shipment):
        assert document.order is not None
        return int(document.order.channel_order_id) // 10
    if isinstance(document, StockLevel):
        return int(document.sku[1:])
    return int(document.channel_order_id) // 10  # type: ignore[attr-defined]
