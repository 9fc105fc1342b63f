"""Many orders advanced together, each told its events in an order of its own; for the tests that
try every order of events rather than drawing some.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.model.fulfilment import Shipment
from hub.model.order import Refund, SalesOrder
from tests.simulation.history import Event, History, Setup, Tick
from tests.simulation.play import Play
from tests.simulation.stage import Stage

Timed = tuple[int, str, tuple[Any, ...]]
"""(tick, kind, what), without the schedule."""


@dataclass(frozen=True)
class Ended:
    """What one order came to, wherever it is kept."""

    order: tuple[str, str, Any]
    stock: tuple[tuple[str, int, int], ...]
    gone: tuple[tuple[int, int], ...]
    ledger: tuple[tuple[str, str, int], ...]
    books: tuple[Any, ...]
    shop: int


@dataclass
class Together:
    """Plays the same order's life many times, each with its events at other moments."""

    stage: Stage
    lives: tuple[tuple[dict[str, Any], ...], ...]
    ticks: int
    keys: bool = False
    play: Play = field(init=False)

    def run(self, cases: Sequence[Sequence[Timed]], bells: Sequence[str] = ("sweep",)) -> None:
        """Play all cases to the end. `bells`: what moves in each tick, over and over."""
        shelves = (9, 9, 9, 9)
        setups = {n: Setup(self.lives, shelves) for n in range(len(cases))}
        events: list[list[Event]] = [[] for _ in range(self.ticks)]
        for n, case in enumerate(cases):
            for at, kind, args in case:
                events[at].append(Event(n, kind, args))
        ticks = tuple(
            Tick(tuple(told), bells=bells[at % len(bells)], shuffle=2 * at)
            for at, told in enumerate(events)
        )
        self.play = Play(self.stage, History(0, self.keys, setups, ticks))
        self.play.unsafe()
        self.play.live()

    def ended(self) -> list[Ended]:
        """What each case came to."""
        sql = self.stage.world.sql
        orders = {int(row.number): (row.status, row.revision, row.total) for row in sql(
            """SELECT channel_order_id AS number, status, revision, grand_total AS total
            FROM sales_order""")}  # fmt: skip
        stock, ledger = _by_schedule(sql(
            """SELECT sku, sum(on_hand) AS n, sum(reserved) AS m FROM stock_level
            GROUP BY sku ORDER BY sku""")), _by_schedule(sql(
            """SELECT sku, sum(delta) AS n, reason AS m FROM ledger GROUP BY sku, reason
            ORDER BY sku, reason"""))  # fmt: skip
        gone, shop, books = self._gone(), Counter[int](), self._books()
        for effect in self.stage.partners["shop"].effects:
            if isinstance(effect.document, Shipment) and effect.document.order:
                pieces = sum(int(line.quantity) for line in effect.document.order.lines)
                shop[int(effect.document.order.channel_order_id)] += pieces
        return [
            Ended(
                orders[n * 10],
                tuple((sku[0], int(a), int(b)) for sku, a, b in stock[n]),
                gone.get(n, ()),
                tuple((sku[0], str(b), int(a)) for sku, a, b in ledger[n]),
                books.get(n, ()),
                shop[n * 10],
            )
            for n in self.play.history.setups
        ]

    def _gone(self) -> dict[int, tuple[tuple[int, int], ...]]:
        sums: dict[int, Counter[int]] = {}
        for shelf in self.stage.shelves.values():
            for goods in shelf.goods.values():
                sums.setdefault(goods.schedule, Counter()).update(goods.gone)
        return {n: tuple(sorted((+sums[n]).items())) for n in sums}

    def _books(self) -> dict[int, tuple[Any, ...]]:
        """The order as the books hold it last, its goods and its refunds."""
        held: dict[int, Any] = {}
        shipped: dict[int, Counter[str]] = {}
        refunds = Counter[int]()
        for effect in self.stage.partners["erp"].effects:
            document = effect.document
            if isinstance(document, SalesOrder):
                lines = tuple((line.sku[:1], int(line.quantity)) for line in document.lines
                              if line.sku)  # fmt: skip
                held[int(document.channel_order_id) // 10] = (document.state, lines)
            elif isinstance(document, Shipment) and document.order:
                n = int(document.order.channel_order_id) // 10
                for line in document.order.lines:
                    shipped.setdefault(n, Counter())[(line.sku or "?")[:1]] += int(line.quantity)
            elif isinstance(document, Refund):
                refunds[int(document.channel_order_id) // 10] += 1
        return {
            n: (*held[n], tuple(sorted(shipped.get(n, Counter()).items())), refunds[n])
            for n in held
        }


def _by_schedule(rows: Sequence[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(int(row.sku[1:]), []).append((row.sku, row.n, row.m))
    return found
