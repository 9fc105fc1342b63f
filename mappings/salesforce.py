"""A customer as a Salesforce record. Source: REST API developer guide, sObject Collections and
upsert by external id; fields of the standard object Contact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.model.people import CustomerErasure, CustomerRecord
from mappings.kit import Context, Encoders
from mappings.kit.customers import facts, names, place

LONGEST = {"FirstName": 40, "LastName": 80, "Email": 80, "Phone": 40, "MailingCity": 40,
           "MailingState": 80, "MailingPostalCode": 20, "MailingCountry": 80}  # fmt: skip
"""Characters that a standard field holds. One that is longer is refused whole, so it is cut;
an e-mail is left out."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`key`: the external id field; `fields`: ours -> theirs, of facts that an organisation has
    fields for; `parent`: a relation and the external id that it is set by.
    """

    key: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def encoders(terms: Terms) -> Encoders:
    """How one organisation is told."""

    def contact(document: CustomerRecord, _: Context) -> dict[str, Any]:
        """Fields, the external id not among them: it stands in the address, or beside them."""
        first, last = names(document)
        where = place(document)
        told = {
            "FirstName": first,
            "LastName": last,
            "Email": document.email,
            "Phone": document.phone,
            "MailingStreet": "\n".join(where.lines),
            "MailingCity": where.city,
            "MailingState": where.region or where.region_code,
            "MailingPostalCode": where.postal_code,
            "MailingCountry": where.country,
        }
        known = {name: _fitting(name, text) for name, text in told.items() if text}
        standard = {name: text for name, text in known.items() if text}
        return {**standard, **facts(document, terms.fields), **terms.parent}

    def forgotten(document: CustomerErasure, _: Context) -> dict[str, Any]:
        """Which record is meant."""
        return {terms.key: document.customer_id}

    return {CustomerRecord: contact, CustomerErasure: forgotten}


def _fitting(name: str, text: str) -> str | None:
    longest = LONGEST.get(name, len(text))
    if len(text) <= longest:
        return text
    return None if name == "Email" else text[:longest]
