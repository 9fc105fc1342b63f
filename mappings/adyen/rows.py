"""What rows of both reports have in common: their zone, their number, their fees."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import EXPONENT, add, fits, unit
from mappings.kit.reports.cells import Cells, name_of
from mappings.kit.reports.zones import zone_of

_LONGEST = 160
_NETS = ("Net Debit (NC)", "Net Credit (NC)")
_FEES = (
    "Commission",
    "Bank/Card Commission",
    "Markup",
    "DCC Markup",
    "Scheme Fees",
    "Interchange",
)
WHEN = ("Creation Date", "Booking Date", "Batch Closed Date", "Payout Date", "Settlement Date")
TYPE = ("Type", "Journal Type")
"""What a row of a batch is: sums of many rows call it the type of their journal."""


def moment(row: Cells, *names: str) -> datetime:
    """A time, in the zone that the row names."""
    return row.moment(*names, zone=_zone(row))


def _zone(row: Cells) -> tzinfo:
    name = row.text("TimeZone", "Booking Date TimeZone", "Value Date TimeZone")
    return zone_of(name, row.at.zone, row.path("TimeZone"))


def number(row: Cells, parts: Sequence[str | None]) -> str:
    """What names a row: its own numbers; of one without, all that it says."""
    payment = row.text("Psp Reference")
    word = row.needed(*TYPE, "Record Type")
    own = row.text("Modification Reference", "Modification Psp Reference")
    if payment is None:
        amounts = [str(row.amount(name).normalize()) for name in _NETS]
        if row.text("Payable (SC)"):
            amounts = [str(row.amount("Payable (SC)").normalize())]
        when = row.text("Creation Date", "Booking Date")
        parts = (word, *parts, name_of(own, *amounts, when))
    else:
        parts = (payment, word, own, *parts)
    known = "-".join(part for part in parts if part)
    return known if len(known) <= _LONGEST else f"{known[:_LONGEST]}-{name_of(known)}"


def fees(row: Cells, of: str) -> Decimal:
    """All that a row has in its columns of fees; some accounts have their sum alone as a column."""
    taken = add(*(row.amount(f"{name} ({of})") for name in _FEES)) + ZERO
    if not taken and row.text("Psp Reference"):
        taken = row.amount(f"Payment Fees ({of})")
    return taken


def taken_from(gross: Decimal, net: Decimal, taken: Decimal, currency: str) -> Decimal:
    """The fees of what was paid. Some have more places than money has: then what is left settles
    the last.
    """
    code = currency.upper()
    if code not in EXPONENT or fits(taken, code) or abs(gross - net - taken) >= unit(code):
        return taken
    return gross - net
