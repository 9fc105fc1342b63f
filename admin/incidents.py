"""Incidents: what needs a person, and closing it."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms, paging, queries
from admin.reach import act, actor, looking
from hub.flows.unit import Unit
from hub.model.errors import NotFound
from hub.store import audit
from hub.store.views import orders

desk = Blueprint("incidents", __name__)


@desk.get("/incidents")
def listed() -> str:
    """Open ones, or those that were closed."""
    status = forms.choice("status", "open", "closed") or "open"
    with looking() as db:
        found = orders.incidents(db, status, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "incidents/list.html", page=found, following=paging.following(found), status=status
    )


@desk.post("/incidents/<uuid:incident_id>/close")
def close(incident_id: UUID) -> Response:
    """It is dealt with."""
    note = forms.text("reason")

    def work(unit: Unit) -> None:
        row = queries.close_incident(unit.db, incident_id, unit.at)
        if row is None:
            raise NotFound
        subject, detail = f"incident:{incident_id}", {"kind": row.kind, "reason": note}
        audit.record(unit.db, row.merchant_id, actor(), "incident.close", subject, detail, unit.at)

    act(work)
    flash(_("The incident is closed."), "done")
    return redirect(url_for("incidents.listed"), 303)
