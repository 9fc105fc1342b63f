"""Routing rules as a merchant writes them, read from plain mappings.

A rule names its kind by its first key: `{filter: ships_to, …}`, `{sort: priority, …}`, `{fallback:
backorder}`, `{merge: same_recipient}`. Sorters apply in their order, filters all at once, fallbacks
one after the other. What is not known is refused with its path. `filters.py` and `sorters.py` have
the kinds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import Id
from hub.model.errors import BadData
from hub.model.plain import problems_of
from hub.rules.routing.rulebook.filters import Filter, FilterName
from hub.rules.routing.rulebook.sorters import FewestSplits, Sort
from hub.rules.routing.rulebook.values import Dated


class Fallback(Dated):
    """What becomes of the pieces that no warehouse has.

    `next_best` tries once more without the filters named in `ignore`; `backorder` ships what there
    is and waits for the rest; `hold` keeps the whole order. One with `skus` is for orders of which
    nothing else is missing.
    """

    fallback: Literal["backorder", "hold", "next_best"]
    ignore: tuple[FilterName, ...] = ()
    skus: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _ignores(self) -> Self:
        if self.ignore and self.fallback != "next_best":
            raise PydanticCustomError("unknown_field", "only next_best ignores filters")
        return self

    def is_for(self, missing: Iterable[str]) -> bool:
        """Whether it says what becomes of these articles."""
        return not self.skus or set(self.skus).issuperset(missing)

    @property
    def ignored(self) -> frozenset[str]:
        """The filters to leave out; the cut-off where none are named."""
        return frozenset(self.ignore or ("cut_off",))


class Merge(Dated):
    """What is planned for one recipient in one warehouse leaves as one parcel, so many orders in
    one at most.
    """

    merge: Literal["same_recipient"]
    at_most: Annotated[int, Field(ge=2, le=100)] = 20


Rule = Filter | Sort | Fallback | Merge


def _by_word(kind: str, models: Any) -> dict[str, type[Rule]]:
    return {
        word: model
        for model in get_args(models)
        for word in get_args(model.model_fields[kind].annotation)
    }


KINDS: Mapping[str, Mapping[str, type[Rule]]] = {
    "filter": _by_word("filter", Filter),
    "sort": _by_word("sort", Sort),
    "fallback": dict.fromkeys(get_args(Fallback.model_fields["fallback"].annotation), Fallback),
    "merge": {"same_recipient": Merge},
}
"""Kind -> word -> the model of such a rule."""

DEFAULT_RULES: tuple[Rule, ...] = (
    FewestSplits(sort="fewest_splits"),
    Fallback(fallback="hold"),
)
"""Where a merchant says nothing: one warehouse if possible, and hold what cannot be filled."""


def parse(rules: Sequence[Any], path: str = "rules") -> tuple[Rule, ...]:
    """Rules from plain mappings. Raises BadData with the path of the first that is wrong."""
    return tuple(_read(rule, f"{path}.{at}") for at, rule in enumerate(rules))


def _read(rule: Any, path: str) -> Rule:
    kinds = [kind for kind in KINDS if kind in rule] if isinstance(rule, Mapping) else []
    if len(kinds) != 1:
        raise BadData(f"a rule has exactly one of {', '.join(KINDS)}", path=path)
    kind = kinds[0]
    model = KINDS[kind].get(str(rule[kind]))
    if model is None:
        known = ", ".join(KINDS[kind])
        raise BadData(f"one of {known} is expected", path=f"{path}.{kind}", code="unknown_code")
    try:
        return model.model_validate(dict(rule))
    except ValidationError as error:
        first = problems_of(error)[0]
        where = f"{path}.{first.path}".rstrip(".")
        raise BadData(first.message, path=where, code=first.code) from None
