"""How the warehouse works a delivery order and what it says on the way.

A `Way` is the course of one order: which steps are reported, in how many packages and confirms it
leaves, what is lacking, whether it is told twice or the wrong way round. What is told is made here,
without sending it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.qimen.book import Book, Row, Task
from sandbox.qimen.wire import Tree, clock

Told = tuple[str, Tree, str]  # method, body, the order's state from then on
STEPS = ("ACCEPT", "PICK", "PACKAGE")


@dataclass(frozen=True, slots=True)
class Way:
    steps: tuple[str, ...] = STEPS
    packages: int = 1
    short: Mapping[str, int] = field(default_factory=dict)  # item -> pieces that are not there
    partial: bool = False  # an intermediate confirm (confirmType 1), then the final one
    reject: str = ""  # a reason: the order is refused and nothing leaves
    duplicate: bool = False  # each confirm is told twice, word for word
    reorder: bool = False  # the last is told first


PLAIN = Way()
# a rule of the plan of kind "work" turns an order's way: its name, and the way that follows
TURNS: dict[str, Way] = {
    "duplicate": Way(duplicate=True),
    "reorder": Way(partial=True, reorder=True),
    "partial": Way(partial=True),
    "two_packages": Way(packages=2),
    "short": Way(short={"*": 1}),
    "reject": Way(reject="no capacity"),
}


def course(book: Book, task: Task, way: Way) -> list[Told]:
    """Decides what leaves, takes it out of stock and answers all that is to be told, in order."""
    teller = Teller(task)
    if way.reject:
        book.drop(task, "REJECT")
        return [teller.report("REJECT", way.reject)]
    pieces = [available(book, row, way) for row in task.rows]
    rounds = halves(pieces) if way.partial else [pieces]
    confirms = [
        teller.confirm(counts, way.packages, final=index == len(rounds) - 1)
        for index, counts in enumerate(rounds)
    ]
    for row, count in zip(task.rows, pieces, strict=True):
        book.stock.change(row.item, -count, row.quality)
        book.stock.lock(row.item, -row.planned)
    reports = [teller.report(step) for step in way.steps]
    reports += [report for report in confirms for _ in range(2 if way.duplicate else 1)]
    return reports[::-1] if way.reorder else reports


def available(book: Book, row: Row, way: Way) -> int:
    lacking = way.short.get(row.item, way.short.get("*", 0))
    return max(0, min(row.planned - lacking, book.stock.on_hand(row.item, row.quality)))


def halves(pieces: list[int]) -> list[list[int]]:
    """Two rounds where there is more than one piece to go."""
    if sum(pieces) < 2:
        return [pieces]
    first = [(count + 1) // 2 for count in pieces]
    if first == pieces:  # one piece a line: the first line goes first
        first = [pieces[0], *[0] * (len(pieces) - 1)]
    return [first, [count - gone for count, gone in zip(pieces, first, strict=True)]]


def without(tree: Tree, *names: str) -> Tree:
    return {name: value for name, value in tree.items() if name not in names}


class Teller:
    """Puts one order's progress and shipments into Qimen's words."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def report(self, status: str, remark: str | None = None) -> Told:
        task = self._task
        order = {
            "orderCode": task.code, "orderId": task.wms_id, "orderType": task.order_type,
            "warehouseCode": task.place,
        }  # fmt: skip
        process = {"processStatus": status, "operateTime": clock(), "remark": remark}
        return "orderprocess.report", {"order": order, "process": process}, status

    def confirm(self, counts: list[int], packages: int, *, final: bool) -> Told:
        task, now = self._task, clock()
        task.told += 1
        made = self._packages(counts, packages)
        task.packages += made
        for row, count in zip(task.rows, counts, strict=True):
            row.done += count
        state = "DELIVERED" if final else "PARTDELIVERED"
        order = {
            "deliveryOrderCode": task.code, "deliveryOrderId": task.wms_id,
            "warehouseCode": task.place, "orderType": task.order_type, "status": state,
            "outBizCode": f"{task.wms_id}-{task.told}", "confirmType": 0 if final else 1,
            "orderConfirmTime": now, "operateTime": now,
        }  # fmt: skip
        lines = [self._line(row, count) for row, count in zip(task.rows, counts, strict=True)]
        body = {"deliveryOrder": order, "packages": made, "orderLines": lines}
        if task.family == "stockout":  # the carrier stands once, in the head
            order["logisticsCode"] = task.logistics
            body["packages"] = [without(box, "logisticsCode") for box in made]
            body["orderLines"] = [without(line, "planQty", "ownerCode") for line in lines]
        return f"{task.family}.confirm", body, state

    def _line(self, row: Row, count: int) -> Tree:
        return {
            "orderLineNo": row.number, "itemCode": row.item, "ownerCode": row.owner,
            "inventoryType": row.quality, "planQty": row.planned, "actualQty": count,
        }  # fmt: skip

    def _packages(self, counts: list[int], packages: int) -> list[Tree]:
        """Deals the pieces out over the packages; items bear no line number, as is usual."""
        boxes: list[dict[str, int]] = [{} for _ in range(packages)]
        place = 0
        for row, count in zip(self._task.rows, counts, strict=True):
            for _ in range(count):
                box = boxes[place % packages]
                box[row.item] = box.get(row.item, 0) + 1
                place += 1
        return [self._package(n, box) for n, box in enumerate(boxes, start=1) if box]

    def _package(self, number: int, box: Mapping[str, int]) -> Tree:
        task = self._task
        items: list[dict[str, Any]] = [
            {"itemCode": item, "quantity": count} for item, count in box.items()
        ]
        weight = sum(box.values()) * 250
        return {
            "logisticsCode": task.logistics, "logisticsName": task.logistics,
            "expressCode": f"{task.logistics}{task.wms_id[3:]}{task.told}{number}",
            "packageCode": f"{task.wms_id}-{task.told}-{number}",
            "weight": f"{weight // 1000}.{weight % 1000:03d}", "items": items,
        }  # fmt: skip
