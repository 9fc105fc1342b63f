"""What the warehouse has been told to do: outbound orders with their states, and notices of goods
to come; and what was done about each, step by step.
"""

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.qimen.stock import Stock
from sandbox.qimen.wire import Tree, clock

OPEN = {"NEW", "ACCEPT"}  # a cancel still comes in time
GONE = {"PARTDELIVERED", "DELIVERED"}


@dataclass(slots=True)
class Row:
    """One line of a delivery order; `done` counts the pieces already confirmed."""

    number: str | None
    item: str
    owner: str
    quality: str
    planned: int
    done: int = 0


@dataclass(slots=True)
class Task:
    """One outbound order: a delivery order, or a stockout (`family`)."""

    code: str
    wms_id: str
    place: str  # warehouseCode, as the order has it
    order_type: str
    logistics: str
    rows: list[Row]
    created: str
    state: str = "NEW"
    told: int = 0  # confirms made, for outBizCode
    packages: list[Tree] = field(default_factory=list)
    family: str = "deliveryorder"
    held: bool = False  # order.pending: nobody works it


@dataclass(slots=True)
class Notice:
    """An inbound notice, or one of a return (`family`)."""

    code: str
    wms_id: str
    tree: Tree
    rows: list[Row]
    family: str = "entryorder"
    state: str = "NEW"
    told: int = 0
    held: bool = False

    @property
    def head(self) -> Tree:
        """What the notice says of itself."""
        order: Tree = self.tree["entryOrder" if self.family == "entryorder" else "returnOrder"]
        return order


class Book:
    def __init__(self, opening: Mapping[str, int] | None) -> None:
        self.lock = threading.RLock()
        self.stock = Stock(opening)
        self.tasks: dict[str, Task] = {}
        self.notices: dict[str, Notice] = {}
        self.items: dict[str, Tree] = {}
        self.kits: dict[str, Tree] = {}
        self.steps: dict[str, list[Tree]] = {}  # code -> what was done, the oldest first
        self.place = self.owner = "OTHER"  # as the last order named them
        self._numbers = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):09d}"

    def step(self, code: str, status: str) -> None:
        """Notes that a document came that far."""
        self.steps.setdefault(code, []).append({"processStatus": status, "operateTime": clock()})

    def open_task(self, tree: Tree, family: str) -> Task:
        order = tree["deliveryOrder"]
        task = Task(
            code=order["deliveryOrderCode"],
            wms_id=self.new_id("WMS"),
            place=order["warehouseCode"],
            order_type=order["orderType"],
            logistics=order.get("logisticsCode") or "OTHER",
            family=family,
            rows=[row(line) for line in tree["orderLines"]],
            created=clock(),
        )
        for it in task.rows:
            self.stock.lock(it.item, it.planned)
        self.tasks[task.code] = task
        self.place, self.owner = task.place, task.rows[0].owner
        self.step(task.code, "NEW")
        return task

    def drop(self, task: Task, state: str) -> None:
        """Ends a task without shipping: canceled or rejected."""
        task.state = state
        self.step(task.code, state)
        for it in task.rows:
            self.stock.lock(it.item, -(it.planned - it.done))


def row(line: Mapping[str, Any]) -> Row:
    quality = line.get("inventoryType") or "ZP"
    planned = int(line["planQty"])
    return Row(line.get("orderLineNo"), line["itemCode"], line["ownerCode"], quality, planned)
