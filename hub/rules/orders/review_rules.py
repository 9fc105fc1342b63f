"""Review rules as a merchant writes them: when a rule speaks of an order, and what it then does.

`{name: …, when: {…}, then: {…}}`, read from plain mappings. All that `when` names must hold; a rule
without it speaks of every order. What is not known is refused with its path. How they are asked is
in `reviewing.py`, what they change on an order in `review_effects.py`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import Amount, Count, Country, Currency, Id, Instant, OptText, Text, Value
from hub.model.errors import BadData
from hub.model.merchant import OPERATOR
from hub.model.plain import problems_of

Holding = Literal["risk", "review", "bad_address", "possible_duplicate", "customer_note"]
"""Hold reasons that a rule may give."""
Approved = Literal[
    "risk",
    "review",
    "not_before",
    "awaiting_payment",
    "totals_mismatch",
    "bad_address",
    "possible_duplicate",
    "customer_note",
    "unmapped_code",
    "refund_in_progress",
]
"""Hold reasons that a rule may waive: those that a person would look at and let go. What makes an
order impossible to ship is no matter of taste.
"""
Texts = Annotated[tuple[Text, ...], Field(min_length=1, max_length=1000)]


class Worth(Value):
    """The order's grand total, both ends included; in `currency`, or in any."""

    at_least: Amount | None = None
    at_most: Amount | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _says(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise PydanticCustomError("missing_field", "at_least or at_most is expected")
        return self


class Buys(Value):
    """More pieces of one article (of `sku`, or of any) than this within the hours before and with
    this order, by the same customer.
    """

    more_than: Count
    hours: Annotated[int, Field(ge=1, le=8760)]
    sku: Id | None = None


class When(Value):
    """What must hold, all of it. Patterns know `*` and `?`, and no difference of capitals."""

    risk: Literal["low", "medium", "high"] | None = None
    value: Worth | None = None
    price_below_list: Annotated[Amount, Field(gt=0, le=1)] | None = None
    first_order: Literal[True] | None = None
    customer_buys: Buys | None = None
    po_box: Literal[True] | None = None
    address: Texts | None = None
    postal_codes: Texts | None = None
    countries: Annotated[tuple[Country, ...], Field(min_length=1)] | None = None
    note: Literal[True] | None = None
    channels: Texts | None = None
    tags: Texts | None = None
    skus: Texts | None = None


class Wait(Value):
    """Until when an order waits: so many minutes after its payment (where the channel does not say
    when that was, and with `after: placed`, after it was placed), or until a moment.
    """

    minutes: Annotated[int, Field(ge=1, le=525_600)] | None = None
    after: Literal["payment", "placed"] = "payment"
    until: Instant | None = None

    @model_validator(mode="after")
    def _says(self) -> Self:
        if (self.minutes is None) == (self.until is None):
            raise PydanticCustomError("missing_field", "minutes or until is expected, not both")
        return self


class Place(Value):
    """The warehouse that ranks first (`prefer`), or the only one that may ship it (`force`)."""

    prefer: Id | None = None
    force: Id | None = None

    @model_validator(mode="after")
    def _says(self) -> Self:
        if (self.prefer is None) == (self.force is None):
            raise PydanticCustomError("missing_field", "prefer or force is expected, not both")
        return self

    @property
    def code(self) -> str:
        return self.prefer or self.force or ""


class Gift(Value):
    """An article that goes along for nothing."""

    sku: Id
    quantity: Annotated[int, Field(ge=1, le=1000)] = 1


class Then(Value):
    """What is done, all of it. `because` is the sentence of the hold."""

    hold: Holding | None = None
    because: OptText = None
    wait: Wait | None = None
    approve: tuple[Approved, ...] = ()
    tags: tuple[Text, ...] = ()
    carrier: OptText = None
    warehouse: Place | None = None
    gift: Gift | None = None

    @model_validator(mode="after")
    def _does(self) -> Self:
        if not self.model_fields_set - {"because"}:
            raise PydanticCustomError("missing_field", "something to do is expected, such as hold")
        return self


class ReviewRule(Value):
    """One rule. The highest `priority` is asked first, equal ones as they stand; `from` and
    `until` say when it is in force.
    """

    name: Annotated[Text, Field(max_length=100)]
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    since: Annotated[Instant | None, Field(alias="from")] = None
    until: Instant | None = None
    when: When = When()
    then: Then


def parse(rules: Sequence[Any], path: str = "rules") -> tuple[ReviewRule, ...]:
    """Rules from plain mappings, the first to be asked first. Raises BadData with the path of the
    first that is wrong, or bears the name of an earlier one.
    """
    read, names = [], set[str]()
    for at, rule in enumerate(rules):
        parsed = _read(rule, f"{path}.{at}")
        if parsed.name in names:
            message = f"another rule is called {parsed.name}"
            raise BadData(message, path=f"{path}.{at}.name", code="duplicate_key")
        names.add(parsed.name)
        read.append(parsed)
    return tuple(sorted(read, key=lambda rule: -rule.priority))


def rules_of(review: Mapping[str, Sequence[Any]], merchant: str) -> tuple[ReviewRule, ...]:
    """A merchant's rules of all that there are, else the operator's; parsed once for all that ask
    in a row.
    """
    rules = review.get(merchant) or review.get(OPERATOR) or () if review else ()
    if not rules:
        return ()
    text = json.dumps(rules, sort_keys=True)
    if text not in _PARSED:
        _PARSED[text] = parse(rules)
    return _PARSED[text]


_PARSED: dict[str, tuple[ReviewRule, ...]] = {}


def gifts_of(review: Mapping[str, Sequence[Any]], merchants: Iterable[str]) -> set[str]:
    """The articles that rules of these merchants may send along."""
    if not review:
        return set()
    rules = (rule for code in set(merchants) for rule in rules_of(review, code))
    return {rule.then.gift.sku for rule in rules if rule.then.gift}


def _read(rule: Any, path: str) -> ReviewRule:
    if not isinstance(rule, Mapping):
        raise BadData("names with values are expected", path=path, code="wrong_type")
    try:
        return ReviewRule.model_validate(dict(rule))
    except ValidationError as error:
        first = problems_of(error)[0]
        where = f"{path}.{first.path}".rstrip(".")
        raise BadData(first.message, path=where, code=first.code) from None
