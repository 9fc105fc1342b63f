"""The words in which a test says who there is, and what is so.

    acme = world.merchant("acme").shop("shop-a").warehouse("wh-a", A=10, B=3).erp()
    acme.order(lines=[("A", 2)])          # the shop tells of an order
    world.run()                           # the workers do what is due
    acme.says(shipment(acme.number()))    # the warehouse says that it left
    world.run()
    assert acme.at_shop.topics() == ["shipment"]

What a merchant is asked is about itself only: others may live in the same world.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from hub.store.messages.inbox import Kept
from hub.store.orders import fulfilments
from tests.kit.catalogue import sales_order
from tests.kit.world.partners import Scripted

if TYPE_CHECKING:
    from tests.kit.world.world import World

SHOP = ("shipment",)
WAREHOUSE = ("fulfilment_order", "fulfilment_cancellation")
BOOKS = ("sales_order", "shipment", "refund")
"""What each kind of partner is told, unless a test says otherwise."""
HOW = frozenset(
    ("adapter", "gives", "takes", "shards", "settings", "secrets", "limits", "options")
)  # fmt: skip
"""The words about a connection; every other one names an article."""


class Merchant:
    """A merchant with its connections. `at_shop`, `at_wh`, `at_erp` are the partners behind the
    first of each kind; `world.at(code)` is any other.
    """

    def __init__(self, world: "World", code: str, *, suffix: str = "", **how: Any) -> None:
        """`how` holds for each connection, as in `settling.connect`; `suffix` ends the names of
        those that are given none.
        """
        self.world, self.code = world, code
        self._suffix, self._how = suffix, how
        self._first: dict[str, Scripted] = {}

    @property
    def at_shop(self) -> Scripted:
        return self._first["shop"]

    @property
    def at_wh(self) -> Scripted:
        return self._first["wh"]

    @property
    def at_erp(self) -> Scripted:
        return self._first["erp"]

    # who there is

    def shop(self, code: str = "", **how: Any) -> Self:
        """Somebody who sells for it."""
        self._connect("shop", code, "channel", {"takes": SHOP, **how})
        return self

    def warehouse(self, code: str = "", **how_or_pieces: Any) -> Self:
        """`warehouse("wh-b", shards=4, A=10)`: four lanes, ten pieces of A."""
        how = {word: value for word, value in how_or_pieces.items() if word in HOW}
        pieces = {word: value for word, value in how_or_pieces.items() if word not in HOW}
        made = self._connect("wh", code, "warehouse", {"takes": WAREHOUSE, **how})
        self.world.stock(made.code, self.code, **pieces)
        return self

    def erp(self, code: str = "", **how: Any) -> Self:
        """Who keeps its books."""
        self._connect("erp", code, "erp", {"takes": BOOKS, **how})
        return self

    def _connect(self, name: str, code: str, kind: str, how: Mapping[str, Any]) -> Scripted:
        named = code or f"{name}{self._suffix}"
        made = self.world.connect(named, kind, merchant=self.code, **{**self._how, **how})
        self._first.setdefault(name, made)
        return made

    # what happens

    def order(self, number: int = 1001, **changes: Any) -> Kept:
        """The shop tells of an order."""
        shop = self.at_shop.code
        return self.world.tell(shop, sales_order(number, channel=shop, **changes), key=str(number))

    def notify(self, number: int = 1001, **changes: Any) -> str:
        """An order goes in and its notice out. Returns the fulfilment order's number."""
        self.order(number, **changes)
        self.world.run()
        return self.number()

    def says(self, tree: Mapping[str, Any], delivery: str | None = None) -> Kept:
        """The warehouse says something of a fulfilment order."""
        key = tree["fulfilment_order_id"]
        return self.world.tell(self.at_wh.code, tree, key=key, delivery=delivery)

    # what there is

    def rows(self, text: str, **values: Any) -> list[Any]:
        return self.world.sql(text, merchant=self.code, **values)

    def row(self, number: int = 1001) -> Any:
        (row,) = self.rows(
            """SELECT id, status, hold_reasons, version FROM sales_order
            WHERE merchant_id = :merchant AND channel_order_id = :number""",
            number=str(number),
        )
        return row

    def number(self, at: int = 0) -> str:
        rows = self.rows(
            "SELECT id FROM fulfilment_order WHERE merchant_id = :merchant ORDER BY id"
        )
        return fulfilments.number(rows[at][0])

    def fulfilment(self) -> list[str]:
        return self._texts(
            "SELECT status FROM fulfilment_order WHERE merchant_id = :merchant ORDER BY id"
        )

    def incidents(self) -> list[str]:
        return self._texts("SELECT kind FROM incident WHERE merchant_id = :merchant ORDER BY id")

    def work(self) -> list[tuple[str, str, str]]:
        """What is unfinished: connection, topic, status."""
        rows = self.rows(
            """SELECT connection, topic, status FROM work WHERE merchant_id = :merchant
            ORDER BY seq"""
        )
        return [tuple(row) for row in rows]

    def stock(self) -> dict[str, tuple[int, int]]:
        """SKU -> (on hand, reserved)."""
        rows = self.rows(
            """SELECT sku, sum(on_hand), sum(reserved) FROM stock_level
            WHERE merchant_id = :merchant GROUP BY sku"""
        )
        return {row[0]: (int(row[1]), int(row[2])) for row in rows}

    def attempts(self, message: UUID) -> list[str | None]:
        """The fate of each attempt, first to last; None for one that is under way."""
        return self._texts(
            """SELECT fate FROM attempt WHERE merchant_id = :merchant AND message_id = :id
            ORDER BY id""",
            id=message,
        )

    def status(self, message: UUID) -> str:
        return self.world.message_status(message)

    def reason(self, message: UUID) -> str | None:
        """The code of what is wrong with a message."""
        code = self.world.one("SELECT error ->> 'code' FROM message WHERE id = :id", id=message)
        return code if isinstance(code, str) else None

    def outbound(self, topic: str) -> UUID:
        """The one message of that kind that is to be told."""
        (message,) = self._texts(
            """SELECT id FROM message WHERE merchant_id = :merchant AND direction = 'out'
            AND topic = :topic""",
            topic=topic,
        )
        return message

    def _texts(self, text: str, **values: Any) -> list[Any]:
        return [row[0] for row in self.rows(text, **values)]
