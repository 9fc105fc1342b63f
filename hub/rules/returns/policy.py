"""A merchant's terms for returns, as data: the window, review rules, the reasons that it knows, who
takes what comes back, and how money and exchanges go.

Review rules are asked in their order; all that `when` names must hold, and the first rule that
speaks decides. Where none does, `otherwise` decides.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import ZERO, Amount, Id, OptText, Text, Value
from hub.model.errors import BadData
from hub.model.merchant import OPERATOR, ReturnTerms, in_force
from hub.model.plain import problems_of
from hub.model.returns import ReturnCause, ReturnKind

Decision = Literal["approve", "refuse", "ask"]
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=1000)]
Agreed = Mapping[str, Sequence[ReturnTerms]]
"""Merchant -> all versions of its terms."""
_Days = Annotated[int, Field(ge=0, le=3650)]


class When(Value):
    """What must hold of a return, all of it. `value_*` is what its pieces cost the customer;
    `returned_before`: at least so many returns of the same customer; patterns know `*` and `?`.
    """

    days_at_most: _Days | None = None
    days_at_least: _Days | None = None
    reasons: Texts | None = None
    causes: Annotated[tuple[ReturnCause, ...], Field(min_length=1)] | None = None
    kinds: Annotated[tuple[ReturnKind, ...], Field(min_length=1)] | None = None
    value_at_least: Amount | None = None
    value_at_most: Amount | None = None
    categories: Texts | None = None
    skus: Texts | None = None
    channels: Texts | None = None
    returned_before: Annotated[int, Field(ge=1, le=10_000)] | None = None


class ReviewRule(Value):
    """One rule. `because` is the sentence that people read."""

    name: Annotated[Text, Field(max_length=100)]
    when: When = When()
    then: Decision
    because: OptText = None


class Reason(Value):
    """A reason of the merchant's list, and what channels call it."""

    code: Id
    title: OptText = None
    words: tuple[Text, ...] = ()


class PlaceRule(Value):
    """Who takes what comes back: the first rule of which all that is named fits."""

    warehouse: Id
    skus: Texts | None = None
    reasons: Texts | None = None
    countries: Texts | None = None


class Policy(Value):
    """All terms of one merchant. `window_days` counts from the order's day; None: no end. `settle`:
    whether money goes back as soon as a return is confirmed. `exchange`: when other goods leave.
    `four_eyes`: who inspected does not confirm. `restocking_percent` is kept back of what good and
    second-grade pieces of customers' returns are worth.
    """

    window_days: _Days | None = 30
    review: tuple[ReviewRule, ...] = Field(default=(), max_length=1000)
    otherwise: Decision = "ask"
    reasons: tuple[Reason, ...] = Field(default=(), max_length=1000)
    warehouses: tuple[PlaceRule, ...] = Field(default=(), max_length=1000)
    settle: Literal["by_hand", "auto"] = "by_hand"
    exchange: Literal["after", "before"] = "after"
    four_eyes: bool = False
    refund_shipping: bool = False
    restocking_percent: Annotated[Amount, Field(ge=0, le=100)] = ZERO

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        for what in (self.review, self.reasons):
            names = [getattr(it, "name", None) or getattr(it, "code", "") for it in what]
            if len(set(names)) != len(names):
                raise PydanticCustomError("duplicate_key", "a name stands twice")
        return self


def parse(tree: Mapping[str, Any], path: str = "policy") -> Policy:
    """Terms from a plain mapping. BadData with the path of what is wrong first."""
    try:
        return Policy.model_validate(dict(tree))
    except ValidationError as error:
        first = problems_of(error)[0]
        where = f"{path}.{first.path}".rstrip(".")
        raise BadData(first.message, path=where, code=first.code) from None


def own(known: Agreed, merchant: str, at: datetime) -> Mapping[str, Any]:
    """A merchant's own terms at a moment, as they were written; empty where it has none."""
    version = in_force(known.get(merchant, ()), at)
    return version.terms if version else {}


def of(known: Agreed, merchant: str, at: datetime) -> Policy:
    """A merchant's terms at a moment, else the operator's, else what holds without any."""
    tree = own(known, merchant, at) or own(known, OPERATOR, at)
    text = json.dumps(tree, sort_keys=True)
    if text not in _PARSED:
        if len(_PARSED) > _MOST:
            _PARSED.clear()
        _PARSED[text] = parse(tree)
    return _PARSED[text]


_PARSED: dict[str, Policy] = {}
_MOST = 1000


def reason(policy: Policy, word: str | None) -> str | None:
    """The merchant's own code of a reason: as it is called, or as the channel calls it. A word that
    no list knows stays as it is, for a person.
    """
    if word is None:
        return None
    plain = word.casefold()
    for known in policy.reasons:
        if plain == known.code.casefold() or plain in (it.casefold() for it in known.words):
            return known.code
    return word
