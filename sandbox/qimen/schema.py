"""What each call to the warehouse must hold: mandatory fields and forms, as the API describes them.

A path names a field from the request down; `[]` enters every entry of a list that must not be
empty, `?` a group that may be left out but not half filled in. Sender and receiver of an inbound
notice are not checked: real systems leave their mandatory fields empty.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from sandbox.qimen.wire import Tree, read_clock

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
Needs = dict[tuple[str, str], "Needs"]

PERSON = ("name", "mobile", "province", "city", "detailAddress")
ITEM = ("itemCode", "itemName", "barCode", "itemType")

REQUIRED: dict[str, tuple[str, ...]] = {
    "deliveryorder.create": (
        *(f"deliveryOrder.{name}" for name in (
            "deliveryOrderCode", "orderType", "warehouseCode", "createTime", "placeOrderTime",
            "operateTime", "shopNick", "logisticsCode",
        )),
        *(f"deliveryOrder.senderInfo?.{name}" for name in PERSON),
        *(f"deliveryOrder.receiverInfo.{name}" for name in PERSON),
        *(f"orderLines[].{name}" for name in ("ownerCode", "itemCode", "planQty", "actualPrice")),
    ),
    "stockout.create": (
        *(f"deliveryOrder.{name}" for name in (
            "deliveryOrderCode", "orderType", "warehouseCode", "createTime",
        )),
        *(f"deliveryOrder.senderInfo?.{name}" for name in PERSON),
        *(f"deliveryOrder.receiverInfo?.{name}" for name in PERSON),
        *(f"orderLines[].{name}" for name in ("ownerCode", "itemCode", "planQty")),
    ),
    "order.cancel": ("warehouseCode", "orderCode"),
    "order.pending": ("actionType", "warehouseCode", "orderCode"),
    "deliveryorder.query": ("orderCode", "page", "pageSize"),
    "entryorder.query": ("entryOrderCode", "page", "pageSize"),
    "orderprocess.query": ("orderCode",),
    "singleitem.query": (),
    "stock.query": ("itemCode", "page", "pageSize"),
    "combineitem.synchronize": (
        "itemCode", "ownerCode",
        *(f"items[].{name}" for name in ("itemCode", "itemId", "quantity")),
    ),
    "singleitem.synchronize": (
        "actionType", "warehouseCode", "ownerCode", *(f"item.{name}" for name in ITEM),
    ),
    "items.synchronize": (
        "actionType", "warehouseCode", "ownerCode", *(f"items[].{name}" for name in ITEM),
    ),
    "inventory.query": ("criteriaList[].itemCode",),
    "entryorder.create": (
        "entryOrder.entryOrderCode", "entryOrder.ownerCode", "entryOrder.warehouseCode",
        "orderLines[].ownerCode", "orderLines[].itemCode", "orderLines[].planQty",
    ),
    "returnorder.create": (
        "returnOrder.returnOrderCode", "returnOrder.warehouseCode",
        "returnOrder.preDeliveryOrderCode", "returnOrder.logisticsCode",
        "orderLines[].ownerCode", "orderLines[].itemCode", "orderLines[].planQty",
        "orderLines[].orderFlag", "orderLines[].returnReason",
    ),
}  # fmt: skip

WHOLE = {"planQty", "page", "pageSize", "quantity", "totalOrderLines"}  # above zero
TIMES = {"createTime", "placeOrderTime", "payTime", "operateTime", "orderCreateTime",
         "expectStartTime", "expectEndTime", "latestDeliveryTime"}  # fmt: skip
DAYS = {"productDate", "expireDate", "scheduleDate"}
FLAGS = {"isSNMgmt", "isBatchMgmt", "isShelfLifeMgmt", "isValid", "isSku"}
AMOUNTS = {"actualPrice", "retailPrice", "totalAmount", "itemAmount", "discountAmount", "freight",
           "arAmount", "gotAmount", "serviceFee", "purchasePrice", "tagPrice", "length", "width",
           "height", "grossWeight", "shelfLife"}  # fmt: skip
CODES: dict[str, set[str]] = {
    "actionType": {"add", "update", "pending", "restore"},
    "inventoryType": {"ZP", "CC", "JS", "XS", "ZT"},
}
ORDER_TYPES = {
    "deliveryorder.create": {"JYCK", "HHCK", "BFCK", "PTCK", "QTCK"},
    "stockout.create": {"PTCK", "DBCK", "B2BCK", "QTCK", "CGTH", "XNCK", "JITCK", "SCCK"},
    "entryorder.create": {"CGRK", "DBRK", "QTRK", "B2BRK", "SCRK", "LYRK", "CCRK", "THRK", "XTRK"},
    "returnorder.create": {"THRK", "XTRK", "HHRK"},
}
TYPE_PATHS = {"deliveryOrder.orderType", "entryOrder.orderType", "returnOrder.orderType"}


def faults(method: str, tree: Tree) -> list[str]:
    """What is missing or in a wrong form, each with its path; empty when all is well."""
    missing = [f"{path} is required" for path in absent(tree, needs(method))]
    return missing + list(misformed(method, tree))


@lru_cache(maxsize=32)
def needs(method: str) -> Needs:
    """The mandatory paths of a method as a tree: (name, mark) -> what is needed below."""
    tree: Needs = {}
    for path in REQUIRED[method]:
        place = tree
        for step in path.split("."):
            name = step.rstrip("[]?")
            place = place.setdefault((name, step[len(name) :]), {})
    return tree


def absent(node: Any, wanted: Needs, path: str = "") -> Iterator[str]:
    """Every place where something is needed and nothing stands."""
    for (name, mark), below in wanted.items():
        value = node.get(name) if isinstance(node, dict) else None
        if mark == "[]":
            entries = value if isinstance(value, list) and value else [None]
            for index, entry in enumerate(entries):
                yield from absent(entry, below, f"{path}{name}.{index}.")
        elif below:
            if value or mark != "?":
                yield from absent(value, below, f"{path}{name}.")
        elif value is None:
            yield f"{path}{name}"


def misformed(method: str, node: Any, path: str = "") -> Iterator[str]:
    if isinstance(node, list):
        for index, entry in enumerate(node):
            yield from misformed(method, entry, f"{path}.{index}")
    elif isinstance(node, dict):
        for name, value in node.items():
            here = f"{path}.{name}" if path else name
            if isinstance(value, str):
                yield from misformed_text(method, name, here, value)
            elif name != "extendProps":
                yield from misformed(method, value, here)


def misformed_text(method: str, name: str, path: str, value: str) -> Iterator[str]:
    if name in WHOLE and not (value.isascii() and value.isdigit() and int(value) > 0):
        yield f"{path} must be a whole number above 0, got {value!r}"
    elif name in TIMES and read_clock(value) is None:
        yield f"{path} must be a time like 2026-11-22 10:00:00, got {value!r}"
    elif name in DAYS and DAY.fullmatch(value) is None:
        yield f"{path} must be a day like 2026-11-22, got {value!r}"
    elif name in FLAGS and value not in {"Y", "N"}:
        yield f"{path} must be Y or N, got {value!r}"
    elif name in AMOUNTS and not is_amount(value):
        yield f"{path} must be an amount, got {value!r}"
    elif name in CODES and value not in CODES[name]:
        yield f"{path} must be one of {sorted(CODES[name])}, got {value!r}"
    elif path in TYPE_PATHS and value not in ORDER_TYPES.get(method, {value}):
        yield f"{path} must be one of {sorted(ORDER_TYPES[method])}, got {value!r}"


def is_amount(value: str) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False
