"""What a CRM is told of a customer, in the form that every CRM has: facts by name, one address."""

from collections.abc import Mapping
from typing import Any

from hub.model.document import Address, plain, show_instant
from hub.model.people import CustomerRecord

ACCEPTS = "accepts:"
"""`accepts:marketing` is whether the customer granted that purpose."""
_NOWHERE = Address()


def facts(document: CustomerRecord, fields: Mapping[str, str]) -> dict[str, Any]:
    """Facts under the names that a connection gives them, `{"orders": "Orders__c"}`. What is not
    known is left out, so that it is not emptied there.
    """
    known = _known(document)
    told = {theirs: known.get(ours) for ours, theirs in fields.items()}
    return {name: value for name, value in told.items() if value is not None}


def _known(document: CustomerRecord) -> dict[str, Any]:
    first, last = document.first_order_at, document.last_order_at
    return {
        "orders": document.orders,
        "spent": plain(document.spent),
        "currency": document.currency,
        "language": document.language,
        "company": document.company,
        "first_order_at": show_instant(first) if first else None,
        "last_order_at": show_instant(last) if last else None,
        **{f"{ACCEPTS}{it.purpose}": it.granted for it in document.consents},
    }


def names(document: CustomerRecord) -> tuple[str | None, str]:
    """First and last name. Where only a whole name is known it stands as the last one; where none
    is, whatever else names the customer.
    """
    if document.last_name:
        return document.first_name, document.last_name
    return None, document.name or document.company or document.email or document.customer_id


def place(document: CustomerRecord) -> Address:
    """The address to tell: the first."""
    return document.addresses[0] if document.addresses else _NOWHERE
