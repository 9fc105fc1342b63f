"""What was agreed with a warehouse that speaks X12, beside what its messages say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from mappings.kit import Context
from mappings.kit.units import others
from mappings.x12.envelope import Separators, Transaction
from mappings.x12.segments import SKU_QUALIFIERS

_UNITS = {
    "W12": (3, 4, 5),  # lines that leave out a quantity have it earlier
    "W07": (2,), "W19": (3,), "QTY": (3,), "SN1": (3,), "RCD": (3,),
}  # fmt: skip
"""Segment -> where it names the unit of its quantities (355)."""


def _as_told(number: str) -> str:
    return number


def _nothing(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Terms:
    """`order_of` gives our document behind the number that the warehouse knows (it has at most 22
    characters there), `is_ours` whether it is one, `acknowledged` the fulfilment order that was
    told under a control number, `clock` the time where a message tells none.

    `hold`: the code (W0413) of pieces to come that are defective.

    `sender` and `receiver`: qualifier and id of the interchange, `depositor` and `warehouse`:
    qualifier and id of the parties. `damaged_is_included`: a receipt's quantity counts what is
    damaged too. `omitted_is_short`: what an advice of shipment does not name will not be
    shipped.
    """

    order_of: Callable[[str], str] = _as_told
    is_ours: Callable[[str], bool] = lambda _: False
    acknowledged: Callable[[str], str | None] = _nothing
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sku_qualifiers: Sequence[str] = SKU_QUALIFIERS
    on_hand: Sequence[str] = ("17", "33", "1", "01", "QA")
    damaged_is_included: bool = True
    omitted_is_short: bool = False
    sender: tuple[str, str] = ("ZZ", "ORDERHUB")
    receiver: tuple[str, str] = ("ZZ", "WAREHOUSE")
    group_sender: str | None = None
    group_receiver: str | None = None
    depositor: tuple[str, str] | None = None
    warehouse: tuple[str, str] | None = None
    version: str = "004010"
    is_test: bool = False
    unit: str = "EA"
    hold: str | None = None
    payment: str = "PP"
    transport: str = "M"
    separators: Separators = field(default_factory=Separators)
    encoding: str = "utf-8"


def note_units(told: Transaction, terms: Terms, at: Context) -> None:
    """A quantity in cases is read as so many pieces: somebody should know."""
    for name, places in _UNITS.items():
        rows = [it for it in told.segments if it.name == name]
        units = (next(filter(_is_unit, map(it.at, places)), None) for it in rows)
        for unit in others(units, terms.unit):
            message = f"its quantities are in {unit}: they count as pieces"
            at.warn("unit", message, path=name)


def _is_unit(told: str | None) -> bool:
    return bool(told and len(told) == 2 and told.isalnum() and not told.isdecimal())
