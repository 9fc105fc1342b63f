"""Shipments out and customer returns: wait, assign, pick, pack, do."""

from collections.abc import Callable

from sandbox.erp import sales
from sandbox.erp.computed import origin_sales, sales_of_shipment
from sandbox.erp.desk import Desk, pieces_text
from sandbox.erp.goods import add, balance, today

OUT = "stock.shipment.out"
BACK = "stock.shipment.out.return"


def inventory(desk: Desk, shipment: int) -> list[int]:
    return list(desk.store.value(OUT, shipment, "inventory_moves", {}))


def outgoing(desk: Desk, shipment: int) -> list[int]:
    return list(desk.store.value(OUT, shipment, "outgoing_moves", {}))


def wait(desk: Desk, ids: list[int]) -> None:
    desk.insist(OUT, ids, "wait", ["draft", "assigned"])
    for shipment in ids:
        if desk.state(OUT, shipment) == "draft":
            if desk.store.row(OUT, shipment)["number"] is None:
                desk.store.put(OUT, shipment, "number", desk.number(OUT))
            for move in outgoing(desk, shipment):
                sales.make_inventory_move(desk, shipment, move, today())
        else:
            for move in inventory(desk, shipment):
                reserve(desk, move, -1)
                desk.move_on("stock.move", move, "draft")
        desk.move_on(OUT, shipment, "waiting")


def assign_try(desk: Desk, ids: list[int]) -> None:
    """All of a shipment's moves or none; answers nothing either way, its state tells."""
    desk.insist(OUT, ids, "assign_try", ["waiting"])
    for shipment in ids:
        if all(is_there(desk, move) for move in inventory(desk, shipment)):
            assign(desk, shipment)


def assign_force(desk: Desk, ids: list[int]) -> None:
    desk.insist(OUT, ids, "assign_force", ["waiting"])
    for shipment in ids:
        assign(desk, shipment)


def is_there(desk: Desk, move: int) -> bool:
    row = desk.store.row("stock.move", move)
    product = row["product"]
    free = balance(desk.store, product, "pieces") - balance(desk.store, product, "assigned")
    return bool(row["quantity"] <= free)


def assign(desk: Desk, shipment: int) -> None:
    for move in inventory(desk, shipment):
        reserve(desk, move, 1)
        desk.move_on("stock.move", move, "assigned")
    desk.move_on(OUT, shipment, "assigned")


def reserve(desk: Desk, move: int, sign: int) -> None:
    row = desk.store.row("stock.move", move)
    add(desk.store, row["product"], "assigned", sign * float(row["quantity"]))


def pick(desk: Desk, ids: list[int]) -> None:
    """The inventory moves are done: the goods stand at the output."""
    desk.insist(OUT, ids, "pick", ["assigned"])
    for shipment in ids:
        for move in inventory(desk, shipment):
            reserve(desk, move, -1)
            unplan(desk, move)
            finish_move(desk, move)
            follow(desk, move)
        desk.move_on(OUT, shipment, "picked")


def unplan(desk: Desk, move: int) -> None:
    row = desk.store.row("stock.move", move)
    add(desk.store, row["product"], "planned", -float(row.get("_planned") or 0.0))


def follow(desk: Desk, move: int) -> None:
    """What leaves is what was picked: the outgoing move takes over the picked quantity."""
    row = desk.store.row("stock.move", move)
    model, _, number = str(row["origin"] or "").partition(",")
    if model == "stock.move":
        desk.store.put("stock.move", int(number), "quantity", row["quantity"])
        desk.store.stamp("stock.move", int(number))


def finish_move(desk: Desk, move: int) -> None:
    desk.store.put("stock.move", move, "effective_date", today())
    desk.move_on("stock.move", move, "done")


def pack(desk: Desk, ids: list[int]) -> None:
    """Asks for confirmation where fewer or more goods leave than were picked."""
    desk.insist(OUT, ids, "pack", ["picked"])
    for shipment in ids:
        differing = differences(desk, shipment)
        if differing:
            name = desk.store.name(OUT, shipment)
            listed = ", ".join(
                f"{product}: {pieces}\N{NO-BREAK SPACE}u" for product, pieces in differing
            )
            message = f'The quantities of shipment "{name}" are different by {listed}.'
            desk.warn("check_quantity_product", f"{OUT},{shipment}", message)
        for move in outgoing(desk, shipment):
            desk.move_on("stock.move", move, "assigned")
        desk.move_on(OUT, shipment, "packed")


def differences(desk: Desk, shipment: int) -> list[tuple[str, float]]:
    sums: dict[int, float] = {}
    for moves, sign in ((outgoing(desk, shipment), 1), (inventory(desk, shipment), -1)):
        for move in moves:
            row = desk.store.row("stock.move", move)
            product = row["product"]
            sums[product] = sums.get(product, 0.0) + sign * float(row["quantity"])
    return [(desk.store.name("product.product", it), gap) for it, gap in sums.items() if gap]


def do(desk: Desk, ids: list[int]) -> None:
    """The goods have left; what is lacking gets a shipment of its own."""
    desk.insist(OUT, ids, "do", ["packed"])
    for shipment in ids:
        for move in outgoing(desk, shipment):
            row = desk.store.row("stock.move", move)
            add(desk.store, row["product"], "pieces", -float(row["quantity"]))
            finish_move(desk, move)
        close(desk, OUT, shipment, "shipment")


def close(desk: Desk, model: str, shipment: int, kind: str) -> None:
    desk.store.put(model, shipment, "effective_date", today())
    desk.move_on(model, shipment, "done")
    rows = [desk.store.row("stock.move", it) for it in customer_moves(desk, model, shipment)]
    of = origin_sales(desk.store, (row["origin"] for row in rows))
    references = [desk.store.row("sale.sale", it)["reference"] for it in of]
    document = {
        "id": shipment,
        "number": desk.store.row(model, shipment)["number"],
        "tracking": desk.store.row(model, shipment)["reference"],
        "sales": references,
        "lines": [
            {
                "product": desk.store.row("product.product", row["product"])["code"],
                "quantity": pieces_text(row["quantity"]),
            }
            for row in rows
        ],
    }
    desk.note(kind, ", ".join(str(it) for it in references), document)
    sales.process(desk, [it for it in of if desk.state("sale.sale", it) == "processing"])


def customer_moves(desk: Desk, model: str, shipment: int) -> list[int]:
    if model == OUT:
        return outgoing(desk, shipment)
    return desk.store.by("stock.move", "shipment", f"{model},{shipment}")


def cancel(desk: Desk, ids: list[int]) -> None:
    desk.insist(OUT, ids, "cancel", ["draft", "waiting", "assigned", "picked", "packed"])
    for shipment in ids:
        planned = desk.state(OUT, shipment) in {"waiting", "assigned"}
        for move in inventory(desk, shipment):
            row = desk.store.row("stock.move", move)
            if row["state"] == "assigned":
                reserve(desk, move, -1)
            if planned:
                unplan(desk, move)
            desk.move_on("stock.move", move, "cancelled")
        for move in outgoing(desk, shipment):
            desk.move_on("stock.move", move, "cancelled")
        desk.move_on(OUT, shipment, "cancelled")
        references = [
            desk.store.row("sale.sale", it)["reference"]
            for it in sales_of_shipment(desk.store, f"{OUT},{shipment}")
        ]
        desk.note("shipment_cancelled", ", ".join(map(str, references)), {"id": shipment})


def receive(desk: Desk, ids: list[int]) -> None:
    desk.insist(BACK, ids, "receive", ["draft"])
    for shipment in ids:
        for move in customer_moves(desk, BACK, shipment):
            row = desk.store.row("stock.move", move)
            add(desk.store, row["product"], "pieces", float(row["quantity"]))
            finish_move(desk, move)
        desk.move_on(BACK, shipment, "received")


def do_return(desk: Desk, ids: list[int]) -> None:
    desk.insist(BACK, ids, "do", ["received"])
    for shipment in ids:
        close(desk, BACK, shipment, "return")


Button = Callable[[Desk, list[int]], None]
BUTTONS: dict[str, dict[str, Button]] = {
    OUT: {
        "wait": wait, "assign_try": assign_try, "assign_force": assign_force, "pick": pick,
        "pack": pack, "do": do, "cancel": cancel,
    },
    BACK: {"receive": receive, "do": do_return},
}  # fmt: skip
