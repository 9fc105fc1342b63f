"""What each filter says of a warehouse: a table from the kind of a filter to its question.

A question is made once of a rule and asked for every order. It answers None where the warehouse
may ship, `SILENT` where the rule has nothing to say of this order, else why not.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from hub.rules.routing.candidates import Demand, Request, Warehouse
from hub.rules.routing.fewest_warehouses import Row
from hub.rules.routing.rulebook import filters, opening
from hub.rules.routing.rulebook.values import WEEKDAYS

SILENT: Final = ""
Question = Callable[[Warehouse, Sequence[Demand], Request], str | None]
_ZERO = Decimal(0)


def _ships_to(rule: filters.ShipsTo) -> Question:
    countries, regions = frozenset(rule.countries), frozenset(rule.regions)
    named = f"ships to {', '.join(map(str, rule.countries))}, not to "
    only = f"ships to the regions {', '.join(rule.regions)} only"

    def ask(_: Warehouse, __: Sequence[Demand], request: Request) -> str | None:
        if request.country not in countries:
            return named + (request.country or "an unknown country")
        return only if regions and request.region not in regions else None

    return ask


def _postal(rule: filters.Postal) -> Question:
    words = "ships only to some postal codes" if rule.can else "does not ship to some postal codes"

    def ask(_: Warehouse, __: Sequence[Demand], request: Request) -> str | None:
        if request.country != rule.country:
            return SILENT
        code = request.code
        if code is None:
            return f"{words} of {rule.country}, and the address has none"
        if any(row.has(code) for row in rule.ranges) is rule.can:
            return None
        return f"{words} of {rule.country}; this is none it ships to"

    return ask


def _channel(rule: filters.ServesChannel) -> Question:
    channels = frozenset(rule.channels)
    words = f"works for {', '.join(rule.channels)} only"
    return lambda _, __, request: None if request.channel in channels else words


def _carrier(rule: filters.Carrier) -> Question:
    asked = (("carrier", _folded(rule.carriers)), ("service", _folded(rule.services)))
    verb = "sends only" if rule.can else "does not send"

    def ask(_: Warehouse, __: Sequence[Demand], request: Request) -> str | None:
        silent = True
        for name, known in asked:
            wanted = getattr(request, name)
            if not known or wanted is None:
                continue
            silent = False
            if (wanted.casefold() in known) is not rule.can:
                return f"{verb} by {', '.join(sorted(known))}; the order asks for {wanted}"
        return SILENT if silent else None

    return ask


def _folded(words: Collection[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def _cut_off(rule: filters.CutOff) -> Question:
    words = f"takes no more after {rule.time:%H:%M} {rule.zone}"
    return lambda _, __, request: (
        words if opening.local(request.at, rule.zone).time() >= rule.time else None
    )


def _calendar(rule: filters.Calendar) -> Question:
    days, holidays = frozenset(rule.days), frozenset(rule.holidays)

    def ask(_: Warehouse, __: Sequence[Demand], request: Request) -> str | None:
        day = opening.local(request.at, rule.zone).date()
        if opening.works(day, days, holidays):
            return None
        return f"takes no orders on {day.isoformat()} ({WEEKDAYS[day.weekday()]})"

    return ask


def _capacity(rule: filters.Capacity) -> Question:
    def ask(warehouse: Warehouse, demand: Sequence[Demand], _: Request) -> str | None:
        orders, pieces = warehouse.load.today.get(rule.zone, (0, _ZERO))
        if rule.orders is not None and orders >= rule.orders:
            return f"takes {rule.orders} orders a day, and has them"
        more = sum((need.quantity for need in demand), _ZERO)
        # what is more than a whole day's goes to a warehouse that has nothing yet, or never would
        if rule.pieces is not None and pieces and pieces + more > rule.pieces:
            return f"takes {rule.pieces} pieces a day, and has {pieces:f}"
        return None

    return ask


def _order_tag(rule: filters.OrderTag) -> Question:
    tags = _folded(rule.tags)
    named = ", ".join(rule.tags)
    words = (
        f"ships only orders with the tags {named}"
        if rule.can
        else f"ships no orders with the tags {named}"
    )

    def ask(_: Warehouse, __: Sequence[Demand], request: Request) -> str | None:
        return None if bool(tags & _folded(request.tags)) is rule.can else words

    return ask


def _order_value(rule: filters.OrderValue) -> Question:
    least, most = rule.at_least, rule.at_most

    def ask(_: Warehouse, __: Sequence[Demand], request: Request) -> str | None:
        if request.currency != rule.currency or request.value is None:
            return SILENT
        if least is not None and request.value < least:
            return f"ships goods worth {least:f} {rule.currency} or more"
        if most is not None and request.value > most:
            return f"ships goods worth at most {most:f} {rule.currency}"
        return None

    return ask


def _in_stock(rule: filters.InStock) -> Question:
    def ask(warehouse: Warehouse, demand: Sequence[Demand], _: Request) -> str | None:
        row = Row(warehouse, demand)
        if not row.has_any:
            return "has none of the goods"
        if rule.all and not row.has_all():
            return "does not have all of the goods"
        return None

    return ask


def _capability(rule: filters.Capability) -> Question:
    needs = frozenset(rule.needs)

    def ask(warehouse: Warehouse, _: Sequence[Demand], __: Request) -> str | None:
        if needs <= warehouse.capabilities:
            return None
        return f"cannot do {', '.join(sorted(needs - warehouse.capabilities))}"

    return ask


QUESTIONS: Mapping[type[filters.OfOrder], Callable[[Any], Question]] = {
    filters.ShipsTo: _ships_to,
    filters.Postal: _postal,
    filters.ServesChannel: _channel,
    filters.Carrier: _carrier,
    filters.CutOff: _cut_off,
    filters.Calendar: _calendar,
    filters.Capacity: _capacity,
    filters.OrderTag: _order_tag,
    filters.OrderValue: _order_value,
    filters.InStock: _in_stock,
    filters.Capability: _capability,
}
"""Kind of filter -> what makes its question of a rule."""


def until(rule: filters.OfOrder, at: datetime) -> datetime | None:
    """When what a rule says against a warehouse passes by itself, if it is a matter of time."""
    match rule:
        case filters.CutOff() | filters.Capacity():
            return opening.next_day(at, rule.zone)
        case filters.Calendar():
            return opening.next_working_day(at, rule.zone, rule.days, rule.holidays)
        case _:
            return None


def bars(rule: filters.OfGoods, warehouse: Warehouse, need: Demand) -> str | None:
    """Why a warehouse may not ship one line, or None."""
    if isinstance(rule, filters.GoodsNeed):
        lacks = sorted(set(rule.needs) - warehouse.capabilities)
        if not lacks or rule.attribute not in need.goods.traits:
            return None
        return f"cannot do {', '.join(lacks)}, which {rule.attribute} goods need"
    named = need.sku in rule.skus or not need.goods.categories.isdisjoint(rule.categories)
    if named is rule.can:
        return None
    return f"does not ship {need.sku}: {'other goods only' if rule.can else 'it is left out'}"
