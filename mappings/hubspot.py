"""A customer as a HubSpot contact. Source: CRM Contacts API v3; every value is text.

A contact is known by a property of ours whose values are unique. The account makes it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.model.people import CustomerErasure, CustomerRecord
from mappings.kit import Context, Encoders
from mappings.kit.customers import facts, names, place


@dataclass(frozen=True, slots=True)
class Terms:
    """`key`: the property that knows a contact; `fields`: ours -> theirs, of facts that an account
    has properties for.
    """

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)


def encoders(terms: Terms) -> Encoders:
    """How one account is told."""

    def contact(document: CustomerRecord, _: Context) -> dict[str, Any]:
        """One input of a batch of upserts."""
        first, last = names(document)
        where = place(document)
        told = {
            terms.key: document.customer_id,
            "email": document.email,
            "firstname": first,
            "lastname": last,
            "phone": document.phone,
            "company": document.company,
            "address": ", ".join(where.lines),
            "city": where.city,
            "state": where.region or where.region_code,
            "zip": where.postal_code,
            "country": where.country,
            **facts(document, terms.fields),
        }
        properties = {name: _text(value) for name, value in told.items() if value not in (None, "")}
        number = document.customer_id
        return {
            "idProperty": terms.key,
            "id": number,
            "objectWriteTraceId": number,
            "properties": properties,
        }

    def forgotten(document: CustomerErasure, _: Context) -> dict[str, Any]:
        """Which contact is meant."""
        return {"idProperty": terms.key, "id": document.customer_id}

    return {CustomerRecord: contact, CustomerErasure: forgotten}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
