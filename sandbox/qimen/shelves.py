"""What the warehouse answers about its shelves: articles, levels, and goods to come."""

from collections.abc import Callable, Iterator

from sandbox.qimen.book import Notice, row
from sandbox.qimen.methods import METHODS as OF_ORDERS
from sandbox.qimen.methods import Failure, House, check_lines, check_place, success
from sandbox.qimen.wire import Tree


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
    return success(itemId=item_id(items[0]["itemCode"]) if len(items) == 1 else None)


def item_id(code: str) -> str:
    return f"I-{code}"


def sync_kit(house: House, tree: Tree) -> Tree:
    """A kit is known as an article first; its components need not be."""
    check_place(house, tree.get("warehouseCode"))
    code = tree["itemCode"]
    if not house.book.stock.knows(code):
        raise Failure("isv.item-not-exist", f"itemCode {code} is not known")
    if house.book.kits.get(code) != tree:
        house.book.kits[code] = tree
        house.note("kit", code, tree)
    return success()


def query_item(house: House, tree: Tree) -> Tree:
    code = str(tree.get("itemCode"))
    if code not in house.book.items:
        raise Failure("isv.item-not-exist", f"itemCode {code} is not known")
    return success(item={**house.book.items[code], "itemId": item_id(code)})


def query_stock(house: House, tree: Tree) -> Tree:
    """`quantity` is what is not frozen, as the description has it; the frozen stands beside it."""
    return success(items=[row for wanted in tree["criteriaList"] for row in shelf(house, wanted)])


def query_batches(house: House, tree: Tree) -> Tree:
    """One article, page by page."""
    rows, size = list(shelf(house, tree)), int(tree["pageSize"])
    first = (int(tree["page"]) - 1) * size
    return success(totalCount=len(rows), items=rows[first : first + size])


def shelf(house: House, wanted: Tree) -> Iterator[Tree]:
    check_place(house, wanted.get("warehouseCode"))
    code = wanted["itemCode"]
    kept = house.book.stock.shelves.get(code)
    for quality, pieces in kept.pieces.items() if kept else ():
        if wanted.get("inventoryType") in {None, quality}:
            frozen = kept.locked if kept and quality == "ZP" else 0
            yield {
                "warehouseCode": wanted.get("warehouseCode") or house.book.place,
                "itemCode": code, "itemId": item_id(code), "inventoryType": quality,
                "quantity": pieces - frozen, "lockQuantity": frozen,
            }  # fmt: skip


def create_entry(house: House, tree: Tree) -> Tree:
    order = tree["entryOrder"]
    check_place(house, order["warehouseCode"])
    notice = keep(house, "entryorder", order["entryOrderCode"], tree)
    return success(entryOrderId=notice.wms_id)


def create_return(house: House, tree: Tree) -> Tree:
    order = tree["returnOrder"]
    check_place(house, order["warehouseCode"])
    notice = keep(house, "returnorder", order["returnOrderCode"], tree)
    return success(returnOrderId=notice.wms_id)


def keep(house: House, family: str, code: str, tree: Tree) -> Notice:
    """The same code again answers as the first time and changes nothing, unless it was canceled."""
    check_lines(house, tree["orderLines"])
    known = house.book.notices.get(code)
    if known is not None and known.state != "CANCELED":
        return known
    rows = [row(line) for line in tree["orderLines"]]
    notice = Notice(code, house.book.new_id("IN"), tree, rows, family)
    house.book.notices[code] = notice
    house.book.place, house.book.owner = notice.head["warehouseCode"], rows[0].owner
    house.book.step(code, "NEW")
    house.note(KINDS[family], code, tree)
    house.created(code)
    return notice


KINDS = {"entryorder": "entry_order", "returnorder": "return_order"}


def query_entry(house: House, tree: Tree) -> Tree:
    notice = house.book.notices.get(tree["entryOrderCode"])
    if notice is None or notice.family != "entryorder":
        raise Failure("isv.order-not-exist", f"{tree['entryOrderCode']} is not known")
    head = notice.head
    order = {
        "entryOrderCode": notice.code, "ownerCode": head["ownerCode"],
        "warehouseCode": head["warehouseCode"], "entryOrderId": notice.wms_id,
        "entryOrderType": head.get("orderType"), "status": notice.state,
    }  # fmt: skip
    lines = [
        {
            "orderLineNo": it.number, "itemCode": it.item, "planQty": it.planned,
            "actualQty": it.done, "inventoryType": it.quality,
        }
        for it in notice.rows
    ]  # fmt: skip
    return success(totalLines=len(lines), entryOrder=order, orderLines=lines)


METHODS: dict[str, Callable[[House, Tree], Tree]] = {
    **OF_ORDERS,
    "singleitem.synchronize": sync_one,
    "items.synchronize": sync_many,
    "combineitem.synchronize": sync_kit,
    "singleitem.query": query_item,
    "inventory.query": query_stock,
    "stock.query": query_batches,
    "entryorder.create": create_entry,
    "entryorder.query": query_entry,
    "returnorder.create": create_return,
}
"""All that can be called."""
