"""What rows of both reports have in common: their zone, their number, their fees."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.money import add
from mappings.kit.reports.cells import Cells, name_of
from mappings.kit.reports.zones import zone_of

_LONGEST = 160
TYPE = ("Type", "Journal Type")
"""What a row of a batch is: sums of many rows call it the type of their journal."""


def moment(row: Cells, *names: str) -> datetime:
    """A time, in the zone that the row names."""
    return row.moment(*names, zone=_zone(row))


def _zone(row: Cells) -> tzinfo:
    name = row.text("TimeZone", "Booking Date TimeZone")
    return zone_of(name, row.at.zone, row.path("TimeZone"))


def number(row: Cells, parts: Sequence[str | None]) -> str:
    """What names a row: its own numbers; of one without, all that it says."""
    payment = row.text("Psp Reference")
    word = row.needed(*TYPE, "Record Type")
    own = row.text("Modification Reference", "Modification Psp Reference")
    if payment is None:
        amounts = [row.amount(name).normalize() for name in ("Net Debit (NC)", "Net Credit (NC)")]
        parts = (word, *parts, name_of(own, *map(str, amounts), row.text("Creation Date")))
    else:
        parts = (payment, word, own, *parts)
    known = "-".join(part for part in parts if part)
    return known if len(known) <= _LONGEST else f"{known[:_LONGEST]}-{name_of(known)}"


def fees(row: Cells, of: str) -> Decimal:
    """All that a row has in its columns of fees."""
    names = (
        "Commission",
        "Bank/Card Commission",
        "Markup",
        "DCC Markup",
        "Scheme Fees",
        "Interchange",
    )
    return add(*(row.amount(f"{name} ({of})") for name in names)) + ZERO
