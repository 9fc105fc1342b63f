"""Whether an order adds up: the equations of the canonical sales order, to the last minor unit.

What the channel stated is compared with what follows from its parts. Unit prices may have up to six
places; a total that such a price makes is allowed to be rounded to the currency's own unit.
"""

from collections.abc import Iterator
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.money import EXPONENT, add, fits, times, unit
from hub.model.order import Fee, OrderLine, SalesOrder, ShippingLine, Totals

ROUNDING_PER_LINE = Decimal("0.01")
"""More `rounding` than this for each line means that the document does not add up."""


def mismatches(order: SalesOrder) -> Iterator[Problem]:
    """Each equation that does not hold, and each amount that its currency cannot express."""
    yield from _line_totals(order)
    yield from _charges(order)
    yield from _order_totals(order)
    yield from _currencies(order)
    if order.currency in EXPONENT:
        yield from _places(order)


def refundable(order: SalesOrder) -> Decimal:
    """The most that can be paid back of an order: what was paid, or what it cost where the channel
    does not say.
    """
    return order.totals.paid or order.totals.grand_total


def _line_totals(order: SalesOrder) -> Iterator[Problem]:
    for at, line in enumerate(order.lines):
        gross = times(line.unit_price, line.quantity)
        expected = add(gross, -line.discount, _tax(order, line.tax))
        if not _agree(line.total, expected, order.currency):
            yield _differs(f"lines.{at}.total", f"line {line.line_no}", line.total, expected)


def _charges(order: SalesOrder) -> Iterator[Problem]:
    for at, charge in enumerate(order.shipping):
        expected = add(charge.price, -charge.discount, _tax(order, charge.tax))
        if charge.total != expected:
            yield _differs(f"shipping.{at}.total", "this shipping charge", charge.total, expected)
    for at, fee in enumerate(order.fees):
        expected = add(fee.amount, _tax(order, fee.tax))
        if fee.total != expected:
            yield _differs(f"fees.{at}.total", "this fee", fee.total, expected)


def _order_totals(order: SalesOrder) -> Iterator[Problem]:
    totals = order.totals
    parts: tuple[OrderLine | ShippingLine | Fee, ...] = (
        *order.lines,
        *order.shipping,
        *order.fees,
    )
    items = add(*(times(line.unit_price, line.quantity) for line in order.lines))
    if not _agree(totals.items, items, order.currency, lines=len(order.lines)):
        yield _differs("totals.items", "the items", totals.items, items)
    tax = add(*(part.tax for part in parts))
    if totals.tax != tax:
        yield _differs("totals.tax", "the taxes", totals.tax, tax)
    grand = add(*(part.total for part in parts), totals.rounding)
    if totals.grand_total != grand:
        yield _differs("totals.grand_total", "the order", totals.grand_total, grand)
    limit = ROUNDING_PER_LINE * len(order.lines)
    if abs(totals.rounding) > limit:
        yield Problem(
            "totals.rounding",
            "totals_mismatch",
            f"a rounding of {totals.rounding} is more than {limit} for {len(order.lines)} lines",
        )


def _currencies(order: SalesOrder) -> Iterator[Problem]:
    known = {order.currency, *([order.presentment.currency] if order.presentment else [])}
    for at, payment in enumerate(order.payments):
        if payment.currency not in known:
            yield Problem(
                f"payments.{at}.currency",
                "totals_mismatch",
                f"a payment in {payment.currency} for an order in {order.currency}",
            )


def _places(order: SalesOrder) -> Iterator[Problem]:
    """Every amount of the order's currency that is no unit price is in whole units of it."""
    step = unit(order.currency)
    for name, at, part, fields in _priced(order):
        for field in fields:
            amount = getattr(part, field)
            if amount % step:
                path = f"{name}.{field}" if at is None else f"{name}.{at}.{field}"
                places = EXPONENT[order.currency]
                yield Problem(
                    path,
                    "totals_mismatch",
                    f"{amount} has more places than {order.currency} has ({places})",
                )


_LINE, _CHARGE, _FEE, _GRANTED, _SUMS = (
    ("discount", "tax", "total"),
    ("price", "discount", "tax", "total"),
    ("amount", "tax", "total"),
    ("amount",),
    tuple(Totals.model_fields),
)


def _priced(order: SalesOrder) -> Iterator[tuple[str, int | None, object, tuple[str, ...]]]:
    for at, line in enumerate(order.lines):
        yield "lines", at, line, _LINE
    for at, charge in enumerate(order.shipping):
        yield "shipping", at, charge, _CHARGE
    for at, fee in enumerate(order.fees):
        yield "fees", at, fee, _FEE
    for at, granted in enumerate(order.discounts):
        yield "discounts", at, granted, _GRANTED
    yield "totals", None, order.totals, _SUMS


def _tax(order: SalesOrder, tax: Decimal) -> Decimal:
    return Decimal(0) if order.prices_include_tax else tax


def _agree(stated: Decimal, expected: Decimal, currency: str, lines: int = 1) -> bool:
    """Equal; or, where the parts give no whole unit of the currency, rounded by less than one."""
    if stated == expected:
        return True
    if currency not in EXPONENT or abs(stated - expected) >= unit(currency) * lines:
        return False
    return not fits(expected, currency)


def _differs(path: str, what: str, stated: Decimal, expected: Decimal) -> Problem:
    message = f"{what}: {stated} is stated, its parts make {expected}"
    return Problem(path, "totals_mismatch", message)


def open_pieces(line: OrderLine) -> Decimal:
    """Pieces that are still wanted: ordered, and not cancelled or removed since."""
    return max(line.quantity - line.cancelled_quantity, Decimal(0))
