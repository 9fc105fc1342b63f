"""Incidents: what needs a person, and closing it."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms
from admin.request_context import act, actor, looking
from admin.shown import paging
from hub.flows.unit import Unit
from hub.model.errors import NotFound
from hub.store.ops import incidents
from hub.store.people import audit_trail
from hub.store.views import incidents as incident_list

desk = Blueprint("incidents", __name__)


@desk.get("/incidents")
def listed() -> str:
    """Open ones, or those that were closed."""
    status = forms.choice("status", "open", "closed") or "open"
    with looking() as db:
        found = incident_list.incidents(db, status, after=paging.after(), limit=paging.SIZE)
    return render_template(
        "incidents/list.html", page=found, following=paging.following(found), status=status
    )


@desk.post("/incidents/<uuid:incident_id>/close")
def close(incident_id: UUID) -> Response:
    """It is dealt with."""
    note = forms.text("reason")

    def work(unit: Unit) -> None:
        row = incidents.close_one(unit.db, incident_id, unit.at)
        if row is None:
            raise NotFound
        subject, detail = f"incident:{incident_id}", {"kind": row.kind, "reason": note}
        audit_trail.record(
            unit.db, row.merchant_id, actor(), "incident.close", subject, detail, unit.at
        )

    act(work)
    flash(_("The incident is closed."), "done")
    return redirect(url_for("incidents.listed"), 303)
