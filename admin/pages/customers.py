"""Customers: found by what they are known by, looked at, joined, taken apart, forgotten."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.access import unmasking
from admin.request_context import account, act, actor, looking, scope_of, store
from admin.shown import masking, paging
from hub.flows.customers import erase, finding, joining
from hub.flows.customers import looking as known
from hub.flows.customers.looking import Seen
from hub.flows.unit import Unit
from hub.model.document import Address
from hub.model.errors import Contradiction, NotFound
from hub.store.views import customers as views

desk = Blueprint("customers", __name__)


_SHARES = {
    "platform": _l("number on a platform"),
    "email": _l("e-mail"),
    "phone": _l("telephone"),
    "place": _l("name and address"),
}
"""What two may have in common."""


class Person(NamedTuple):
    """Who somebody is, as far as it is shown."""

    name: str
    email: str
    phone: str
    places: list[str]
    clear: bool


@desk.get("/customers")
def listed() -> str:
    """Who bought, and who may be the same."""
    with looking() as db:
        page = views.listed(db, None, after=paging.after(), limit=paging.SIZE)
        people = known.several(db, store().vault, page.items)
        pairs = _pairs(db, views.doubtful(db))
    return render_template(
        "customers/list.html",
        people=people,
        following=paging.following(page),
        pairs=pairs,
        said=_said,
        shares=_SHARES,
        searched=False,
    )


@desk.post("/customers")
def search() -> str:
    """Those with an exact e-mail, telephone or order number. It is posted, so that no address
    stands in a log.
    """
    who, scope = forms.text("who"), scope_of(account())
    merchants = list(store().directory().merchants) if scope is None else list(scope)
    with looking() as db:
        ids = finding.find(db, store().vault, merchants, who)
        people = known.several(db, store().vault, ids)
    return render_template(
        "customers/list.html",
        people=people,
        following=None,
        pairs=[],
        said=_said,
        shares=_SHARES,
        searched=True,
    )


@desk.get("/customers/<uuid:customer_id>")
def single(customer_id: UUID) -> str:
    """One, with orders, consents and who may be the same side by side."""
    with looking() as db:
        seen = known.single(db, store().vault, customer_id)
        root = seen.row.id
        bought = views.bought(db, root)
        pairs = _pairs(db, views.doubtful(db, root=root))
    return render_template(
        "customers/one.html", seen=seen, bought=bought, pairs=pairs, said=_said, shares=_SHARES
    )


@desk.post("/customers/<uuid:customer_id>/unmask")
def unmask(customer_id: UUID) -> Response:
    """Show who it is, for a while, for a reason."""
    back = url_for("customers.single", customer_id=customer_id)
    return unmasking.open_up(_seen(customer_id).row.merchant, "customer", customer_id, back)


@desk.post("/customers/<uuid:customer_id>/merge")
def merge(customer_id: UUID) -> Response:
    """The other is this one as well."""
    other = _other()
    return _done(customer_id, lambda unit: joining.merge(unit, customer_id, other, actor()))


@desk.post("/customers/<uuid:customer_id>/unmerge")
def unmerge(customer_id: UUID) -> Response:
    """The other is somebody of his own again."""
    other = _other()
    return _done(customer_id, lambda unit: joining.unmerge(unit, other, actor()))


@desk.post("/customers/<uuid:customer_id>/distinct")
def distinct(customer_id: UUID) -> Response:
    """They are two."""
    other = _other()
    return _done(customer_id, lambda unit: joining.not_the_same(unit, customer_id, other, actor()))


@desk.post("/customers/<uuid:customer_id>/erase")
def forget(customer_id: UUID) -> Response:
    """Forget him: whoever does it writes the customer's id once more."""
    if forms.uuid(forms.text("confirm")) != customer_id:
        flash(_("Write the customer's id to confirm it."), "error")
        return redirect(url_for("customers.single", customer_id=customer_id), 303)
    return _done(customer_id, lambda unit: erase.erase(unit, customer_id, actor()))


def _done(customer_id: UUID, work: Callable[[Unit], object]) -> Response:
    def asked(unit: Unit) -> None:
        work(unit)

    try:
        act(asked)
    except Contradiction as refusal:
        flash(errors.told(refusal), "error")
    else:
        flash(_("It is done."), "done")
    return redirect(url_for("customers.single", customer_id=customer_id), 303)


def _other() -> UUID:
    other = forms.uuid(forms.text("other"))
    if other is None:
        raise NotFound
    return other


def _seen(customer_id: UUID) -> Seen:
    with looking() as db:
        return known.single(db, store().vault, customer_id)


def _pairs(db: Connection, rows: Sequence[Any]) -> list[tuple[Seen, Seen, str]]:
    ids = {id_ for row in rows for id_ in (row.one, row.other)}
    people = {seen.row.id: seen for seen in known.several(db, store().vault, ids)}
    return [
        (people[row.one], people[row.other], row.reason)
        for row in rows
        if row.one in people and row.other in people
    ]


def _said(seen: Seen) -> Person:
    """What is shown of somebody: masked until a reason is given."""
    record = seen.record
    if unmasking.is_open(f"customer:{seen.row.id}", "customers.unmask"):
        places = [", ".join(filter(None, _parts(it))) for it in record.addresses]
        return Person(
            record.name or masking.NOTHING,
            record.email or masking.NOTHING,
            record.phone or masking.NOTHING,
            places,
            clear=True,
        )
    countries = [it.country for it in record.addresses if it.country]
    return Person(
        masking.bare(record.name),
        masking.email(record.email),
        masking.bare(record.phone),
        list(dict.fromkeys(countries)),
        clear=False,
    )


def _parts(place: Address) -> list[str | None]:
    return [*place.lines, place.postal_code, place.city, place.country]
