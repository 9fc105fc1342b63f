"""Invoices over the Open API: who draws them, drawn by request, and read as UBL or as a
file.
"""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from hub.flows.invoices import drawing
from hub.gateway.description.answers import invoices as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, choice, text, uuid
from hub.model.document import Id, Value, plain
from hub.model.errors import NotFound
from hub.model.invoice import ENGLISH, LANGUAGES, Party
from hub.model.invoice.seller import Seller, UntaxedSales
from hub.store.invoices import invoices as stored
from hub.store.people import audit_trail
from hub.store.views import invoices
from hub.store.views.invoices import InvoiceItem
from mappings import ubl


class Draw(Value):
    """Which order to invoice."""

    order_id: UUID


class SellerOf(Value):
    """Who draws a merchant's invoices. `untaxed`: what the sales are that bear no tax;
    `at_shipment`: one is drawn when the first goods leave; `language`: of their pages for people,
    `buyer` the buyer's where they can be had in it, else English.
    """

    merchant: Id
    seller: Party
    untaxed: UntaxedSales = Field(default_factory=UntaxedSales)
    at_shipment: bool = False
    language: Literal["en", "de", "zh", "buyer"] = ENGLISH


def listed(ask: Ask) -> Any:
    """Invoices and credit notes, oldest first."""
    there = invoices.listed(
        ask.db,
        ask.store.vault,
        merchant=ask.query.get("merchant"),
        order_id=ask.query.get("order_id"),
        after=ask.after(),
        limit=ask.limit(),
    )
    return ask.listed(there, _shown)


def one(ask: Ask) -> Any:
    """One invoice or credit note, by its id or number: as JSON with its UBL, or as a file."""
    item, form = _named(ask), ask.query.get("format")
    if form is None:
        return {**_shown(item), "ubl": ubl.write(item.document).decode()}
    file = ubl.export(item.document, form, ask.query.get("language"))
    return Reply(200, file.raw, file.headers)


def draw(ask: Ask) -> Reply:
    """Draw the invoice of an order, with the credit notes of what was paid back of it; the same
    number again where it was drawn.
    """
    said = ask.read(Draw)
    return Reply(201, {"number": drawing.draw(ask.unit, said.order_id, ask.caller.actor)})


def seller(ask: Ask) -> Any:
    """Say who draws a merchant's invoices."""
    said = ask.read(SellerOf)
    own = ask.caller.merchant
    if said.merchant not in ask.directory.merchants or own not in (None, said.merchant):
        raise Stop(422, "unknown_merchant", "the code of a merchant is expected", path="merchant")
    language = None if said.language == "buyer" else said.language
    _must_have_a_scheme(said.seller)
    drawn_by = Seller(
        party=said.seller,
        untaxed=said.untaxed,
        at_shipment=said.at_shipment,
        language=language,
    )
    stored.set_seller(ask.db, said.merchant, drawn_by)
    untaxed = said.untaxed.model_dump(mode="json", exclude_none=True)
    detail = {"at_shipment": said.at_shipment, "language": said.language, "untaxed": untaxed}
    who = ask.caller.actor
    audit_trail.record(ask.db, said.merchant, who, "invoice.seller", said.merchant, detail, ask.at)
    return {"merchant": said.merchant, **detail}


def _must_have_a_scheme(party: Party) -> None:
    """An electronic address without one reaches nobody, and the other way round."""
    if bool(party.endpoint) != bool(party.endpoint_scheme):
        lacks = "endpoint" if party.endpoint_scheme else "endpoint_scheme"
        message = "an endpoint and its scheme (EAS, such as 0088) are expected together"
        raise Stop(422, "missing_field", message, path=f"seller.{lacks}")


def _named(ask: Ask) -> InvoiceItem:
    """What the path names. Numbers are a merchant's own: several may have the same."""
    name, merchant, vault = ask.ids["id"], ask.query.get("merchant"), ask.store.vault
    serial = invoices.serial_of(name)
    if serial is not None:
        rows = invoices.numbered(ask.db, vault, serial, merchant)
    else:
        item = invoices.one(ask.db, vault, ask.uuid())
        rows = [item] if item is not None and merchant in (None, item.merchant) else []
    if len(rows) > 1:
        message = "several merchants have an invoice of this number: say whose"
        raise Stop(422, "ambiguous", message, path="merchant")
    if not rows:
        raise NotFound
    return rows[0]


def _shown(item: InvoiceItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "merchant": item.merchant,
        "number": item.number,
        "kind": item.kind,
        "order_id": item.order_id,
        "currency": item.currency,
        "tax": plain(item.tax),
        "total": plain(item.total),
        "payable": plain(item.payable),
        "at": item.at,
    }


_WHICH = (
    Param("merchant", "whose invoices", text),
    Param("order_id", "the hub's id of an order", uuid, {"type": "string", "format": "uuid"}),
    *PAGED,
)
_AS = (
    Param("merchant", "whose it is, where its number is given", text),
    choice("format", "as this file instead of JSON", *ubl.FORMS),
    choice("language", "of a file for people; left out: the invoice's own", *LANGUAGES),
)
_MEDIA = ("application/json", *(form.media_type for form in ubl.FORMS.values()))
_READ, _WRITE = "invoices:read", "invoices:write"

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "invoices", _READ, listed, answers.InvoicePage, _WHICH),
    Route(
        "POST", "invoices", _WRITE, draw, answers.Drawn, body=Draw, status=201, refuses=(404,)
    ),
    Route("POST", "invoices/seller", _WRITE, seller, answers.SellerSaid, body=SellerOf),
    Route("GET", "invoices/{id}", _READ, one, answers.InvoiceWhole, _AS, media=_MEDIA),
)
# fmt: on
