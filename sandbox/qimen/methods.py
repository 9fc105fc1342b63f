"""What the warehouse answers to each call of the ERP side; the envelope is checked before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.qimen.book import GONE, OPEN, Book, Task
from sandbox.qimen.wire import Tree

Note = Callable[[str, str, Any], object]


class Failure(Exception):
    """flag=failure: code and message as the answer shows them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(slots=True)
class House:
    """What a method works on."""

    book: Book
    note: Note  # kind, key, document: into the record
    created: Callable[[str], None]  # a new delivery order is there to be worked
    warehouse_code: str | None
    owner_code: str | None


def success(**more: Any) -> Tree:
    return {"flag": "success", "code": "0", "message": "success", **more}


def failure(code: str, message: str) -> Tree:
    return {"flag": "failure", "code": code, "message": message}


def check_place(house: House, code: str | None) -> None:
    if house.warehouse_code and code and code != house.warehouse_code:
        raise Failure("isv.invalid-parameter", f"warehouseCode {code} is not served here")


def check_lines(house: House, lines: list[Tree]) -> None:
    for line in lines:
        if house.owner_code and line["ownerCode"] != house.owner_code:
            raise Failure("isv.invalid-parameter", f"ownerCode {line['ownerCode']} is not known")
        if not house.book.stock.knows(line["itemCode"]):
            raise Failure("isv.item-not-exist", f"itemCode {line['itemCode']} is not known")


def create_delivery(house: House, tree: Tree) -> Tree:
    task = taken(house, tree, "deliveryorder")
    return success(
        createTime=task.created,
        deliveryOrderId=task.wms_id,
        warehouseCode=task.place,
        logisticsCode=task.logistics,
    )


def create_stockout(house: House, tree: Tree) -> Tree:
    task = taken(house, tree, "stockout")
    return success(createTime=task.created, deliveryOrderId=task.wms_id)


def taken(house: House, tree: Tree, family: str) -> Task:
    """The same code again answers as the first time and changes nothing."""
    order = tree["deliveryOrder"]
    check_place(house, order["warehouseCode"])
    check_lines(house, tree["orderLines"])
    task = house.book.tasks.get(order["deliveryOrderCode"])
    if task is None:
        task = house.book.open_task(tree, family)
        house.note("stockout" if family == "stockout" else "delivery_order", task.code, tree)
        house.created(task.code)
    elif task.state == "CANCELED":
        raise Failure("isv.order-canceled", f"{task.code} was canceled before")
    elif task.family != family:
        raise Failure("isv.invalid-parameter", f"{task.code} is a {task.family} order")
    return task


def cancel(house: House, tree: Tree) -> Tree:
    check_place(house, tree["warehouseCode"])
    code = tree["orderCode"]
    task = house.book.tasks.get(code) or house.book.notices.get(code)
    if task is None:
        raise Failure("isv.order-not-exist", f"{code} is not known")
    if task.state == "CANCELED":
        return success()
    if task.state not in OPEN:
        raise Failure("isv.order-cannot-cancel", f"{code} is {task.state}")
    if isinstance(task, Task):
        house.book.drop(task, "CANCELED")
    else:
        task.state = "CANCELED"
        house.book.step(code, "CANCELED")
    house.note("cancel", code, tree)
    return success()


def pending(house: House, tree: Tree) -> Tree:
    """Lets a document wait, or goes on with it."""
    check_place(house, tree["warehouseCode"])
    code, held = tree["orderCode"], tree["actionType"] == "pending"
    task = house.book.tasks.get(code) or house.book.notices.get(code)
    if task is None:
        raise Failure("isv.order-not-exist", f"{code} is not known")
    if task.state not in OPEN:
        raise Failure("isv.order-cannot-pend", f"{code} is {task.state}")
    if task.held and not held:
        house.created(code)
    task.held = held
    house.note("pending", code, tree)
    return success()


def query_process(house: House, tree: Tree) -> Tree:
    """How far a document of any kind is."""
    code = tree["orderCode"]
    task = house.book.tasks.get(code) or house.book.notices.get(code)
    if task is None:
        raise Failure("isv.order-not-exist", f"{code} is not known")
    order = {
        "orderCode": code, "orderId": task.wms_id, "orderType": tree.get("orderType"),
        "processes": house.book.steps.get(code, []),
    }  # fmt: skip
    return success(orderProcess=order)


def query_delivery(house: House, tree: Tree) -> Tree:
    task = house.book.tasks.get(tree["orderCode"])
    if task is None:
        raise Failure("isv.order-not-exist", f"{tree['orderCode']} is not known")
    lines = [
        {
            "orderLineNo": it.number, "itemCode": it.item, "ownerCode": it.owner,
            "inventoryType": it.quality, "planQty": it.planned, "actualQty": it.done,
        }
        for it in task.rows
    ]  # fmt: skip
    order = {
        "deliveryOrderCode": task.code, "deliveryOrderId": task.wms_id,
        "warehouseCode": task.place, "orderType": task.order_type, "status": task.state,
        "confirmType": "0" if task.state in GONE else "1",
    }  # fmt: skip
    shown = {"deliveryOrder": order, "packages": task.packages, "orderLines": lines}
    return success(totalLines=len(lines), **shown)


METHODS: dict[str, Callable[[House, Tree], Tree]] = {
    "deliveryorder.create": create_delivery,
    "stockout.create": create_stockout,
    "order.cancel": cancel,
    "order.pending": pending,
    "deliveryorder.query": query_delivery,
    "orderprocess.query": query_process,
}
"""Those about outbound orders and about documents of any kind; `shelves` has the others."""
