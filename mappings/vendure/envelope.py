"""Takes resources out of a GraphQL answer: bare, listed, in `data` under any name, or in `items`;
with what was asked beside them of the shop: in what it reckons.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hub.model.errors import BadData
from mappings.kit import Context
from mappings.kit.money import Till
from mappings.reading import read_json

_DEEPEST = 8
_PLACES = frozenset("0123456")
_BESIDE = ("activeChannel", "globalSettings")


@dataclass(frozen=True, slots=True)
class Shop:
    """In what a shop reckons. None: not told. `precision`: the places of its amounts, whatever the
    currency; where it is not told they are the currency's own.
    """

    taxed: bool | None = None
    precision: int | None = None

    def cash(self, told: Decimal | None, till: Till) -> Decimal | None:
        """An amount in whole pieces of money."""
        if told is None:
            return None
        return (
            till.minor(told) if self.precision is None else till.tidy(told.scaleb(-self.precision))
        )


def resources(raw: bytes, at: Context, *marks: str) -> tuple[Shop, list[dict[str, Any]]]:
    """The resources that have one of these fields. BadData where there is none."""
    tree = read_json(raw, at.warn)
    answers = _within(tree, lambda it: "errorCode" in it or any(mark in it for mark in marks))
    found = [answer for answer in answers if "errorCode" not in answer]
    if not found:
        refused = next(_within(tree, lambda it: isinstance(_code(it), str)), None)
        code = f"the shop answered {_code(refused)[:60]}" if refused else None
        message = code or "no such resource is in it"
        raise BadData(message, path="data", code="missing_field")
    return _shop(tree), found


def _within(
    tree: Any, is_wanted: Callable[[dict[str, Any]], bool], depth: int = _DEEPEST
) -> Iterator[dict[str, Any]]:
    """The objects that are wanted; what is inside of one is not looked at."""
    if isinstance(tree, list):
        tree = {str(place): entry for place, entry in enumerate(tree)}
    if not isinstance(tree, dict) or depth == 0:
        return
    if is_wanted(tree):
        yield tree
        return
    for name, value in tree.items():
        if name not in _BESIDE:
            yield from _within(value, is_wanted, depth - 1)


def _code(refused: dict[str, Any]) -> Any:
    return refused.get("errorCode") or refused.get("code")


def _shop(tree: Any) -> Shop:
    data = tree.get("data", tree) if isinstance(tree, dict) else {}
    taxed = _told(data, "activeChannel", "pricesIncludeTax")
    places = str(_told(data, "globalSettings", "serverConfig", "moneyStrategyPrecision"))
    return Shop(
        taxed if isinstance(taxed, bool) else None, int(places) if places in _PLACES else None
    )


def _told(tree: Any, *names: str) -> Any:
    for name in names:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree
