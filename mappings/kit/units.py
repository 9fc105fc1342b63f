"""Weights and lengths in whatever a partner measures: what one of each is in ours."""

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


def measured(told: Decimal | None, unit: Decimal | None) -> Decimal | None:
    """A measure in ours; None where it, or its unit, is not known. 0 means that nobody measured."""
    return times(told, unit).quantize(_STEP) if told and unit else None
