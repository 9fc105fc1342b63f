"""Routing rules as a merchant writes them.

Filters, sorters and fallbacks, read from plain mappings.

A rule names its kind by its first key: `{filter: ships_to, …}`, `{sort: priority, …}`, `{fallback:
backorder}`. Sorters apply in their order, filters all at once, fallbacks one after the other. What
is not known is refused with its path.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import time
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import Country, Id, Text, Value
from hub.model.errors import BadData, problems_of

_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


class ShipsTo(Value):
    """The warehouse ships only there. Several of one warehouse are alternatives."""

    filter: Literal["ships_to"]
    warehouse: Id
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    regions: tuple[Text, ...] = ()


class ServesChannel(Value):
    """The warehouse works only for these channels. Several of one warehouse are alternatives."""

    filter: Literal["channel"]
    warehouse: Id
    channels: Annotated[tuple[Id, ...], Field(min_length=1)]


class CutOff(Value):
    """From that time of day on, in its zone and until midnight, the warehouse takes no more."""

    filter: Literal["cut_off"]
    warehouse: Id
    time: time
    zone: Text = "UTC"

    @field_validator("time", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        # an unquoted 15:00 in YAML is the number 900
        if not isinstance(value, str) or not _TIME_OF_DAY.fullmatch(value):
            raise PydanticCustomError("bad_time", "a time of day written as text, such as '15:00'")
        return value

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise PydanticCustomError("unknown_code", "a time zone such as Europe/Berlin") from None
        return zone


class InStock(Value):
    """Rules out a warehouse that has nothing of the goods; with `all`, one that lacks any."""

    filter: Literal["stock"]
    all: bool = False


class Capability(Value):
    """Only warehouses that can do all of this (`cold_chain`, `hazmat`, `engraving`)."""

    filter: Literal["capability"]
    needs: Annotated[tuple[Text, ...], Field(min_length=1)]


class FewestSplits(Value):
    """As few warehouses as possible.

    `split_lines: false`: a line comes from one of them, or not.
    """

    sort: Literal["fewest_splits"]
    split_lines: bool = True


class Priority(Value):
    """In this order; a warehouse that is not named comes last."""

    sort: Literal["priority"]
    order: Annotated[tuple[Id, ...], Field(min_length=1)]


class Sorter(Value):
    """Nearest, cheapest or idlest first, by what is known of each warehouse."""

    sort: Literal["distance", "cost", "load"]


class Fallback(Value):
    """What becomes of the pieces that no warehouse has.

    `next_best` tries once more without the filters named in `ignore`; `backorder` ships what there
    is and waits for the rest; `hold` keeps the whole order.
    """

    fallback: Literal["backorder", "hold", "next_best"]
    ignore: tuple[Literal["ships_to", "channel", "cut_off", "capability", "stock"], ...] = ()

    @model_validator(mode="after")
    def _ignores(self) -> Self:
        if self.ignore and self.fallback != "next_best":
            raise PydanticCustomError("unknown_field", "only next_best ignores filters")
        return self

    @property
    def ignored(self) -> frozenset[str]:
        """The filters to leave out; the cut-off where none are named."""
        return frozenset(self.ignore or ("cut_off",))


Filter = ShipsTo | ServesChannel | CutOff | InStock | Capability
Sort = FewestSplits | Priority | Sorter
Rule = Filter | Sort | Fallback

_KINDS: dict[str, dict[str, type[Rule]]] = {
    "filter": {
        "ships_to": ShipsTo,
        "channel": ServesChannel,
        "cut_off": CutOff,
        "stock": InStock,
        "capability": Capability,
    },
    "sort": {
        "fewest_splits": FewestSplits,
        "priority": Priority,
        "distance": Sorter,
        "cost": Sorter,
        "load": Sorter,
    },
    "fallback": {"backorder": Fallback, "hold": Fallback, "next_best": Fallback},
}

DEFAULT_RULES: tuple[Rule, ...] = (
    FewestSplits(sort="fewest_splits"),
    Fallback(fallback="hold"),
)
"""Where a merchant says nothing: one warehouse if possible, and hold what cannot be filled."""


def parse(rules: Sequence[Any], path: str = "rules") -> tuple[Rule, ...]:
    """Rules from plain mappings. Raises BadData with the path of the first that is wrong."""
    return tuple(_read(rule, f"{path}.{at}") for at, rule in enumerate(rules))


def _read(rule: Any, path: str) -> Rule:
    kinds = [kind for kind in _KINDS if kind in rule] if isinstance(rule, Mapping) else []
    if len(kinds) != 1:
        raise BadData(f"a rule has exactly one of {', '.join(_KINDS)}", path=path)
    kind = kinds[0]
    model = _KINDS[kind].get(str(rule[kind]))
    if model is None:
        known = ", ".join(_KINDS[kind])
        raise BadData(f"one of {known} is expected", path=f"{path}.{kind}", code="unknown_code")
    try:
        return model.model_validate(dict(rule))
    except ValidationError as error:
        first = problems_of(error)[0]
        where = f"{path}.{first.path}".rstrip(".")
        raise BadData(first.message, path=where, code=first.code) from None
