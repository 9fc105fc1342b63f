"""The calculation rules of EN 16931 and Peppol BIS Billing 3: every sum of an invoice follows from
its parts.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from hub.model.errors import Problem
from hub.model.invoice import Invoice, Tax, line_net, tax_of
from hub.model.money import add

_WRONG = "totals_mismatch"
_Category = tuple[str, Decimal | None]


def faults(invoice: Invoice) -> Iterator[Problem]:
    """Each equation that does not hold."""
    for at, line in enumerate(invoice.lines):
        expected = line_net(line, invoice.currency)
        if line.net != expected:
            yield _differs(f"lines.{at}.net", line.net, expected)
    yield from _sums(invoice)
    yield from _taxes(invoice)


def taxable_sums(invoice: Invoice) -> dict[_Category, Decimal]:
    """What each tax category holds: lines less allowances plus charges."""
    sums: dict[_Category, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        sums[_category(line.tax)] = add(sums[_category(line.tax)], line.net)
    for it in invoice.charges:
        if it.tax is not None:
            amount = it.amount if it.is_charge else -it.amount
            sums[_category(it.tax)] = add(sums[_category(it.tax)], amount)
    return dict(sums)


def _sums(invoice: Invoice) -> Iterator[Problem]:
    totals = invoice.totals
    off = add(*(it.amount for it in invoice.charges if not it.is_charge))
    more = add(*(it.amount for it in invoice.charges if it.is_charge))
    checks = (
        ("lines", totals.lines, add(*(it.net for it in invoice.lines))),
        ("allowances", totals.allowances, off),
        ("charges", totals.charges, more),
        ("without_tax", totals.without_tax, add(totals.lines, -off, more)),
        ("with_tax", totals.with_tax, add(totals.without_tax, totals.tax)),
        ("payable", totals.payable, add(totals.with_tax, -totals.prepaid, totals.rounding)),
    )
    for name, stated, expected in checks:
        if stated != expected:
            yield _differs(f"totals.{name}", stated, expected)


def _taxes(invoice: Invoice) -> Iterator[Problem]:
    if not invoice.taxes:
        return
    sums = taxable_sums(invoice)
    stated = {_category(it.tax) for it in invoice.taxes}
    if stated != set(sums):
        yield Problem("taxes", _WRONG, "each tax category of the lines is expected once")
    for at, it in enumerate(invoice.taxes):
        expected = sums.get(_category(it.tax), Decimal(0))
        if it.taxable != expected:
            yield _differs(f"taxes.{at}.taxable", it.taxable, expected)
        tax = tax_of(it.taxable, it.tax, invoice.currency)
        if it.amount != tax:
            yield _differs(f"taxes.{at}.amount", it.amount, tax)
    whole = add(*(it.amount for it in invoice.taxes))
    if invoice.totals.tax != whole:
        yield _differs("totals.tax", invoice.totals.tax, whole)


def _category(tax: Tax) -> _Category:
    return tax.category, None if tax.percent is None else tax.percent.normalize()


def _differs(path: str, stated: Decimal, expected: Decimal) -> Problem:
    return Problem(path, _WRONG, f"{expected} is expected, {stated} is stated")
