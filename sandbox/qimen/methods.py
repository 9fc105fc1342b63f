"""What the warehouse answers to each call of the ERP side; the envelope is checked before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.qimen.book import GONE, OPEN, Book, Notice, Task
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
    """The same code again answers as the first time and changes nothing."""
    order = tree["deliveryOrder"]
    check_place(house, order["warehouseCode"])
    check_lines(house, tree["orderLines"])
    task = house.book.tasks.get(order["deliveryOrderCode"])
    if task is None:
        task = house.book.open_task(tree)
        house.note("delivery_order", task.code, tree)
        house.created(task.code)
    elif task.state == "CANCELED":
        raise Failure("isv.order-canceled", f"{task.code} was canceled before")
    return success(
        createTime=task.created,
        deliveryOrderId=task.wms_id,
        warehouseCode=order["warehouseCode"],
        logisticsCode=task.logistics,
    )


def cancel(house: House, tree: Tree) -> Tree:
    check_place(house, tree["warehouseCode"])
    code = tree["orderCode"]
    found = house.book.tasks.get(code) or house.book.notices.get(code)
    if found is None:
        raise Failure("isv.order-not-exist", f"{code} is not known")
    if found.state == "CANCELED":
        return success()
    if found.state not in OPEN:
        raise Failure("isv.order-cannot-cancel", f"{code} is {found.state}")
    if isinstance(found, Task):
        house.book.drop(found, "CANCELED")
    else:
        found.state = "CANCELED"
    house.note("cancel", code, tree)
    return success()


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


def sync_one(house: House, tree: Tree) -> Tree:
    return sync(house, tree, [tree["item"]])


def sync_many(house: House, tree: Tree) -> Tree:
    return sync(house, tree, tree["items"])


def sync(house: House, tree: Tree, items: list[Tree]) -> Tree:
    check_place(house, tree["warehouseCode"])
    for item in items:
        code = item["itemCode"]
        if house.book.items.get(code) != item:
            house.book.items[code] = item
            house.book.stock.know(code)
            house.note("item", code, item)
    return success(itemId=f"I-{items[0]['itemCode']}" if len(items) == 1 else None)


def query_stock(house: House, tree: Tree) -> Tree:
    found = []
    for wanted in tree["criteriaList"]:
        check_place(house, wanted.get("warehouseCode"))
        shelf = house.book.stock.shelves.get(wanted["itemCode"])
        for quality, pieces in shelf.pieces.items() if shelf else ():
            if wanted.get("inventoryType") in {None, quality}:
                found.append({
                    "warehouseCode": wanted.get("warehouseCode") or house.book.place,
                    "itemCode": wanted["itemCode"], "inventoryType": quality, "quantity": pieces,
                    "lockQuantity": shelf.locked if shelf and quality == "ZP" else 0,
                })  # fmt: skip
    return success(items=found)


def create_entry(house: House, tree: Tree) -> Tree:
    order = tree["entryOrder"]
    check_place(house, order["warehouseCode"])
    notice = keep(house, "entry_order", order["entryOrderCode"], tree)
    return success(entryOrderId=notice.wms_id)


def create_return(house: House, tree: Tree) -> Tree:
    order = tree["returnOrder"]
    check_place(house, order["warehouseCode"])
    notice = keep(house, "return_order", order["returnOrderCode"], tree)
    return success(returnOrderId=notice.wms_id)


def keep(house: House, kind: str, code: str, tree: Tree) -> Notice:
    check_lines(house, tree["orderLines"])
    known = house.book.notices.get(code)
    if known is not None:
        return known
    notice = Notice(code, house.book.new_id("IN"), tree)
    house.book.notices[code] = notice
    house.note(kind, code, tree)
    return notice


METHODS: dict[str, Callable[[House, Tree], Tree]] = {
    "deliveryorder.create": create_delivery,
    "order.cancel": cancel,
    "deliveryorder.query": query_delivery,
    "singleitem.synchronize": sync_one,
    "items.synchronize": sync_many,
    "inventory.query": query_stock,
    "entryorder.create": create_entry,
    "returnorder.create": create_return,
}
