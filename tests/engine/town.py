"""One merchant's corner of a shared world, so that tests of a module need one database, not many.

Each town has a shop, a warehouse with ten of each article and an ERP, all under names of its own.
"""

import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from hub.flows import notices
from hub.store.inbox import Kept
from tests.kit.world import Scripted, World, sales_order

_NUMBERS = itertools.count(1)


class Town:
    """A merchant with connections; what it asks of the world is about itself only."""

    def __init__(
        self,
        world: World,
        *,
        adapter: str = "qimen",
        shards: int = 1,
        limits: Mapping[str, Any] | None = None,
        shop_takes: Sequence[str] = ("shipment",),
        **pieces: int,
    ) -> None:
        number = next(_NUMBERS)
        self.world, self.merchant = world, f"m{number}"
        self.shop, self.wh, self.erp = f"shop{number}", f"wh{number}", f"erp{number}"
        world.merchant(self.merchant)
        same = {"merchant": self.merchant, "shards": shards, "adapter": adapter, "limits": limits}
        self.at_shop = world.connect(self.shop, "channel", takes=shop_takes, **same)
        takes = ("fulfilment_order", "fulfilment_cancellation")
        self.at_wh = world.connect(self.wh, "warehouse", takes=takes, **same)
        takes = ("sales_order", "shipment", "refund")
        self.at_erp = world.connect(self.erp, "erp", takes=takes, **same)
        world.stock(self.wh, self.merchant, **(pieces or {"A": 10, "B": 10, "C": 10}))

    # what happens

    def order(self, number: int = 1001, **changes: Any) -> Kept:
        """The shop tells of an order."""
        told = sales_order(number, channel=self.shop, **changes)
        return self.world.tell(self.shop, told, key=str(number))

    def notify(self, number: int = 1001, **changes: Any) -> str:
        """An order goes in and its notice out. Returns the fulfilment order's number."""
        self.order(number, **changes)
        self.world.run()
        return self.number()

    def warehouse(self, tree: Mapping[str, Any], delivery: str | None = None) -> Kept:
        """The warehouse says something of a fulfilment order."""
        return self.world.tell(self.wh, tree, key=tree["fulfilment_order_id"], delivery=delivery)

    # what there is

    def rows(self, text: str, **values: Any) -> list[Any]:
        return self.world.sql(text, merchant=self.merchant, **values)

    def row(self, number: int = 1001) -> Any:
        (found,) = self.rows(
            """SELECT id, status, hold_reasons, version FROM sales_order
            WHERE merchant_id = :merchant AND channel_order_id = :number""",
            number=str(number),
        )
        return found

    def number(self, at: int = 0) -> str:
        rows = self.rows(
            "SELECT id FROM fulfilment_order WHERE merchant_id = :merchant ORDER BY id"
        )
        return notices.number(rows[at][0])

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

    def told(self, partner: Scripted) -> list[str]:
        return [kind for kind, _, _ in partner.told]

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
        found = self.world.one("SELECT error ->> 'code' FROM message WHERE id = :id", id=message)
        return found if isinstance(found, str) else None

    def outbound(self, topic: str) -> UUID:
        """The one message of that kind that is to be told."""
        (found,) = self._texts(
            """SELECT id FROM message WHERE merchant_id = :merchant AND direction = 'out'
            AND topic = :topic""",
            topic=topic,
        )
        return found

    def _texts(self, text: str, **values: Any) -> list[Any]:
        return [row[0] for row in self.rows(text, **values)]


def together(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run these at the same moment, each in a thread of its own. Returns what they raised."""
    start, raised = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        start.wait()
        try:
            job()
        except BaseException as error:  # noqa: BLE001  # the test looks at it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
