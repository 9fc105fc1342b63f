"""What left and what came: pickings with our reference, validated as told.

`button_validate` answers true, or a question: only the state afterwards says whether it is done.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from adapters.odoo.lookup import Lookup, exact, related
from adapters.odoo.rpc import Odoo
from adapters.odoo.sales import Sales
from adapters.odoo.settings import Settings
from adapters.ports import Receipt
from hub.model.document import pieces
from hub.model.errors import AlreadyDone, Rejected
from mappings.kit.ledger_lines import Delivered, Moved, Movement

Row = dict[str, Any]
PICKING, MOVE, LINE = "stock.picking", "stock.move", "sale.order.line"
NOTHING = "nothing to book: no pieces moved"
_ENDED = ["done", "cancel"]


class Stock:
    """One company's goods."""

    def __init__(self, odoo: Odoo, lookup: Lookup, settings: Settings, sales: Sales) -> None:
        self._odoo, self._lookup, self._settings, self._sales = odoo, lookup, settings, sales

    def ship(self, left: Delivered) -> Receipt:
        """Validate the delivery of what left; the rest stays open unless the order is complete."""
        sale = self._sales.known(left["order"])
        pickings = self._deliveries(int(sale["id"]))
        known = _by_note(pickings, left["own"])
        if known and known["state"] == "done":
            raise AlreadyDone(f"{known['name']} is done", reference=str(known["name"]))
        picking = known or next((it for it in pickings if it["state"] not in _ENDED), None)
        if picking is None:
            raise Rejected(f"{sale['name']} has no open delivery", code="differs_at_partner")
        moves = self._moves(int(picking["id"]), ["product_uom_qty", "sale_line_id"])
        shares = self._shares(int(sale["id"]), left)
        told: Row = {"note": left["own"], "move_ids": self._counted(moves, shares)}
        numbers = left["reference"].partition(" ")[2]
        if self._settings.tracking_field and numbers:
            told[self._settings.tracking_field] = numbers
        self._odoo.write(PICKING, [int(picking["id"])], told)
        return self._validate(int(picking["id"]), rest=not left["order_complete"])

    def shipped(self, left: Delivered) -> Receipt | None:
        """The delivery with our reference, once it is done."""
        sale = self._sales.found(left["order"])
        known = _by_note(self._deliveries(int(sale["id"])), left["own"]) if sale else None
        return Receipt(str(known["name"])) if known and known["state"] == "done" else None

    def move(self, it: Movement) -> Receipt:
        """Book what came, or is gone. AlreadyDone where all of it is booked."""
        if self.moved(it):
            raise AlreadyDone("it is booked", reference=self._names(it))
        for origin, some in _directions(it):
            known = self._picking(origin)
            if known is None or known["state"] != "done":
                self._book(origin, it, some, known)
        return Receipt(self._names(it))

    def moved(self, it: Movement) -> Receipt | None:
        """What was made of it, once all is done."""
        there = [self._picking(origin) for origin, _ in _directions(it)]
        done = all(row is not None and row["state"] == "done" for row in there)
        return Receipt(self._names(it)) if done else None

    def _names(self, it: Movement) -> str:
        rows = [self._picking(origin) for origin, _ in _directions(it)]
        return ", ".join(str(row["name"]) for row in rows if row) or NOTHING

    def _book(self, origin: str, it: Movement, some: list[Moved], known: Row | None) -> None:
        """Through a picking of its own; one that was left half done goes on."""
        if known is None:
            articles = [self._lookup.article(one.sku, "lines") for one in some]
            place = self._lookup.warehouse(it["warehouse"])
            kind = "int_type_id" if it["origin"] == "count" else "in_type_id"
            virtual, kept = self._lookup.outside(it["origin"]), related(place["lot_stock_id"])
            lost = virtual if it["origin"] == "count" else self._lookup.outside("count")
            ways = [_way(one, virtual, kept, lost) for one in some]
            number = self._odoo.create(
                PICKING,
                {
                    "picking_type_id": related(place[kind]),
                    "origin": origin,
                    "note": it["about"],
                    "location_id": ways[0][0],
                    "location_dest_id": ways[0][1],
                    "move_ids": [
                        [0, 0, self._new(article, one, way)]
                        for article, one, way in zip(articles, some, ways, strict=True)
                    ],
                },
            )
        else:
            number = int(known["id"])
        if known is None or known["state"] == "draft":
            self._odoo.call(PICKING, "action_confirm", [number])
        moves = self._moves(number, ["product_uom_qty"])
        whole = {int(row["id"]): Decimal(1) for row in moves}
        counted = self._counted([{**it, "sale_line_id": [it["id"]]} for it in moves], whole)
        self._odoo.write(PICKING, [number], {"move_ids": counted})
        self._validate(number, rest=False)

    def _new(self, article: int, one: Moved, way: tuple[int, int]) -> Row:
        values = {"product_id": article, "product_uom_qty": float(abs(one.pieces))}
        name = {"name": one.sku} if self._settings.release < 19 else {}
        return {**values, **name, "location_id": way[0], "location_dest_id": way[1]}

    def _picking(self, origin: str) -> Row | None:
        domain = [["origin", "=", origin], ["state", "!=", "cancel"]]
        return next(iter(self._odoo.rows(PICKING, domain, ["name", "state"], limit=1)), None)

    def _deliveries(self, sale: int) -> list[Row]:
        domain = [["sale_id", "=", sale], ["picking_type_code", "=", "outgoing"]]
        return self._odoo.rows(PICKING, domain, ["name", "state", "note"])

    def _moves(self, picking: int, fields: list[str]) -> list[Row]:
        domain = [["picking_id", "=", picking], ["state", "not in", _ENDED]]
        return self._odoo.rows(MOVE, domain, fields)

    def _shares(self, sale: int, left: Delivered) -> dict[int, Decimal]:
        """Line of the sale -> which part of what is open on it left. A kit's line is one line,
        whatever its picking holds.
        """
        fields = ["product_id", "product_uom_qty", "qty_delivered"]
        rows = self._odoo.rows(LINE, [["order_id", "=", sale]], fields)
        codes = self._sales.codes([related(row["product_id"]) for row in rows])
        shares = {int(row["id"]): Decimal(0) for row in rows}
        for sku, quantity in left["pieces"]:
            wanted, code = quantity, self._lookup.code(sku)
            for row in rows:
                is_open = exact(row["product_uom_qty"]) - exact(row["qty_delivered"])
                if codes.get(related(row["product_id"])) == code and is_open > 0 and wanted:
                    taken = min(wanted, is_open)
                    shares[int(row["id"])], wanted = taken / is_open, wanted - taken
            if wanted:
                words = f"{pieces(quantity)} of {sku} left, {pieces(wanted)} more than are open"
                raise Rejected(words, path="packages", code="differs_at_partner")
        return shares

    def _counted(self, moves: list[Row], shares: Mapping[int, Decimal]) -> list[Any]:
        told = []
        for row in moves:
            share = shares.get(related(row["sale_line_id"]), Decimal(0))
            count = float(exact(row["product_uom_qty"]) * share)
            values: Row = {"quantity": count, "picked": bool(count)}
            if self._settings.release < 17:
                values = {"quantity_done": count}
            told.append([1, int(row["id"]), values])
        return told

    def _validate(self, picking: int, *, rest: bool) -> Receipt:
        context = {
            "skip_backorder": True,
            "picking_ids_not_to_backorder": [] if rest else [picking],
            "skip_immediate": True,
            "skip_sms": True,
        }
        said = self._odoo.call(PICKING, "button_validate", [picking], context=context)
        now = self._odoo.record(PICKING, picking, ["name", "state"])
        if now["state"] != "done":
            asked = said.get("res_model") if isinstance(said, dict) else said
            words = f"Odoo did not validate {now['name']}: it is {now['state']}, asked {asked}"
            raise Rejected(words, code="warning")
        return Receipt(str(now["name"]))


def _by_note(pickings: list[Row], own: str) -> Row | None:
    """The delivery that our reference was noted on: as text, or as HTML."""
    return next((it for it in pickings if own in _words(it["note"] or "")), None)


def _words(note: str) -> list[str]:
    return note.replace("<", " <").replace(">", "> ").split()


def _directions(it: Movement) -> list[tuple[str, list[Moved]]]:
    """What came in under our reference, and what is gone under that with a word more."""
    more = [one for one in it["moved"] if one.pieces > 0]
    fewer = [one for one in it["moved"] if one.pieces < 0]
    ways = [(it["reference"], more), (f"{it['reference']}/out", fewer)]
    return [way for way in ways if way[1]]


def _way(one: Moved, virtual: int, kept: int, lost: int) -> tuple[int, int]:
    """From where to where. What cannot be sold never comes to stock: it is written off."""
    if one.pieces < 0:
        return kept, virtual
    return virtual, kept if one.good else lost
