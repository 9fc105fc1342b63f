"""Showing personal data to whom asks for it: with a reason, for a while, audited, not too often."""

from typing import Any, cast
from uuid import UUID

from flask import abort, current_app, flash, g, redirect, request, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from admin import forms
from admin.access.roles import may
from admin.request_context import account, act, actor, now
from hub.doors.limits import Window
from hub.flows.unit import Unit
from hub.logs import get
from hub.store.people import audit_trail

LASTS_S = 600
MOST, WITHIN_S = 30, 3600.0
_KEPT = "unmasked"
_NAME = "orderhub unmasking"


def is_open(subject: str, endpoint: str) -> bool:
    """Whether this session may see a subject's personal data now."""
    until = session.get(_KEPT, {}).get(subject, 0)
    return until > now().timestamp() and may(account(), endpoint)


def open_up(merchant: str, kind: str, subject_id: UUID, back: str) -> Response:
    """Note the reason in the audit and show the subject for ten minutes."""
    reason = forms.text("reason")
    subject = f"{kind}:{subject_id}"
    if not reason:
        flash(_("Say why you need to see it."), "error")
        return redirect(back, 303)
    wait = _window().take(str(account().id))
    if wait:
        g.retry_after = wait
        abort(429)

    def record(unit: Unit) -> None:
        detail = {"reason": reason, "endpoint": request.endpoint}
        audit_trail.record(unit.db, merchant, actor(), f"{kind}.unmask", subject, detail, unit.at)

    act(record)
    get("hub.security").info("unmasked", user=account().login, subject=subject)
    at = now().timestamp()
    still: dict[str, Any] = {k: v for k, v in session.get(_KEPT, {}).items() if v > at}
    session[_KEPT] = {**still, subject: at + LASTS_S}
    return redirect(back, 303)


def _window() -> Window:
    found = current_app.extensions.setdefault(_NAME, Window(MOST, WITHIN_S))
    return cast("Window", found)
