"""Goods in: a person announces goods to a warehouse, or moves them from one to another."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from pydantic import ValidationError
from werkzeug.wrappers import Response

from admin import errors, forms
from admin.request_context import account, act, actor, scope_of, store
from hub.flows.inbound import announce as flow
from hub.flows.unit import Told, Unit
from hub.model.document import Source
from hub.model.errors import BadData
from hub.model.merchant import OPERATOR
from hub.model.plain import bad_data
from hub.model.stock import InboundNotice
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.inbound import notices
from hub.store.people import audit_trail

desk = Blueprint("announcing", __name__)
_LONGEST = 20_000


@desk.get("/inbound/new")
def form() -> str:
    """What goods, whose, where to and where from."""
    return _form({})


@desk.post("/inbound/new")
def announce() -> Response | tuple[str, int]:
    """Announce them: the warehouse is told at once."""
    try:
        notice_id = act(_announced)
    except BadData as error:
        flash(errors.told(error), "error")
        return _form(request.form.to_dict()), 422
    flash(_("The warehouse is being told."), "done")
    return redirect(url_for("inbound.one", notice_id=notice_id), 303)


def _form(given: dict[str, str]) -> str:
    directory, scope = store().directory(), scope_of(account())
    owners = [code for code in directory.merchants if scope is None or code in scope]
    places = [
        connection
        for connection in directory.connections.values()
        if connection.kind == "warehouse" and connection.merchant in (OPERATOR, *owners)
    ]
    return render_template(
        "inbound/new.html",
        merchants=sorted(owner for owner in owners if owner != OPERATOR),
        warehouses=sorted(place.code for place in places),
        given=given,
    )


def _announced(unit: Unit) -> UUID:
    notice = _notice()
    teller = _place(notice)
    message_id = new_id()
    (verdict,) = flow.keep(unit, [Told(notice, teller, message_id, message_id)], is_draft=False)
    if verdict.status != "done":
        why = verdict.message or str(
            _("It would have to wait for %(what)s.", what=verdict.waits_for)
        )
        raise BadData(why, path=verdict.path or "", code=verdict.code)
    subject, detail = f"inbound_notice:{notice.inbound_notice_id}", {"kind": notice.kind}
    audit_trail.record(
        unit.db, notice.merchant, actor(), "inbound.announce", subject, detail, unit.at
    )
    key = (notice.merchant, notice.inbound_notice_id)
    return notices.by_number(unit.db, unit.vault, [key])[key].id


def _notice() -> InboundNotice:
    origin = forms.text("from_warehouse") or None
    number = forms.text("number", 200) or notices.id_text(new_id())
    try:
        return InboundNotice.model_validate(
            {
                "source": Source(connection=forms.text("warehouse") or "?", id=number),
                "inbound_notice_id": number,
                "kind": "transfer" if origin else "purchase",
                "merchant": forms.text("merchant"),
                "warehouse": forms.text("warehouse"),
                "from_warehouse": origin,
                "supplier": forms.text("supplier") or None,
                "expected_at": forms.moment("expected_at"),
                "lines": _lines(forms.text("lines", _LONGEST)),
            }
        )
    except ValidationError as error:
        raise bad_data(error) from None


def _lines(text: str) -> list[dict[str, object]]:
    """Lines such as `TSHIRT-M 12`: the article, then how many."""
    given = [line.rsplit(maxsplit=1) for line in text.splitlines() if line.strip()]
    for at, parts in enumerate(given):
        if len(parts) != 2:
            raise BadData(_("an article and a number of pieces are expected"), path=f"lines.{at}")
    return [
        {"line_no": at, "sku": sku, "quantity": pieces}
        for at, (sku, pieces) in enumerate(given, start=1)
    ]


def _place(notice: InboundNotice) -> Connection:
    """The warehouse that is told, in the merchant's name. BadData where whoever asks may not."""
    directory, scope = store().directory(), scope_of(account())
    if notice.merchant not in directory.merchants or (
        scope is not None and notice.merchant not in scope
    ):
        raise BadData(_("the code of a merchant is expected"), path="merchant")
    place = directory.connections.get(notice.warehouse)
    if (
        place is None
        or place.kind != "warehouse"
        or place.merchant not in (OPERATOR, notice.merchant)
    ):
        raise BadData(_("the code of a warehouse connection is expected"), path="warehouse")
    return replace(place, merchant=notice.merchant)
