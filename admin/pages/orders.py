"""Orders: the list with its filters, and one: its path, its parts, what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from admin import forms
from admin.access import unmasking
from admin.access.roles import may
from admin.pages import codes
from admin.request_context import account, looking, store
from admin.shown import address_form, masking, paging, picture
from hub.flows.sku_lookup import article_code
from hub.flows.stock import promising
from hub.model.document import Address
from hub.model.errors import Problem
from hub.model.merchant import OPERATOR
from hub.model.order import Customer, OrderLine, SalesOrder
from hub.rules.orders.bulk_asks import ACTIONS, Action
from hub.states import fulfilment_order as fo
from hub.states.machine import allowed
from hub.states.order import ORDER, State
from hub.store.views import connections, order_view, orders, stock
from hub.store.views.order_view import OrderView
from hub.store.views.orders import OrderItem, Wanted
from hub.store.views.stock import ProductItem
from mappings import ubl

desk = Blueprint("orders", __name__)

STATUSES = tuple(State)
_ENDPOINTS = {
    "hold": "order_desk.hold",
    "release": "order_desk.release",
    "cancel": "order_desk.cancel",
    "ask_cancel": "order_desk.cancel",
}
_SUGGESTED = 8
"""Products shown for a line that names none."""
_BY_ROUTING = frozenset({"no_route", "out_of_stock"})
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A line that names no product. `code`: what the channel calls the article, if anything;
    `products`: which it may mean, by what was `typed` or by what it looks like.
    """

    line: OrderLine
    code: str | None
    products: tuple[ProductItem, ...] = ()
    typed: str = ""


@desk.get("/orders")
def listed() -> str:
    """The list, newest first. Only the rows where the page asks for them alone."""
    wanted = filters()
    only_rows = request.headers.get("HX-Target") == "rows"
    with looking() as db:
        page = orders.orders(db, wanted, after=paging.after(), limit=paging.SIZE)
        partners = [] if only_rows else connections.connections(db)
    return render_template(
        "orders/rows.html" if only_rows else "orders/list.html",
        page=page,
        following=paging.following(page),
        wanted=wanted,
        channels=[item.code for item in partners if item.kind == "channel"],
        statuses=STATUSES,
        bulk=[action for action in ACTIONS if may_ask(action)],
    )


@desk.get("/orders/<uuid:order_id>")
def one(order_id: UUID) -> str:
    """One order. Personal data is masked until somebody gives a reason."""
    return show(order_id)


def show(order_id: UUID, problems: Sequence[Problem] | None = None) -> str:
    """The page of an order; `problems` of the address that was just written, where it has any."""
    clear = unmasking.is_open(f"order:{order_id}", "orders.unmask")
    with looking() as db:
        view = order_view.of(db, store().vault, order_id)
        if view is None or view.order.document is None:
            abort(404)
        lines = [_with_products(db, view.order, line) for line in unknown(view.order)]
        promised = promising.of_order(db, order_id)
    document = view.order.document
    return render_template(
        "orders/one.html",
        view=view,
        order=view.order,
        document=document,
        clear=clear,
        parties=parties(document, clear=clear),
        texts=texts(document, clear=clear),
        picture=picture.draw(view),
        refusals=picture.reasons(view),
        actions=actions(view),
        promised=promised,
        reasons=list(dict.fromkeys(reason["code"] for reason in view.order.hold_reasons)),
        unknown=lines,
        merchants=_owners(view.order),
        address=address_form.form(view.order, clear=clear, problems=problems),
        invoice_forms=tuple(ubl.FORMS),
        questions=codes.questions(view.order.attention.messages),
    )


@desk.get("/orders/<uuid:order_id>/products")
def products(order_id: UUID) -> str:
    """The products that a line may mean, by what is typed: the list in its form alone."""
    order, text = seen(order_id), forms.arg("q")
    with looking() as db:
        found = stock.search(db, _owners(order), text or "", _SUGGESTED)
    return render_template("orders/products.html", products=found)


def _with_products(db: Connection, order: OrderItem, one: Unknown) -> Unknown:
    """The line with products that it may mean: by what was typed, else by its title and code."""
    typed = forms.arg("q") if forms.arg("line") == str(one.line.line_no) else None
    if typed:
        found = stock.search(db, _owners(order), typed, _SUGGESTED)
    else:
        found = stock.alike(db, _owners(order), one.line.title, one.code, _SUGGESTED)
    return replace(one, products=tuple(found), typed=typed or "")


@desk.post("/orders/<uuid:order_id>/unmask")
def unmask(order_id: UUID) -> Response:
    """Show who it is for, for a while, for a reason."""
    found = seen(order_id)
    back = url_for("orders.one", order_id=order_id)
    return unmasking.open_up(found.merchant, "order", order_id, back)


def seen(order_id: UUID) -> OrderItem:
    """The order, where it is in reach. 404 where it is not, or is not at all."""
    with looking() as db:
        found = orders.item(db, store().vault, order_id)
    if found is None:
        abort(404)
    return found


def may_ask(action: Action) -> bool:
    """Whether who asks may ask it of many. Parcels: whoever may have a warehouse told otherwise."""
    right = "reroute" if action in ("merge", "separate") else action
    return may(account(), f"order_desk.{right}")


def filters() -> Wanted:
    """What the list is narrowed to, by the link."""
    return Wanted(
        channel=forms.arg("channel"),
        status=forms.choice("status", *STATUSES),
        merchant=forms.arg("merchant"),
        hold=forms.arg("hold"),
        q=forms.arg("q"),
    )


def actions(view: OrderView) -> frozenset[str]:
    """What this person may ask for on this order, by its life cycle."""
    events = {str(event) for event in allowed(ORDER, State(view.order.status))}
    found = {_ENDPOINTS[event].partition(".")[2] for event in events & _ENDPOINTS.keys()}
    if _may_reroute(view):
        found.add("reroute")
    return frozenset(name for name in found if may(account(), f"order_desk.{name}"))


def _may_reroute(view: OrderView) -> bool:
    """Where something of it waits, or a warehouse may still let go of it."""
    movable = {fo.State.NOTIFIED, fo.State.ACCEPTED}
    if view.order.status not in {State.OPEN, State.HELD}:
        return False
    stands = any(reason["code"] in _BY_ROUTING for reason in view.order.hold_reasons)
    return stands or any(one.status in movable for one in view.fulfilment_orders)


def unknown(order: OrderItem) -> list[Unknown]:
    """The lines for which no product is known, by the reasons it is held for."""
    if order.document is None:
        return []
    lines = order.document.lines
    places = {
        int(parts[1])
        for reason in order.hold_reasons
        if reason["code"] == "unknown_sku"
        and len(parts := reason["path"].split(".")) > 1
        and parts[1].isdecimal()
    }
    return [Unknown(lines[at], article_code(lines[at])) for at in sorted(places) if at < len(lines)]


def parties(document: SalesOrder, *, clear: bool) -> list[tuple[str, Pairs]]:
    """Who the order is for, as titled lists."""
    found = [
        (_("Customer"), _customer(document.customer, clear=clear)),
        (_("Ship to"), _address(document.ship_to, clear=clear)),
        (_("Bill to"), _address(document.bill_to, clear=clear)),
    ]
    return [(title, pairs) for title, pairs in found if pairs]


def texts(document: SalesOrder, *, clear: bool) -> Pairs:
    """What people wrote, which may say anything about anybody."""
    found = [
        (_("Note"), document.note),
        (_("Instructions"), document.delivery.instructions),
        (_("Tags"), ", ".join(document.tags) or None),
    ]
    return [(title, text if clear else masking.DOTS) for title, text in found if text]


def _customer(it: Customer | None, *, clear: bool) -> Pairs:
    if it is None:
        return []
    name = it.name or " ".join(part for part in (it.first_name, it.last_name) if part)
    return _pairs(
        (_("Name"), name if clear else masking.bare(name), name),
        (_("Company"), it.company if clear else masking.bare(it.company), it.company),
        (_("E-mail"), it.email if clear else masking.email(it.email), it.email),
        (_("Phone"), it.phone if clear else masking.DOTS, it.phone),
        (_("Tax id"), it.tax_id if clear else masking.DOTS, it.tax_id),
        (_("Language"), it.language, it.language),
    )


def _address(it: Address | None, *, clear: bool) -> Pairs:
    if it is None:
        return []
    street, code = ", ".join(it.lines), it.postal_code or ""
    return _pairs(
        (_("Name"), it.name if clear else masking.bare(it.name), it.name),
        (_("Company"), it.company if clear else masking.bare(it.company), it.company),
        (_("Street"), street if clear else masking.DOTS, street),
        (_("District"), it.district if clear else masking.DOTS, it.district),
        (_("Postal code"), code if clear else code[:2] + masking.DOTS, code),
        (_("City"), it.city, it.city),
        (_("Region"), it.region or it.region_code, it.region or it.region_code),
        (_("Country"), it.country, it.country),
        (_("Phone"), it.phone if clear else masking.DOTS, it.phone),
        (_("E-mail"), it.email if clear else masking.email(it.email), it.email),
    )


def _pairs(*rows: tuple[str, str | None, Any]) -> Pairs:
    return [(title, str(shown)) for title, shown, given in rows if given and shown]


def _owners(order: OrderItem) -> list[str]:
    """Whose product a line may be: the order's merchant's; on the operator's channels anybody's."""
    if order.merchant != OPERATOR:
        return [order.merchant]
    return sorted(store().directory().merchants)
