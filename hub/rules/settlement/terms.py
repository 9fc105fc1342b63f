"""Terms of a contract with a merchant, as data.

A rule charges what it matches, by percent, by piece and by weight. Of the rules that bear one
`charge` the first that matches an item counts, so what is special stands before what is general.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import ZERO, Amount, Currency, Id, OptId, OptText, Quantity, Text, Value

Percent = Annotated[Amount, Field(ge=-100, le=100)]
Some = Annotated[tuple[Text, ...], Field(max_length=1000)]
"""Any of these; empty: all."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
On = Literal[
    "sale",
    "shipping",
    "fee",
    "discount",
    "payment",
    "parcel",
    "carriage",
    "return",
    "receipt",
    "storage",
    "chargeback",
]
"""What is charged: pieces sold and taken back, what the customer paid for delivery, a surcharge, a
discount granted, an order's payment, a parcel, what a carrier asked, pieces that came back, pieces
that came in, pieces stored for a day, a chargeback.
"""


class Tier(Value):
    """Another percent where the period's sales under the rule come to so much, or so many."""

    value: Amount | None = None
    pieces: Quantity | None = None
    percent: Percent

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.value is None) == (self.pieces is None):
            raise PydanticCustomError("missing_field", "one of value and pieces is expected")
        return self


class Rule(Value):
    """One charge: `percent` of the amount (with tax, unless `net`), `fixed` for each piece, parcel
    or payment, `per_kg` by weight; within `minimum` and `maximum` for each item. A negative charge
    is credited: so the operator bears its part of a discount.

    `given_back`: what is taken back is taken off the charge as well.
    """

    name: Name
    charge: Name = "commission"
    on: On = "sale"
    categories: Some = ()
    brands: Some = ()
    skus: Some = ()
    channels: Some = ()
    campaigns: Some = ()
    methods: Some = ()
    warehouses: Some = ()
    percent: Percent = ZERO
    fixed: Amount = ZERO
    per_kg: Amount = ZERO
    minimum: Annotated[Amount, Field(ge=0)] | None = None
    maximum: Annotated[Amount, Field(ge=0)] | None = None
    net: bool = False
    given_back: bool = True
    tiers: Annotated[tuple[Tier, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if None not in (self.minimum, self.maximum) and self.minimum > self.maximum:  # type: ignore[operator]
            raise PydanticCustomError("bad_range", "the minimum is above the maximum")
        if any(tier.value is None for tier in self.tiers) and any(
            tier.pieces is None for tier in self.tiers
        ):
            raise PydanticCustomError("conflict", "tiers are by value or by pieces, not by both")
        return self


class PeriodFee(Value):
    """Charged once a period."""

    name: Name
    charge: Name = "subscription"
    amount: Amount


class Reserve(Value):
    """Part of what was sold is kept back for so many days after the period."""

    percent: Annotated[Amount, Field(ge=0, le=100)] = ZERO
    days: Annotated[int, Field(ge=0, le=730)] = 0


class Payee(Value):
    """Whom a payout goes to. `iban` is written whole and only ever shown as `•••` and its last four
    characters; given back like that it is the account that the contract has.
    """

    name: Text
    iban: Annotated[
        str, Field(pattern=r"^([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}|•••[A-Z0-9]{4})$", repr=False)
    ]
    bic: Annotated[str, Field(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")] | None = (
        None
    )
    country: OptText = None


class Terms(Value):
    """What a merchant is charged and when it is paid.

    `hold_days`: what was delivered so few days before a period's end is paid with the next
    statement; what nobody told of counts as delivered `delivery_days` after it left.
    `chargeback_fee`: who bears what a provider takes for a chargeback beside the money itself.
    `tax_percent` is put on charges, as `tax_code`.
    """

    currency: Currency
    period: Literal["day", "week", "month"] = "month"
    rounding: Literal["half_up", "half_even"] = "half_up"
    rules: Annotated[tuple[Rule, ...], Field(max_length=2000)] = ()
    fees: Annotated[tuple[PeriodFee, ...], Field(max_length=100)] = ()
    tax_percent: Annotated[Amount, Field(ge=0, le=100)] = ZERO
    tax_code: OptId = None
    reserve: Reserve = Reserve()
    hold_days: Annotated[int, Field(ge=0, le=365)] = 0
    delivery_days: Annotated[int, Field(ge=0, le=120)] = 0
    chargeback_fee: Literal["merchant", "operator"] = "operator"
    minimum_payout: Annotated[Amount, Field(ge=0)] = ZERO
    payee: Payee | None = None
    reference: Id | None = None

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        names = [rule.name for rule in self.rules] + [fee.name for fee in self.fees]
        if len(names) != len(set(names)):
            raise PydanticCustomError("repeated", "each rule and fee has a name of its own")
        return self
