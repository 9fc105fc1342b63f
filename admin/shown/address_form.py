"""The form for the delivery address of a held order: what to show in it, what was written there.

Who has not asked to see the address writes over what is wrong in it: a masked field that is left
empty stays as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _
from pydantic import ValidationError

from admin import forms
from admin.shown import masking
from hub.flows.orders.correcting import CORRECTED
from hub.model.document import Address
from hub.model.errors import Problem
from hub.model.plain import problems_of, refused
from hub.store.views.orders import OrderItem

_OPEN = frozenset({"city", "region", "country"})
"""Parts that the page shows to everybody."""
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
NAMES = ("name", "company", "lines", "postal_code", "city", "region", "country", "phone", "email")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `problem`: why it cannot stay as it is."""

    name: str
    label: str
    value: str
    placeholder: str
    problem: str


@dataclass(frozen=True, slots=True)
class Form:
    """The form; `clear` where whoever looks sees what stands in the order."""

    clear: bool
    fields: tuple[Field, ...]
    countries: tuple[tuple[str, str], ...]


def wanted(order: OrderItem) -> bool:
    """Whether the order is held for its address."""
    codes = {reason["code"] for reason in order.hold_reasons}
    return order.status == "held" and bool(codes & CORRECTED)


def form(
    order: OrderItem, *, clear: bool, problems: Iterable[Problem] | None = None
) -> Form | None:
    """The form, where the order is held for its address; with what was written, where that was
    refused for `problems`.
    """
    if not wanted(order) or order.document is None:
        return None
    why = problems if problems is not None else _reasons(order)
    wrong: dict[str, str] = {}
    for problem in why:
        says = _("It is missing.") if problem.code == "bad_address" else problem.message
        wrong.setdefault(problem.path.partition(".")[2].partition(".")[0], str(says))
    now = _texts(order.document.ship_to)
    written = problems is not None
    return Form(
        clear,
        tuple(_field(name, now, wrong, clear=clear, written=written) for name in NAMES),
        _countries(),
    )


def blank(order: OrderItem, *, clear: bool) -> Form:
    """The form for an address that nothing need be wrong with."""
    now = _texts(order.document.ship_to if order.document else None)
    fields = tuple(_field(name, now, {}, clear=clear, written=False) for name in NAMES)
    return Form(clear, fields, _countries())


def submitted(order: OrderItem) -> Address:
    """The address that was written. BadData names the field that cannot be read."""
    before = (order.document and order.document.ship_to) or Address()
    seen, given = bool(request.form.get("seen")), before.model_dump()
    for name in NAMES:
        text = forms.text(name, 1000)
        if text or seen or name in _OPEN:
            given[name] = _lines(text) if name == "lines" else text or None
    if given["country"] != before.country or given["region"] != before.region:
        given["region_code"] = None  # of what was there before
    try:
        return Address.model_validate(given)
    except ValidationError as error:
        problems = [
            replace(problem, path=f"ship_to.{problem.path}") for problem in problems_of(error)
        ]
        raise refused(problems) from None


def _reasons(order: OrderItem) -> list[Problem]:
    return [
        Problem(one["path"], one["code"], one["message"])
        for one in order.hold_reasons
        if one["code"] in CORRECTED
    ]


def _field(
    name: str, now: Mapping[str, str], wrong: Mapping[str, str], *, clear: bool, written: bool
) -> Field:
    is_shown = clear or name in _OPEN
    value = forms.text(name, 1000) if written else now[name] if is_shown else ""
    placeholder = masking.DOTS if now[name] and not is_shown else ""
    return Field(name, _label(name), value, placeholder, wrong.get(name, ""))


def _label(name: str) -> str:
    known = {
        "name": _("Name"),
        "company": _("Company"),
        "lines": _("Street"),
        "postal_code": _("Postal code"),
        "city": _("City"),
        "region": _("Region"),
        "country": _("Country"),
        "phone": _("Phone"),
        "email": _("E-mail"),
    }
    return str(known[name])


def _texts(address: Address | None) -> dict[str, str]:
    found = address or Address()
    texts = {name: getattr(found, name) or "" for name in NAMES if name != "lines"}
    return {**texts, "lines": "\n".join(found.lines)}


def _lines(text: str) -> list[str]:
    return [line for one in text.splitlines() if (line := one.strip())]


def _countries() -> tuple[tuple[str, str], ...]:
    """Code and name of every country, by name, in the reader's language."""
    locale = get_locale()
    named = [] if locale is None else locale.territories.items()
    countries = [
        (code, name)
        for code, name in named
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]
    return tuple(sorted(countries, key=lambda country: country[1]))
