"""Tryton's part of the conformance suite: a small ledger that answers as a Tryton would.

It knows just what the adapter asks for, and every master record that is asked for. The real one
is in the tests.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

from adapters.kit.conformance import STATUSES, Conformance
from adapters.kit.holding import always, fails, holds, same
from adapters.kit.loopback import SILENCE, Asked, Told
from adapters.ports import Adapter, Receipt
from adapters.tryton.refunds import COPIED
from hub.model.document import Document, Source
from hub.model.errors import AlreadyDone, OutcomeUnknown, TryLater
from hub.model.fulfilment import Shipment, ShippedOrder, ShippedOrderLine
from hub.model.order import OrderLine, Refund, SalesOrder, Totals

_AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
_ORDER = SalesOrder(
    source=Source(connection="shop", id="5001"),
    channel_order_id="5001",
    order_number="#1001",
    placed_at=_AT,
    currency="EUR",
    lines=(OrderLine(line_no=1, sku="CUP", quantity=2, unit_price=5, total=10),),
    totals=Totals(items=10, grand_total=10),
)
_SHIPMENT = Shipment(
    source=Source(connection="wh", id="c-1"),
    fulfilment_order_id="F-1",
    shipped_at=_AT,
    order=ShippedOrder(
        channel="shop",
        channel_order_id="5001",
        order_number="#1001",
        merchant="acme",
        warehouse="wh",
        lines=(ShippedOrderLine(line_no=1, sku="CUP", quantity=2),),
        order_complete=True,
    ),
)
_REFUND = Refund(
    source=Source(connection="shop", id="7001"),
    refund_id="7001",
    channel_order_id="5001",
    created_at=_AT,
    currency="EUR",
    amount=5,
)
_READS = frozenset({"login", "get_preferences", "search_read", "read"})
_NEXT = {
    "draft": "draft",
    "quote": "quotation",
    "confirm": "processing",
    "post": "posted",
    "wait": "waiting",
    "assign_try": "assigned",
    "pick": "picked",
    "pack": "packed",
    "do": "done",
}

Row = dict[str, Any]


class Ledger:
    """Records by model and id; buttons move their state."""

    def __init__(self, fault: Told | None = None) -> None:
        """`fault`: what happens at the first call that would write."""
        self._fault = fault
        self._rows: dict[str, dict[int, Row]] = {}
        self._ids = count(1)

    def answer(self, asked: Asked) -> Told:
        """A JSON-RPC answer."""
        told = json.loads(asked.body)
        model, _, method = str(told["method"]).removeprefix("model.").rpartition(".")
        if self._fault is not None and method not in _READS:
            return self._fault
        act = getattr(self, f"_{method}", None)
        params = told["params"][:-1]
        if act is None:
            self._press(model, method, *params)
        return Told.json({"id": told["id"], "result": act(model, *params) if act else None})

    def sell(self) -> None:
        """The order is in the books and waits to be shipped."""
        (cup,) = self._search_read("product.product", [["code", "in", ["CUP"]]])
        line = {"product": cup["id"], "quantity": 2.0, "unit_price": _amount("5")}
        head = {"reference": "shop/5001", **dict.fromkeys(COPIED, 1)}
        self._create("sale.sale", [{**head, "lines": [["create", [line]]]}])
        self._press("sale.sale", "confirm", list(self._rows["sale.sale"]))

    def _login(self, *_: Any) -> list[Any]:
        return [2, "a-session", []]

    def _get_preferences(self, *_: Any) -> Row:
        return {"company": 1, "language": "en"}

    def _search_read(self, model: str, domain: list[Any], *_: Any) -> list[Row]:
        field, operator, wanted = domain[0]
        known = list(self._rows.get(model, {}).values())
        values = wanted if operator == "in" else [wanted]
        found = [row for row in known if row.get(field) in values]
        if not found and model not in {"sale.sale", "party.party", "party.address"}:
            master = {"default_uom": 1, "type": "goods" if "CUP" in values else "service"}
            found = [self._add(model, {field: value, **master}) for value in values]
        return found

    def _read(self, model: str, numbers: list[int], *_: Any) -> list[Row]:
        return [self._rows[model][number] for number in numbers]

    def _create(self, model: str, records: list[Row]) -> list[int]:
        return [self._add(model, self._made(record))["id"] for record in records]

    def _write(self, model: str, *changes: Any) -> None:
        for numbers, values in zip(changes[::2], changes[1::2], strict=True):
            for number in numbers:
                self._rows[model][number] |= values

    def _add(self, model: str, values: Row) -> Row:
        number = next(self._ids)
        row = {"id": number, "number": None, "state": "draft", "reference": None, **values}
        self._rows.setdefault(model, {})[number] = row
        return row

    def _made(self, values: Row) -> Row:
        """A record with its lines; of a sale also its total, and what it will bring."""
        lines = [line for _, created in values.get("lines", []) for line in created]
        if not lines:
            return values
        amounts = [int(one["quantity"]) * Decimal(one["unit_price"]["decimal"]) for one in lines]
        rows = [
            self._add("sale.line", {**line, "taxes": [], "moves": [], "product.": {"code": "CUP"}})
            for line in lines
        ]
        return {
            **values,
            "lines": [row["id"] for row in rows],
            "total_amount": _amount(str(sum(amounts, Decimal(0)))),
            "invoices": [],
            "shipments": [],
        }

    def _press(self, model: str, button: str, numbers: list[int], *_: Any) -> None:
        for number in numbers:
            row = self._rows[model][number]
            row["state"] = _NEXT[button]
            row["number"] = row["number"] or str(number)
            if (model, button) == ("sale.sale", "confirm"):
                self._follow(row)

    def _follow(self, sale: Row) -> None:
        """The invoice and the shipment of a sale."""
        line = self._rows["sale.line"][sale["lines"][0]]
        move = self._add("stock.move", {"product": line["product"], "quantity": line["quantity"]})
        moves = {"inventory_moves": [move["id"]], "outgoing_moves": [move["id"]]}
        shipment = self._add("stock.shipment.out", {**moves, "state": "waiting"})
        sale["shipments"] = [shipment["id"]]
        sale["invoices"] = [self._add("account.invoice", {})["id"]]


def _amount(text: str) -> Row:
    return {"__class__": "Decimal", "decimal": text}


class Conforms(Conformance):
    name = "tryton"
    settings: ClassVar[Mapping[str, Any]] = {"database": "books", "user": "hub"}
    secrets: ClassVar[Mapping[str, Any]] = {"password": "conformance-hush"}
    documents = (_ORDER, _SHIPMENT, _REFUND)

    @property
    def accept(self) -> Callable[[Asked], Told]:
        """A ledger of its own for each partner that is set up."""
        return Ledger().answer

    def unknown(self, asked: Asked) -> Told:
        return Ledger().answer(asked)

    # Tryton knows no keys, and everything begins with reading. What these tests hold instead: the
    # repeat is recognised, and what goes wrong at the first write has the fate of a write.

    def test_every_document_taken_is_sent_and_its_repeat_bears_the_same_key(self) -> None:
        same({one.type for one in self.documents}, set(self._manifest().takes), "what is taken")
        for document in self.documents:
            with self._partner(self._ledger(document).answer) as (_, adapter):
                first = adapter.send(document, "key-1")
                same(_repeated(adapter, document).reference, first.reference, "a repeat")
                same(adapter.find(document), first, "what is found")

    def test_each_status_has_its_fate(self) -> None:
        for document in self.documents:
            for status, expected in {**STATUSES, **self.statuses}.items():
                ledger = self._ledger(document, Told(status))
                with (
                    self._partner(ledger.answer) as (_, adapter),
                    fails(expected, what=f"{document.type} answered {status}"),
                ):
                    adapter.send(document, "key-1")

    def test_an_answer_that_is_late_lost_or_garbage_leaves_the_outcome_unknown(self) -> None:
        answers = {
            "late": Told(pause_s=0.6),
            "lost": SILENCE,
            "garbage": Told(200, b"\x00 no answer", {"content-type": "text/plain"}),
            "empty": Told.json({}),
            "cut": Told(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", close=True),
        }
        for document in self.documents:
            for what, told in answers.items():
                ledger = self._ledger(document, told)
                with (
                    self._partner(ledger.answer, 0.4 if what == "late" else 5) as (_, adapter),
                    fails(OutcomeUnknown, what=f"{document.type}, answer {what}"),
                ):
                    adapter.send(document, "key-1")

    def test_after_a_lost_answer_the_partner_is_asked(self) -> None:
        for document in self.documents:
            with self._partner(self._ledger(document).answer) as (_, adapter):
                same(adapter.find(document), None, "what the partner does not have")
                adapter.send(document, "key-1")
                found = adapter.find(document)
                holds(found is not None and bool(found.reference), "what it has is found")
            for status in (500, 503):
                with self._partner(always(Told(status))) as (_, adapter), fails(TryLater):
                    adapter.find(document)

    def _ledger(self, document: Document, fault: Told | None = None) -> Ledger:
        """One where the order is sold already, unless it is the order that is told."""
        ledger = Ledger(fault)
        if not isinstance(document, SalesOrder):
            ledger.sell()
        return ledger


def _repeated(adapter: Adapter, document: Document) -> Receipt:
    try:
        return adapter.send(document, "key-1")
    except AlreadyDone as done:
        return Receipt(str(done.reference))
