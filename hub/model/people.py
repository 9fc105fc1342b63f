"""Customers as collected from all channels, and a partner's formal answer to a document."""

from typing import ClassVar, Literal

from hub.model.document import (
    ZERO,
    Address,
    Amount,
    Currency,
    Document,
    Id,
    Instant,
    Language,
    OptId,
    OptText,
    Text,
    Value,
)


class Consent(Value):
    """What the customer allowed, when and where."""

    purpose: Text
    granted: bool
    at: Instant
    source: OptText = None


class Spend(Value):
    """What a customer's orders come to in one currency. Cancelled ones are not counted."""

    currency: Currency
    amount: Amount
    orders: int = 0


class CustomerRecord(Document):
    """One person over all channels of a merchant. `spent` is in `currency`, the one of most of the
    orders; `spends` says it for each. `merged`: ids of customers that were found to be this one.
    """

    TYPE: ClassVar[str] = "customer"

    type: Literal["customer"] = "customer"
    customer_id: Id
    channel_refs: tuple[Text, ...] = ()
    name: OptText = None
    first_name: OptText = None
    last_name: OptText = None
    email: OptText = None
    phone: OptText = None
    company: OptText = None
    addresses: tuple[Address, ...] = ()
    language: Language = None
    consents: tuple[Consent, ...] = ()
    first_order_at: Instant | None = None
    last_order_at: Instant | None = None
    orders: int = 0
    spent: Amount = ZERO
    currency: Currency | None = None
    spends: tuple[Spend, ...] = ()
    merged: tuple[Id, ...] = ()

    @property
    def business_id(self) -> str:
        return self.customer_id


class CustomerErasure(Document):
    """A person who is to be forgotten. It says nothing of who it was."""

    TYPE: ClassVar[str] = "customer_erasure"

    type: Literal["customer_erasure"] = "customer_erasure"
    customer_id: Id
    requested_at: Instant

    @property
    def business_id(self) -> str:
        return self.customer_id


class AcknowledgedProblem(Value):
    """What the partner found wrong."""

    path: OptText = None
    code: OptText = None
    message: OptText = None


class Acknowledgement(Document):
    """A partner's formal answer to a document of ours (X12 997, CONTRL, Qimen responses)."""

    TYPE: ClassVar[str] = "acknowledgement"

    type: Literal["acknowledgement"] = "acknowledgement"
    of: Id
    status: Literal["accepted", "rejected", "partially_accepted"]
    errors: tuple[AcknowledgedProblem, ...] = ()
    reference: OptId = None

    @property
    def business_id(self) -> str:
        return self.of
