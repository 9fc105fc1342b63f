"""Weights and lengths in whatever a partner measures: what one of each is in ours."""

from collections.abc import Iterable
from decimal import Decimal

from hub.model.money import times

GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523"),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
}
MILLIMETRES = {
    "mm": Decimal(1),
    "cm": Decimal(10),
    "m": Decimal(1000),
    "in": Decimal("25.4"),
    "yd": Decimal("914.4"),
}
_STEP = Decimal("0.001")
PIECES = frozenset({
    "C62", "E", "EA", "H87", "NAR", "NMB", "PC", "PCE", "PCS", "ST", "STK", "UN", "UNIT",
})  # fmt: skip
"""Codes for one piece. Source: UNECE recommendation 20, X12 element 355, and what is written."""


def others(told: Iterable[str | None], agreed: str) -> list[str]:
    """The units that are no pieces, each once, beside the one that was agreed for them."""
    units = dict.fromkeys(unit.upper() for unit in told if unit)
    return [unit for unit in units if unit not in PIECES and unit != agreed.upper()]


def measured(told: Decimal | None, unit: Decimal | None) -> Decimal | None:
    """A measure in ours; None where it, or its unit, is not known. 0 means that nobody measured."""
    return times(told, unit).quantize(_STEP) if told and unit else None
