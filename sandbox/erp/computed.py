"""What the ERP works out instead of storing: names, totals, states, what hangs together."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sandbox.erp.store import Compute, Store

ZERO = Decimal(0)
Context = Mapping[str, Any]


# --- names


def rec_name(store: Store, number: int, context: Context) -> str:
    model = str(context["model"])
    row = store.row(model, number)
    match model:
        case "sale.sale" | "account.invoice" | "stock.shipment.out" | "stock.shipment.out.return":
            reference = row.get("reference") if model != "stock.shipment.out" else None
            parts = [row.get("number"), f"[{reference}]" if reference else None]
            return " ".join(part for part in parts if part) or f"({number})"
        case "product.product":
            name = store.row("product.template", row["template"])["name"]
            return f"[{row['code']}] {name}" if row.get("code") else str(name)
        case "party.address":
            return full_address(store, number, context).replace("\n", ", ")
        case "company.company":
            return store.name("party.party", row["party"])
        case "sale.line" | "account.invoice.line":
            product = row.get("product")
            return store.name("product.product", product) if product else str(row["description"])
        case _:
            return str(row.get("name") or row.get("value") or row.get("code") or number)


def full_address(store: Store, number: int, _context: Context) -> str:
    row = store.row("party.address", number)
    country = store.row("country.country", row["country"])["name"] if row["country"] else None
    town = " ".join(part for part in (row["postal_code"], row["city"]) if part)
    parts = (row["party_name"], row["street"], town, country and str(country).upper())
    return "\n".join(part for part in parts if part)


def contact(kind: str) -> Compute:
    def first(store: Store, number: int, _context: Context) -> str | None:
        for it in store.by("party.contact_mechanism", "party", number):
            row = store.row("party.contact_mechanism", it)
            if row["type"] in ({"phone", "mobile"} if kind == "phone" else {kind}):
                return row["value"] and str(row["value"])
        return None

    return first


def of_template(name: str) -> Compute:
    def value(store: Store, number: int, _context: Context) -> Any:
        return store.row("product.template", store.row("product.product", number)["template"])[name]

    return value


# --- money


def rounded(store: Store, currency: int, amount: Decimal) -> Decimal:
    digits = int(store.row("currency.currency", currency)["digits"])
    return amount.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def line_amount(store: Store, model: str, number: int, currency: int) -> Decimal:
    row = store.row(model, number)
    if row["type"] != "line":
        return ZERO
    pieces, price = Decimal(str(row["quantity"] or 0)), row["unit_price"] or ZERO
    return rounded(store, currency, pieces * price)


def taxes_of(
    store: Store, model: str, lines: Iterable[int], currency: int
) -> dict[int, tuple[Decimal, Decimal]]:
    """Base and amount by tax, rounded once per tax over the whole document (Tryton's default)."""
    bases: dict[int, Decimal] = {}
    for number in lines:
        for tax in store.row(model, number)["taxes"]:
            amount = line_amount(store, model, number, currency)
            bases[tax] = bases.get(tax, ZERO) + amount
    return {
        tax: (base, rounded(store, currency, tax_on(store, tax, base)))
        for tax, base in bases.items()
    }


def tax_on(store: Store, tax: int, base: Decimal) -> Decimal:
    row = store.row("account.tax", tax)
    if row["type"] == "percentage":
        return base * (row["rate"] or ZERO)
    return (row["amount"] or ZERO) if row["type"] == "fixed" else ZERO


def sale_untaxed(store: Store, number: int, _context: Context) -> Decimal:
    currency = store.row("sale.sale", number)["currency"]
    lines = store.by("sale.line", "sale", number)
    return sum((line_amount(store, "sale.line", it, currency) for it in lines), ZERO)


def sale_tax(store: Store, number: int, _context: Context) -> Decimal:
    currency = store.row("sale.sale", number)["currency"]
    lines = store.by("sale.line", "sale", number)
    taxes = taxes_of(store, "sale.line", lines, currency).values()
    return sum((amount for _, amount in taxes), ZERO)


def sale_total(store: Store, number: int, context: Context) -> Decimal:
    return sale_untaxed(store, number, context) + sale_tax(store, number, context)


def invoice_untaxed(store: Store, number: int, _context: Context) -> Decimal:
    currency = store.row("account.invoice", number)["currency"]
    lines = store.by("account.invoice.line", "invoice", number)
    return sum((line_amount(store, "account.invoice.line", it, currency) for it in lines), ZERO)


def invoice_tax(store: Store, number: int, _context: Context) -> Decimal:
    taxes = store.by("account.invoice.tax", "invoice", number)
    return sum((store.row("account.invoice.tax", it)["amount"] or ZERO for it in taxes), ZERO)


def invoice_total(store: Store, number: int, context: Context) -> Decimal:
    return invoice_untaxed(store, number, context) + invoice_tax(store, number, context)


def to_pay(store: Store, number: int, context: Context) -> Decimal:
    posted = store.row("account.invoice", number)["state"] == "posted"
    return invoice_total(store, number, context) if posted else ZERO


def amount_in(model: str, parent: str, owner: str) -> Compute:
    def amount(store: Store, number: int, _context: Context) -> Decimal:
        above = store.row(model, number)[parent]
        return line_amount(store, model, number, store.row(owner, above)["currency"])

    return amount


# --- what hangs together


def moves_of_line(store: Store, number: int, _context: Context | None = None) -> list[int]:
    return store.by("stock.move", "origin", f"sale.line,{number}")


def moves_of_sale(store: Store, number: int, _context: Context | None = None) -> list[int]:
    lines = store.by("sale.line", "sale", number)
    return sorted(move for line in lines for move in moves_of_line(store, line))


def shipments_of(model: str) -> Compute:
    def shipments(store: Store, number: int, _context: Context) -> list[int]:
        named = {store.row("stock.move", it)["shipment"] for it in moves_of_sale(store, number)}
        pairs = [str(it).split(",") for it in named if it]
        return sorted(int(ident) for kind, ident in pairs if kind == model)

    return shipments


def invoice_lines_of_line(store: Store, number: int, _context: Context | None = None) -> list[int]:
    return store.by("account.invoice.line", "origin", f"sale.line,{number}")


def invoices_of_sale(store: Store, number: int, _context: Context | None = None) -> list[int]:
    found = {
        store.row("account.invoice.line", it)["invoice"]
        for line in store.by("sale.line", "sale", number)
        for it in invoice_lines_of_line(store, line)
    }
    return sorted(found)


def sales_of_invoice(store: Store, number: int, _context: Context | None = None) -> list[int]:
    lines = store.by("account.invoice.line", "invoice", number)
    return origin_sales(store, (store.row("account.invoice.line", it)["origin"] for it in lines))


def sales_of_shipment(store: Store, reference: str) -> list[int]:
    moves = store.by("stock.move", "shipment", reference)
    return origin_sales(store, (store.row("stock.move", it)["origin"] for it in moves))


def origin_sales(store: Store, origins: Iterable[str | None]) -> list[int]:
    lines = [int(it.split(",")[1]) for it in origins if it and it.startswith("sale.line,")]
    return sorted({store.row("sale.line", it)["sale"] for it in lines})


def origins(store: Store, number: int, context: Context) -> str:
    model = context["model"]
    if model == "account.invoice":
        sales = sales_of_invoice(store, number)
    else:
        sales = sales_of_shipment(store, f"{model},{number}")
    return ", ".join(store.name("sale.sale", it) for it in sales)


def moves_to(kind: str, *, same: bool) -> Compute:
    """A shipment's moves into (or not into) a location of this type."""

    def moves(store: Store, number: int, context: Context) -> list[int]:
        found = []
        for it in store.by("stock.move", "shipment", f"{context['model']},{number}"):
            place = store.row("stock.move", it)["to_location"]
            if (store.row("stock.location", place)["type"] == kind) == same:
                found.append(it)
        return found

    return moves


def shipment_state(store: Store, number: int, _context: Context) -> str:
    rows = [store.row("stock.move", it) for it in moves_of_sale(store, number)]
    states = [row["state"] for row in rows if not row.get("_handled")]
    if "cancelled" in states:
        return "exception"  # until somebody says whether it is to come again
    done = states.count("done")
    if not states:
        return "none"
    return "sent" if done == len(states) else "partially shipped" if done else "waiting"


def invoice_state(store: Store, number: int, _context: Context) -> str:
    rows = [store.row("account.invoice", it) for it in invoices_of_sale(store, number)]
    states = [row["state"] for row in rows if not row.get("_handled")]
    if "cancelled" in states:
        return "exception"
    if not states:
        return "none"
    if all(state == "paid" for state in states):
        return "paid"
    return "awaiting payment" if all(it in {"posted", "paid"} for it in states) else "pending"


def no_lines(_store: Store, _number: int, _context: Context) -> list[int]:
    return []


COMPUTED: dict[tuple[str, str], Compute] = {
    ("*", "rec_name"): rec_name,
    ("party.address", "full_address"): full_address,
    ("party.party", "full_name"): rec_name,
    ("party.party", "email"): contact("email"),
    ("party.party", "phone"): contact("phone"),
    **{
        ("product.product", name): of_template(name)
        for name in ("name", "type", "default_uom", "list_price", "salable")
    },
    ("sale.sale", "untaxed_amount"): sale_untaxed,
    ("sale.sale", "tax_amount"): sale_tax,
    ("sale.sale", "total_amount"): sale_total,
    ("sale.sale", "moves"): moves_of_sale,
    ("sale.sale", "shipments"): shipments_of("stock.shipment.out"),
    ("sale.sale", "shipment_returns"): shipments_of("stock.shipment.out.return"),
    ("sale.sale", "invoices"): invoices_of_sale,
    ("sale.sale", "shipment_state"): shipment_state,
    ("sale.sale", "invoice_state"): invoice_state,
    ("sale.line", "amount"): amount_in("sale.line", "sale", "sale.sale"),
    ("sale.line", "moves"): moves_of_line,
    ("sale.line", "invoice_lines"): invoice_lines_of_line,
    ("sale.line", "sale_state"): lambda store, number, _: store.row(
        "sale.sale", store.row("sale.line", number)["sale"]
    )["state"],
    ("stock.shipment.out", "outgoing_moves"): moves_to("customer", same=True),
    ("stock.shipment.out", "inventory_moves"): moves_to("customer", same=False),
    ("stock.shipment.out", "origins"): origins,
    ("stock.shipment.out.return", "origins"): origins,
    ("account.invoice", "origins"): origins,
    ("account.invoice", "sales"): sales_of_invoice,
    ("account.invoice", "untaxed_amount"): invoice_untaxed,
    ("account.invoice", "tax_amount"): invoice_tax,
    ("account.invoice", "total_amount"): invoice_total,
    ("account.invoice", "amount_to_pay"): to_pay,
    ("account.invoice", "lines_to_pay"): no_lines,
    ("account.invoice.line", "amount"): amount_in(
        "account.invoice.line", "invoice", "account.invoice"
    ),
}
