"""An invoice as pages for people: PDF of the same amounts that the UBL says, the same bytes for the
same invoice. Latin letters are Helvetica, all others STSong-Light, which every reader of PDF brings
along, so that no font goes with the hub.
"""

from dataclasses import replace

from hub.model.document import plain
from hub.model.invoice import AllowanceCharge, Invoice, InvoiceLanguage, InvoiceLine, Party, Tax
from hub.model.invoice.seller import REASONS
from mappings.ubl.sheet import Cell, Sheet
from mappings.ubl.words import Say, speaker

_LEFT, _RIGHT = 50.0, 545.0
_HALF = 300.0
_TITLES = {"invoice": "Invoice", "credit_note": "Credit note"}
_PIECES = "C62"
_DEFAULTS = frozenset({"Shipping", "Fee", "Refund", *REASONS.values()})
"""What the hub calls a line that its order or refund gives no name, and why no tax is due where its
seller gives no reason.
"""
_HEAD = (
    Cell(_LEFT, 25, "No."),
    Cell(80, 215, "Article"),
    Cell(370, 65, "Quantity", right=True),
    Cell(440, 65, "Price", right=True),
    Cell(485, 40, "Tax", right=True),
    Cell(_RIGHT, 58, "Net", right=True),
)


def draw(invoice: Invoice, language: InvoiceLanguage | None = None) -> bytes:
    """An invoice or credit note as PDF, in this language; by itself in its own."""
    say = speaker(language or invoice.language)
    title = f"{say(_TITLES[invoice.kind])} {invoice.number}"
    sheet = Sheet(title, invoice.seller.name)
    sheet.row(Cell(_LEFT, 400, title), size=16)
    sheet.gap()
    _facts(sheet, say, invoice)
    _parties(sheet, say, invoice)
    sheet.head = tuple(replace(cell, text=say(cell.text)) for cell in _HEAD)
    sheet.row(*sheet.head, bold=True)
    sheet.rule()
    for line in invoice.lines:
        _line(sheet, say, line)
    sheet.head = ()
    for it in invoice.charges:
        _charge(sheet, say, it)
    sheet.rule()
    _totals(sheet, say, invoice)
    _taxes(sheet, say, invoice)
    return sheet.done()


def _facts(sheet: Sheet, say: Say, invoice: Invoice) -> None:
    rows = (
        ("Date", invoice.issued_on.isoformat()),
        ("Payable until", invoice.due_on and invoice.due_on.isoformat()),
        ("Terms", invoice.terms),
        ("Pay to", invoice.payment and invoice.payment.account),
        ("Delivered on", invoice.delivered_on and invoice.delivered_on.isoformat()),
        ("Order", invoice.order_number),
        ("Your reference", invoice.buyer_reference),
        ("Corrects invoice", invoice.corrects),
        ("Currency", invoice.currency),
        ("Note", invoice.note),
    )
    for name, value in rows:
        if value:
            sheet.row(Cell(_LEFT, 90, say(name)), Cell(145, 400, value))
    sheet.gap()


def _parties(sheet: Sheet, say: Say, invoice: Invoice) -> None:
    sheet.row(Cell(_LEFT, 240, say("Seller")), Cell(_HALF, 240, say("Buyer")), bold=True)
    sellers, buyers = _party(say, invoice.seller), _party(say, invoice.buyer)
    for at in range(max(len(sellers), len(buyers))):
        sides = ((_LEFT, sellers), (_HALF, buyers))
        sheet.row(*(Cell(x, 240, rows[at]) for x, rows in sides if at < len(rows)))
    sheet.gap()


def _party(say: Say, party: Party) -> list[str]:
    it = party.address
    town = " ".join(part for part in (it.postal_code, it.city) if part)
    rows = [party.name, *it.lines, town, it.region, it.country]
    rows += [
        party.tax_id and f"{say('VAT')} {party.tax_id}",
        party.legal_id and f"{say('Reg.')} {party.legal_id}",
    ]
    return [row for row in rows if row]


def _line(sheet: Sheet, say: Say, line: InvoiceLine) -> None:
    named = _own(say, line.name)
    name = f"{named} ({line.sku})" if line.sku else named
    unit = "" if line.unit == _PIECES else f" {line.unit}"
    base = "" if line.base == 1 else f" / {plain(line.base)}"
    values = (
        line.line_no,
        name,
        plain(line.quantity) + unit,
        plain(line.price) + base,
        _rate(line.tax),
        plain(line.net),
    )
    sheet.row(
        *(Cell(it.x, it.width, text, it.right) for it, text in zip(_HEAD, values, strict=True))
    )
    for more in line.allowances:
        sheet.row(Cell(80, 300, f"{_named(say, more)} {_signed(more)}"))


def _charge(sheet: Sheet, say: Say, it: AllowanceCharge) -> None:
    rate = _rate(it.tax) if it.tax else ""
    sheet.row(
        Cell(80, 300, _named(say, it)),
        Cell(485, 40, rate, right=True),
        Cell(_RIGHT, 58, _signed(it), right=True),
    )


def _named(say: Say, it: AllowanceCharge) -> str:
    return _own(say, it.reason) if it.reason else say("Charge" if it.is_charge else "Allowance")


def _own(say: Say, name: str) -> str:
    return say(name) if name in _DEFAULTS else name


def _signed(it: AllowanceCharge) -> str:
    return plain(it.amount if it.is_charge else -it.amount)


def _rate(tax: Tax) -> str:
    return tax.category if tax.percent is None else f"{tax.category} {plain(tax.percent)}%"


def _totals(sheet: Sheet, say: Say, invoice: Invoice) -> None:
    sums = invoice.totals
    rows = (
        ("Sum of lines", sums.lines, True),
        ("Allowances", sums.allowances, False),
        ("Charges", sums.charges, False),
        ("Without tax", sums.without_tax, True),
        ("Tax", sums.tax, True),
        ("With tax", sums.with_tax, True),
        ("Paid", sums.prepaid, False),
        ("Rounding", sums.rounding, False),
    )
    for name, value, always in rows:
        if always or value:
            _sum(sheet, say(name), plain(value))
    _sum(sheet, f"{say('To pay')}, {invoice.currency}", plain(sums.payable), bold=True)
    sheet.gap()


def _sum(sheet: Sheet, name: str, value: str, *, bold: bool = False) -> None:
    sheet.row(Cell(_HALF, 140, name), Cell(_RIGHT, 100, value, right=True), bold=bold)


def _taxes(sheet: Sheet, say: Say, invoice: Invoice) -> None:
    heads = (say("Tax by rate"), say("Taxable"), say("Tax"), "")
    rows = [(_rate(it.tax), plain(it.taxable), plain(it.amount), _own(say, it.tax.reason or ""))
            for it in invoice.taxes]  # fmt: skip
    for at, (rate, taxable, amount, reason) in enumerate([heads, *rows]):
        sheet.row(
            Cell(_LEFT, 90, rate),
            Cell(220, 75, taxable, right=True),
            Cell(310, 80, amount, right=True),
            Cell(325, 220, reason),
            bold=not at,
        )
