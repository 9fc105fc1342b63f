"""Customers: who they are over all channels, joined and taken apart, what they allow, forgotten."""

from typing import Any
from uuid import UUID

from pydantic import Field

from hub.flows.customers import erase, finding, joining, looking
from hub.flows.customers.looking import Seen
from hub.gateway.api.order_requests import Nothing
from hub.gateway.description.answers import customers as answers
from hub.gateway.routes import PAGED, Ask, Param, Route, text
from hub.model.document import OptText, Text, Value, plain, show_instant
from hub.model.people import Consent
from hub.store.views import customers as views


class Who(Value):
    """Whom to find: an exact e-mail, a telephone with its country, or an order number."""

    who: Text


class Other(Value):
    """The other customer."""

    other: UUID


class Consented(Value):
    """What was said: for what purpose, whether it is allowed, and where that was said."""

    purpose: str = Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")
    granted: bool
    source: OptText = None


def listed(ask: Ask) -> Any:
    """Customers, oldest first; who is one with another is not among them."""
    there = views.listed(ask.db, ask.query.get("merchant"), after=ask.after(), limit=ask.limit())
    known = {seen.row.id: seen for seen in looking.several(ask.db, ask.store.vault, there.items)}
    return ask.listed(there, lambda id_: _shown(known[id_]))


def search(ask: Ask) -> Any:
    """Find customers by exact e-mail, telephone with its country, or order number. It is a POST, so
    that no address stands in a log.
    """
    own = ask.caller.merchant
    merchants = [own] if own is not None else list(ask.directory.merchants)
    ids = finding.find(ask.db, ask.store.vault, merchants, ask.read(Who).who)
    return {"items": [_shown(seen) for seen in looking.several(ask.db, ask.store.vault, ids)]}


def single(ask: Ask) -> Any:
    """One customer, with his newest orders and who may be the same. Of one that was merged, the one
    he is now.
    """
    return _whole(ask, ask.uuid())


def merge(ask: Ask) -> Any:
    """The other customer is this one as well. It can be taken back."""
    joining.merge(ask.unit, ask.uuid(), ask.read(Other).other, ask.caller.actor)
    return _whole(ask, ask.uuid())


def unmerge(ask: Ask) -> Any:
    """This one, which was merged into another, is a customer of its own again."""
    ask.read(Nothing)
    joining.unmerge(ask.unit, ask.uuid(), ask.caller.actor)
    return _whole(ask, ask.uuid())


def distinct(ask: Ask) -> Any:
    """The two look alike and are two: they are not proposed again."""
    joining.not_the_same(ask.unit, ask.uuid(), ask.read(Other).other, ask.caller.actor)
    return _whole(ask, ask.uuid())


def consent(ask: Ask) -> Any:
    """What a customer allowed or took back just now. The newest counts, all are kept."""
    said = ask.read(Consented)
    word = Consent(
        purpose=said.purpose, granted=said.granted, at=ask.at, source=said.source or "api"
    )
    joining.consent(ask.unit, ask.uuid(), word, ask.caller.actor)
    return _whole(ask, ask.uuid())


def forget(ask: Ask) -> Any:
    """Forget the customer in every table, message and archive file. Nothing brings him back."""
    ask.read(Nothing)
    done = erase.erase(ask.unit, ask.uuid(), ask.caller.actor)
    return {"customer_id": str(ask.uuid()), **done._asdict()}


def _shown(seen: Seen) -> dict[str, Any]:
    row = seen.row
    beside = {"id": str(row.id), "merchant": row.merchant, "status": row.status}
    return {**seen.record.model_dump(mode="json"), **beside}


def _whole(ask: Ask, id_: UUID) -> dict[str, Any]:
    seen = looking.single(ask.db, ask.store.vault, id_)
    root = seen.row.id
    doubts = views.doubtful(ask.db, root=root)
    return {
        **_shown(seen),
        "bought": [_bought(row) for row in views.bought(ask.db, root)],
        "doubts": [
            {
                "customer_id": str(row.other if row.one == root else row.one),
                "reason": row.reason,
            }
            for row in doubts
        ],
    }


def _bought(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "customer_id": str(row.customer_id),
        "channel": row.channel,
        "order_number": row.order_number,
        "status": row.status,
        "placed_at": show_instant(row.placed_at),
        "currency": row.currency,
        "grand_total": plain(row.grand_total),
    }


_READ, _WRITE, _ERASE = "customers:read", "customers:write", "customers:erase"
_C = "customers"
_OF = (Param("merchant", "whose customers they are", text), *PAGED)

# fmt: off
ROUTES = (
    Route("GET", _C, _READ, listed, answers.CustomerPage, _OF),
    Route("POST", f"{_C}/search", _READ, search, answers.CustomersFound, body=Who),
    Route("GET", f"{_C}/{{id}}", _READ, single, answers.CustomerWhole),
    Route("POST", f"{_C}/{{id}}/merge", _WRITE, merge, answers.CustomerWhole, body=Other),
    Route("POST", f"{_C}/{{id}}/unmerge", _WRITE, unmerge, answers.CustomerWhole, body=Nothing,
          body_optional=True),
    Route("POST", f"{_C}/{{id}}/distinct", _WRITE, distinct, answers.CustomerWhole, body=Other),
    Route("POST", f"{_C}/{{id}}/consents", _WRITE, consent, answers.CustomerWhole, body=Consented),
    Route("POST", f"{_C}/{{id}}/erase", _ERASE, forget, answers.ErasedCustomer, body=Nothing,
          body_optional=True, slow=True),
)
# fmt: on
