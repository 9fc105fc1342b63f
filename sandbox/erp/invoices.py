"""Invoices: what a sale is billed for, and posting."""

from decimal import Decimal
from typing import Any

from sandbox.erp.computed import (
    invoice_lines_of_line,
    invoice_tax,
    invoice_total,
    invoice_untaxed,
    moves_of_line,
    sales_of_invoice,
    taxes_of,
)
from sandbox.erp.desk import Desk
from sandbox.erp.faults import UserError
from sandbox.erp.goods import today

INVOICE = "account.invoice"
LINE = "account.invoice.line"


def bill(desk: Desk, sale: int) -> None:
    """One draft invoice for all that is due and not billed yet."""
    row = desk.store.row("sale.sale", sale)
    due = [
        (line, pieces)
        for line in desk.store.by("sale.line", "sale", sale)
        if (pieces := unbilled(desk, line, row["invoice_method"]))
    ]
    if not due:
        return
    invoice = desk.store.create(INVOICE, {
        "type": "out", "party": row["invoice_party"] or row["party"],
        "invoice_address": row["invoice_address"], "currency": row["currency"],
        "company": row["company"], "payment_term": row["payment_term"],
    })  # fmt: skip
    for line, pieces in due:
        bill_line(desk, invoice, line, pieces)
    settle_taxes(desk, invoice)


def unbilled(desk: Desk, line: int, method: str) -> float:
    row = desk.store.row("sale.line", line)
    if row["type"] != "line" or method == "manual":
        return 0.0
    lines = [desk.store.row(LINE, it) for it in invoice_lines_of_line(desk.store, line)]
    billed = sum(float(it["quantity"]) for it in lines if not comes_again(desk, it["invoice"]))
    wanted = float(row["quantity"] or 0)
    if method in {"fulfillment", "shipment"} and ships(desk, row["product"]):
        sign = -1 if wanted < 0 else 1
        wanted = sign * shipped(desk, line)
    return wanted - billed


def comes_again(desk: Desk, invoice: int) -> bool:
    return desk.store.row(INVOICE, invoice).get("_handled") == "recreate"


def ships(desk: Desk, product: int | None) -> bool:
    kind = desk.store.value("product.product", product, "type", {}) if product else "service"
    return bool(kind == "goods")


def shipped(desk: Desk, line: int) -> float:
    moves = [desk.store.row("stock.move", it) for it in moves_of_line(desk.store, line)]
    return sum(float(row["quantity"]) for row in moves if row["state"] == "done")


def bill_line(desk: Desk, invoice: int, line: int, pieces: float) -> None:
    row = desk.store.row("sale.line", line)
    values: dict[str, Any] = {
        name: row[name] for name in ("type", "product", "description", "unit", "unit_price")
    }
    taxes = [["add", list(row["taxes"])]] if row["taxes"] else []
    more = {"invoice": invoice, "quantity": pieces, "taxes": taxes, "origin": f"sale.line,{line}"}
    desk.store.create(LINE, {**values, **more})


def settle_taxes(desk: Desk, invoice: int) -> None:
    currency = desk.store.row(INVOICE, invoice)["currency"]
    lines = desk.store.by(LINE, "invoice", invoice)
    for tax, (base, amount) in taxes_of(desk.store, LINE, lines, currency).items():
        name = desk.store.row("account.tax", tax)["name"]
        values = {"invoice": invoice, "tax": tax, "base": base, "amount": amount}
        desk.store.create("account.invoice.tax", {**values, "description": name})


def post(desk: Desk, ids: list[int]) -> None:
    desk.insist(INVOICE, ids, "post", ["draft", "validated"])
    for invoice in ids:
        row = desk.store.row(INVOICE, invoice)
        if not desk.store.by(LINE, "invoice", invoice):
            raise UserError(f'You cannot post invoice "({invoice})" because it has no lines.')
        if row["invoice_date"] is None:
            desk.store.put(INVOICE, invoice, "invoice_date", today())
        desk.store.put(INVOICE, invoice, "number", desk.number(INVOICE))
        desk.store.put(INVOICE, invoice, "move", int(desk.number("account.move")))
        desk.move_on(INVOICE, invoice, "posted")
        document = invoice_note(desk, invoice)
        desk.note("invoice", ", ".join(document["sales"]), document)


def validate(desk: Desk, ids: list[int]) -> None:
    desk.insist(INVOICE, ids, "validate_invoice", ["draft"])
    for invoice in ids:
        desk.move_on(INVOICE, invoice, "validated")


def cancel(desk: Desk, ids: list[int]) -> None:
    desk.insist(INVOICE, ids, "cancel", ["draft", "validated"])
    for invoice in ids:
        desk.move_on(INVOICE, invoice, "cancelled")
        document = invoice_note(desk, invoice)
        desk.note("invoice_cancelled", ", ".join(document["sales"]), document)


def check_write(desk: Desk, ids: list[int]) -> None:
    """A posted invoice stands: it can only be reversed."""
    for invoice in desk.store.existing(INVOICE, ids):
        if desk.state(INVOICE, invoice) in {"posted", "paid", "cancelled"}:
            name, state = desk.store.name(INVOICE, invoice), desk.state(INVOICE, invoice)
            raise UserError(f'You cannot modify invoice "{name}" because it is "{state}".')


def invoice_note(desk: Desk, invoice: int) -> dict[str, Any]:
    store, row = desk.store, desk.store.row(INVOICE, invoice)
    sales = [store.row("sale.sale", it)["reference"] for it in sales_of_invoice(store, invoice)]
    amounts = {"untaxed": invoice_untaxed, "tax": invoice_tax, "total": invoice_total}
    return {
        "id": invoice,
        "number": row["number"],
        "sales": [str(it) for it in sales],
        "currency": store.row("currency.currency", row["currency"])["code"],
        **{name: str(amount(store, invoice, {}) or Decimal(0)) for name, amount in amounts.items()},
    }
