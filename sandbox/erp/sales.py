"""Sales: quote, confirm and what confirming sets off: the shipment and the invoice."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.erp import invoices
from sandbox.erp.computed import moves_of_line
from sandbox.erp.desk import Desk, sale_note
from sandbox.erp.faults import UserError
from sandbox.erp.goods import add, today

SALE = "sale.sale"
LEAVES = "stock.shipment.out"
COMES_BACK = "stock.shipment.out.return"


def quote(desk: Desk, ids: list[int]) -> None:
    desk.insist(SALE, ids, "quote", ["draft"])
    for number in ids:
        row, name = desk.store.row(SALE, number), desk.store.name(SALE, number)
        for field in ("invoice_address", "shipment_address"):
            if row[field] is None:
                wanted = field.replace("_", " ")
                raise UserError(f'To get a quote for sale "{name}" you must enter an {wanted}.')
        for line in desk.store.by("sale.line", "sale", number):
            check_line(desk, name, line, row["warehouse"])
        if row["number"] is None:
            desk.store.put(SALE, number, "number", desk.number(SALE))
        desk.move_on(SALE, number, "quotation")


def check_line(desk: Desk, sale: str, line: int, warehouse: int | None) -> None:
    row = desk.store.row("sale.line", line)
    if row["type"] != "line":
        return
    name = desk.store.name("sale.line", line)
    for field in ("quantity", "unit_price"):
        if row[field] is None:
            raise UserError(f'A value is required for field "{field}" in "{name}" of "Sale Line".')
    if row["product"] is not None and row["unit"] is None:
        raise UserError(f'A value is required for field "Unit" in "{name}" of "Sale Line".')
    if warehouse is None and is_goods(desk, row["product"]):
        raise UserError(f'To quote sale "{sale}" you must enter a warehouse for the line "{name}".')


def is_goods(desk: Desk, product: int | None) -> bool:
    if product is None:
        return False
    return bool(desk.store.value("product.product", product, "type", {}) == "goods")


def confirm(desk: Desk, ids: list[int]) -> None:
    desk.insist(SALE, ids, "confirm", ["quotation"])
    for number in ids:
        if desk.store.row(SALE, number)["sale_date"] is None:
            desk.store.put(SALE, number, "sale_date", today())
        desk.move_on(SALE, number, "confirmed")
    process(desk, ids)  # without a queue worker the server does so at the end of the same call


def process(desk: Desk, ids: list[int]) -> None:
    desk.insist(SALE, ids, "process", ["confirmed", "processing"])
    for number in ids:
        fresh = desk.state(SALE, number) == "confirmed"
        if fresh:
            desk.move_on(SALE, number, "processing")
        if desk.store.row(SALE, number)["shipment_method"] == "order":
            ship(desk, number)
        invoices.bill(desk, number)
        if fresh:
            note = sale_note(desk, number)
            desk.note("sale_processing", note["reference"] or str(number), note)
        elif is_settled(desk, number):
            desk.move_on(SALE, number, "done")


def is_settled(desk: Desk, sale: int) -> bool:
    """All that was to go has gone, all that was billed is paid; or both were called off."""
    states = [desk.store.value(SALE, sale, f"{it}_state", {}) for it in ("shipment", "invoice")]
    return states[0] in {"none", "sent"} and states[1] in {"none", "paid"}


def cancel(desk: Desk, ids: list[int]) -> None:
    desk.insist(SALE, ids, "cancel", ["draft", "quotation", "confirmed"])
    for number in ids:
        desk.move_on(SALE, number, "cancelled")
        note = sale_note(desk, number)
        desk.note("sale_cancelled", note["reference"] or str(number), note)


def back_to_draft(desk: Desk, ids: list[int]) -> None:
    desk.insist(SALE, ids, "draft", ["cancelled", "quotation"])
    for number in ids:
        desk.move_on(SALE, number, "draft")


def check_delete(desk: Desk, ids: Iterable[int]) -> None:
    for number in desk.store.existing(SALE, ids):
        if desk.state(SALE, number) not in {"draft", "quotation", "cancelled"}:
            name = desk.store.name(SALE, number)
            raise UserError(f'To delete sale "{name}" you must cancel it.')


def ship(desk: Desk, sale: int) -> None:
    """A shipment for the goods that no move carries yet; negative pieces come back."""
    for model, comes_back in ((LEAVES, False), (COMES_BACK, True)):
        wanted = [
            (line, pieces)
            for line in desk.store.by("sale.line", "sale", sale)
            if (pieces := unmoved(desk, line)) and (pieces < 0) == comes_back
        ]
        if wanted:
            make_shipment(desk, model, sale, wanted)


def unmoved(desk: Desk, line: int) -> float:
    row = desk.store.row("sale.line", line)
    if row["type"] != "line" or not is_goods(desk, row["product"]):
        return 0.0
    moves = [desk.store.row("stock.move", it) for it in moves_of_line(desk.store, line)]
    counted = [it for it in moves if it.get("_handled") != "recreate"]  # else it comes again
    moved = sum(float(it["quantity"]) for it in counted)
    pieces = float(row["quantity"])
    return pieces - moved if pieces >= 0 else pieces + moved


def make_shipment(desk: Desk, model: str, sale: int, wanted: list[tuple[int, float]]) -> None:
    row, day = desk.store.row(SALE, sale), today()
    address = "delivery_address" if model == LEAVES else "contact_address"
    shipment = desk.store.create(model, {
        "customer": row["shipment_party"] or row["party"], address: row["shipment_address"],
        "warehouse": row["warehouse"], "company": row["company"], "planned_date": day,
        "number": desk.number(model), "state": "waiting" if model == LEAVES else "draft",
    })  # fmt: skip
    outside = [make_move(desk, (model, shipment), line, pieces, day) for line, pieces in wanted]
    if model == LEAVES:
        for move in outside:
            make_inventory_move(desk, shipment, move, day)


def make_move(desk: Desk, shipment: tuple[str, int], line: int, pieces: float, day: date) -> int:
    row, places = desk.store.row("sale.line", line), desk.places
    sale = desk.store.row(SALE, row["sale"])
    leaves = shipment[0] == LEAVES
    ends = ("OUT", "CUS") if leaves else ("CUS", "IN")
    values: dict[str, Any] = {
        "product": row["product"], "quantity": abs(pieces), "unit": row["unit"],
        "from_location": places[ends[0]], "to_location": places[ends[1]],
        "shipment": f"{shipment[0]},{shipment[1]}", "origin": f"sale.line,{line}",
        "planned_date": day, "company": sale["company"],
        "unit_price": row["unit_price"] or Decimal(0), "currency": sale["currency"],
    }  # fmt: skip
    return desk.store.create("stock.move", values)


def make_inventory_move(desk: Desk, shipment: int, outgoing: int, day: date) -> None:
    row = desk.store.row("stock.move", outgoing)
    move = desk.store.create("stock.move", {
        "product": row["product"], "quantity": row["quantity"], "unit": row["unit"],
        "from_location": desk.places["STO"], "to_location": desk.places["OUT"],
        "shipment": f"{LEAVES},{shipment}", "origin": f"stock.move,{outgoing}",
        "planned_date": day, "company": row["company"],
    })  # fmt: skip
    desk.store.put("stock.move", move, "_planned", float(row["quantity"]))
    add(desk.store, row["product"], "planned", float(row["quantity"]))


def give_back(desk: Desk, ids: Iterable[int]) -> list[int]:
    """The wizard sale.return_sale: a draft of each sale with its pieces negative."""
    made = []
    for number in desk.store.existing(SALE, ids):
        row = desk.store.row(SALE, number)
        kept = (
            "party", "invoice_party", "shipment_party", "invoice_address", "shipment_address",
            "reference", "currency", "company", "warehouse", "payment_term", "invoice_method",
            "shipment_method",
        )  # fmt: skip
        copy = {name: row[name] for name in kept}
        back = desk.store.create(SALE, {**copy, "origin": f"{SALE},{number}"})
        for line in desk.store.by("sale.line", "sale", number):
            copy_line(desk, line, back)
        made.append(back)
    return made


def copy_line(desk: Desk, line: int, sale: int) -> None:
    row = desk.store.row("sale.line", line)
    kept = ("type", "product", "description", "unit", "unit_price", "sequence", "note")
    values = {name: row[name] for name in kept}
    pieces = -row["quantity"] if row["quantity"] else row["quantity"]
    taxes = [["add", list(row["taxes"])]] if row["taxes"] else []
    more = {"quantity": pieces, "taxes": taxes, "sale": sale, "origin": f"sale.line,{line}"}
    desk.store.create("sale.line", {**values, **more})
