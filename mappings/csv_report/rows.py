"""What a described row says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from hub.model.document import ZERO
from hub.model.errors import BadData
from hub.model.settlement import Kind, SettlementLine
from mappings.csv_report.layout import Layout, Weight
from mappings.kit import Context, numbers
from mappings.kit.money import till
from mappings.kit.reports.cells import Cells
from mappings.kit.reports.told import kind_of, line
from mappings.kit.units import GRAMS, measured

_WEIGHTS: Mapping[str, Weight] = {
    "kg": "kg",
    "kgs": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
    "kilo": "kg",
    "g": "g",
    "gr": "g",
    "gram": "g",
    "grams": "g",
    "lb": "lb",
    "lbs": "lb",
    "pound": "lb",
    "pounds": "lb",
    "oz": "oz",
    "ounce": "oz",
    "ounces": "oz",
}
"""What carriers call the units of weight."""


def row_of(layout: Layout, row: Cells, name: str, at: Context) -> SettlementLine:
    """A row as a line. BadData where its amounts do not add up, or where a price is no total."""
    currency = (layout.text(row, "currency") or "").upper()
    if not currency:
        message = "a currency is expected, in the line or in the settings"
        raise BadData(message, path=row.path("currency"), code="missing_field")
    word = layout.text(row, "kind")
    kind = _kind(layout, word, row, at)
    gross, fee, net = (_amount(layout, row, field, currency) for field in ("gross", "fee", "net"))
    if layout.has("credit") or layout.has("debit"):
        credit, debit = (_amount(layout, row, it, currency) for it in ("credit", "debit"))
        gross = abs(credit or ZERO) - abs(debit or ZERO)
    _check_units(layout, row, gross)
    if gross is None:
        gross = (net or ZERO) + (fee or ZERO)
    if layout.sign == "cost":
        gross, net = ZERO - gross, None if net is None else ZERO - net
    sign = _sign(layout, kind, row)
    return line(
        row.place,
        reference=name,
        channel_order_id=layout.text(row, "order"),
        kind=kind,
        gross=gross if sign is None else abs(gross) * sign,
        fee=fee or ZERO,
        net=net if sign is None or net is None else abs(net) * sign,
        currency=currency,
        at=_moment(layout, row),
        provider_kind=word,
        transaction=layout.text(row, "transaction") or _parcel(layout, kind, row, name),
        original=layout.text(row, "original"),
        batch=layout.text(row, "batch"),
        description=layout.text(row, "description"),
        weight_kg=_weight(layout, row),
    )


def _parcel(layout: Layout, kind: Kind, row: Cells, name: str) -> str | None:
    """Which parcel a further row of it is about, such as a surcharge: its own name is numbered."""
    said = layout.text(row, "reference")
    return said if kind == "carriage" and said != name else None


def _weight(layout: Layout, row: Cells) -> Decimal | None:
    """In kilograms. 0 means that nobody weighed it."""
    names = layout.columns.get("weight", ())
    if not names or row.text(*names) is None:
        return None
    weight = row.amount(*names)
    if weight < 0:
        message = f"a weight is expected, it is {weight}"
        raise BadData(message, path=row.path(names[0]), code="bad_number")
    grams = measured(weight, GRAMS[_weight_unit(layout, row)])
    return None if grams is None else grams / 1000


def _weight_unit(layout: Layout, row: Cells) -> Weight:
    said = layout.text(row, "weight_unit")
    if said is None:
        return layout.weight_unit
    found = _WEIGHTS.get(said.casefold().rstrip("."))
    if found is None:
        message = f"kg, g, lb or oz is expected, it is {said[:40]}"
        raise BadData(message, path=row.path("weight_unit"), code="unknown_code")
    return found


def _kind(layout: Layout, word: str | None, row: Cells, at: Context) -> Kind:
    if word is None:
        return layout.usual_kind
    own = layout.kinds.get(word.casefold())
    return own or kind_of(at, word, row.path("kind"), layout.usual_kind)


def _sign(layout: Layout, kind: Kind, row: Cells) -> int | None:
    """None: as it is written. Else what side a row stands on, or which kinds leave."""
    if layout.sign == "side":
        side = (layout.text(row, "side") or "").casefold()
        if side not in layout.sides:
            message = f"one of {', '.join(sorted(layout.sides))} is expected"
            raise BadData(message, path=row.path("side"), code="unknown_code")
        return layout.sides[side]
    if layout.sign == "kind":
        return -1 if kind in layout.leaves else 1
    return None


def _amount(layout: Layout, row: Cells, field: str, currency: str) -> Decimal | None:
    """None where there is no such column, or nothing in it."""
    names = layout.columns.get(field, ())
    if not names or row.text(*names) is None:
        return None
    amount = row.amount(*names)
    return till(currency).minor(amount) if layout.minor else amount


def _check_units(layout: Layout, row: Cells, gross: Decimal | None) -> None:
    """A price of one piece stands in the place of a total in some reports."""
    if gross is None or not (layout.has("quantity") and layout.has("unit_price")):
        return
    names = layout.columns["quantity"]
    count = numbers.decimal(row.needed(*names), path=row.path(names[0]))
    whole = row.amount(*layout.columns["unit_price"]) * count
    if abs(whole) != abs(gross):
        message = f"the line says {gross}, {count} pieces come to {whole}"
        raise BadData(message, path=row.path("gross"), code="totals_differ")


def _moment(layout: Layout, row: Cells) -> datetime:
    names = layout.columns["at"]
    if layout.date_format is None:
        return row.moment(*names)
    told, form = row.needed(*names), layout.date_format
    try:
        found = datetime.strptime(told, form)  # noqa: DTZ007  # its zone comes now
    except ValueError:
        message = f"a time as {form} is expected, it is {told[:60]}"
        raise BadData(message, path=row.path(names[0]), code="bad_time") from None
    return (found if found.tzinfo else found.replace(tzinfo=row.at.zone)).astimezone(UTC)
