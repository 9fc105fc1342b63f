"""Who draws a merchant's invoices, and what the sales are of which the order shows no tax."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.model.document import OptText, Value
from hub.model.invoice import ENGLISH, InvoiceLanguage, Party

REASONS = {
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export",
    "O": "Not subject to VAT",
}
"""Category -> why no tax is due, where the seller has no words of his own for it."""


class Untaxed(Value):
    """Why a sale bears no tax: its category (UNCL 5305), and the reason that its invoice gives.
    Whoever says `E` says why; zero rated sales (`Z`) have no reason.
    """

    category: Literal["Z", "E", "AE", "K", "G", "O"]
    reason: OptText = None

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.category == "E" and not self.reason:
            raise PydanticCustomError("missing", "the law that exempts them is expected: reason")
        if self.category == "Z" and self.reason:
            raise PydanticCustomError("bad_value", "zero rated sales have no reason (BR-Z-10)")
        return self


class UntaxedSales(Value):
    """What a seller's sales without tax are: `every` one, of a small business or of who is not
    subject to tax; or else by where the goods go, `home` to the seller's own country, `union` from
    one country of the EU to another, `abroad` beyond. Null: `union` are intra-community supplies
    (K), `abroad` exports (G), and what is sold at `home` without tax is not invoiced.
    """

    every: Untaxed | None = None
    home: Untaxed | None = None
    union: Untaxed | None = None
    abroad: Untaxed | None = None


class Seller(Value):
    """Who draws a merchant's invoices. `at_shipment`: one is drawn when goods leave; `language`: of
    their pages, None: the buyer's.
    """

    party: Party
    untaxed: UntaxedSales = Field(default_factory=UntaxedSales)
    at_shipment: bool = False
    language: InvoiceLanguage | None = ENGLISH
