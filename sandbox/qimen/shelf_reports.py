"""What the warehouse says of its shelves without being asked: stock-takes and movements."""

from collections.abc import Mapping
from typing import Any

from sandbox.qimen.book import Book
from sandbox.qimen.wire import Tree, clock


def stocktake(
    book: Book, place: Tree, counted: Mapping[str, int], page_size: int
) -> tuple[str, list[Tree]]:
    """Books what was found: the number of the count, and its differences in pages
    (inventory.report).
    """
    check, rows = book.new_id("CK"), list[dict[str, Any]]()
    for item, pieces in counted.items():
        book.stock.know(item)
        delta = pieces - book.stock.on_hand(item)
        book.stock.change(item, delta)
        row = {"itemCode": item, "inventoryType": "ZP", "quantity": delta}
        rows.append({**row, "totalQty": pieces})
    pages = [rows[at : at + page_size] for at in range(0, len(rows), page_size)]
    head = {
        "totalPage": len(pages), "pageSize": page_size, "checkOrderCode": check,
        "checkTime": clock(), "adjustType": "CHECK", "remark": "stock-take", **place,
    }  # fmt: skip
    return check, [
        {**head, "currentPage": number, "outBizCode": f"{check}-{number}", "items": page}
        for number, page in enumerate(pages, start=1)
    ]


def movement(book: Book, place: Tree, item: str, delta: int, quality: str) -> tuple[str, Tree]:
    """A movement that no document of the ERP side caused (stockchange.report), with its number."""
    number = book.new_id("SC")
    book.stock.know(item)
    book.stock.change(item, delta, quality)
    row = {
        "orderCode": number, "orderType": "QTCK" if delta < 0 else "QTRK", "outBizCode": number,
        "itemCode": item, "inventoryType": quality, "quantity": delta, "changeTime": clock(),
    }  # fmt: skip
    return number, {"items": [{**place, **row}]}
