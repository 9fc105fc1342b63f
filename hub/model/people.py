"""Customers as collected from all channels, and a partner's formal answer to a document."""

from typing import ClassVar, Literal

from hub.model.document import (
    ZERO,
    Address,
    Amount,
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


class CustomerRecord(Document):
    """One person over all channels."""

    TYPE: ClassVar[str] = "customer"

    type: Literal["customer"] = "customer"
    customer_id: Id
    channel_refs: tuple[Text, ...] = ()
    name: OptText = None
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
