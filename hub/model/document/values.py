"""Values with parts: the document itself, where it came from, an address."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from hub.model.document.scalars import Country, Id, Instant, OptText, Text


class Value(BaseModel):
    """A part of a document: frozen, and no field beyond those named."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class Source(Value):
    """Where a document came from. `revision` and `occurred_at` tell late from new."""

    connection: Id
    id: Id
    revision: OptText = None
    occurred_at: Instant | None = None


class Document(Value):
    """A canonical document. Each kind sets `type`."""

    TYPE: ClassVar[str]

    type: str
    source: Source
    attributes: dict[str, Any] = Field(default_factory=dict)

    @property
    def business_id(self) -> str:
        """What the document is about; the unit of order and of idempotency."""
        return self.source.id


class Address(Value):
    """A postal address as given. Every part may be missing; rules decide whether it can be shipped
    to.
    """

    name: OptText = None
    company: OptText = None
    lines: tuple[Text, ...] = ()
    district: OptText = None
    city: OptText = None
    region: OptText = None
    region_code: OptText = None
    postal_code: OptText = None
    country: Country = None
    phone: OptText = None
    email: OptText = None
