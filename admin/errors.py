"""What goes wrong, as a page or a sentence for people, without anything of the inside."""

from typing import cast
from uuid import uuid4

from flask import Flask, Response, flash, g, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as Answer

from admin.shown.labels import event, label
from admin.shown.translated import translated
from hub.logs import get
from hub.model.errors import IllegalTransition, NeedsPerson, NotFound, placed
from hub.store.base.failures import DatabaseAway, sqlstate
from hub.store.base.sealing import VaultError

_CANCELLED_BY_TIME = "57014"


def install(app: Flask) -> None:
    """Answer every failure of an app."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(CSRFError, lambda _error: page(403))
    app.register_error_handler(NotFound, lambda _error: page(404))
    app.register_error_handler(DatabaseAway, lambda _error: page(503, 5))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(VaultError, _sealed)
    app.register_error_handler(Exception, _broken)


def page(status: int, retry_after: float = 0) -> Response:
    """A page that says what happened and what to do."""
    title, advice = _advice(status)
    g.failed = True
    response = make_response(
        render_template("error.html", status=status, title=title, advice=advice), status
    )
    if retry_after:
        response.headers["Retry-After"] = str(int(retry_after) + 1)
    return response


def _advice(status: int) -> tuple[str, str]:
    """Title and advice of a status."""
    known = {
        400: (_("The request cannot be read"), _("Go back, reload the page and try again.")),
        401: (_("Please log in"), _("Your session has ended.")),
        403: (
            _("Not allowed"),
            _("Your role does not allow this, or the page was open for too long. Reload it."),
        ),
        404: (
            _("Not found"),
            _("There is nothing under this address, or it is not yours to see."),
        ),
        405: (_("Not possible this way"), _("Go back and use the button on the page.")),
        409: (_("Not possible as things stand"), _("Somebody or something was faster. Reload.")),
        413: (_("Too large"), _("The text is larger than the hub takes.")),
        429: (_("Too many requests"), _("Wait a little and try again.")),
        500: (
            _("An error of ours"),
            _("Nothing was changed. The error is in the log of the hub, with its time."),
        ),
        503: (
            _("Not able to answer now"),
            _("The database is away or busy. Nothing is lost; try again in a moment."),
        ),
    }
    return known.get(status, known[400] if status < 500 else known[500])


def told(error: Exception) -> str:
    """Why something that a person asked for was refused, as a sentence."""
    if isinstance(error, IllegalTransition):
        words = {"state": label(error.state), "event": event(error.event)}
        sentence = _(
            "Not possible as things stand: it is %(state)s, so “%(event)s” comes too late."
        )
        return str(sentence) % words
    path = error.path if isinstance(error, NeedsPerson) else ""
    return placed(path, translated(str(error)))


def refused(error: Exception, back: str) -> Answer:
    """Back to the page with the reason why it was refused."""
    flash(told(error), "error")
    return redirect(back, 303)


def _refused(error: HTTPException) -> Answer:
    if error.response is not None:
        return cast("Answer", error.response)
    if isinstance(error, SecurityError):  # another host: there is no address to link to
        return Response("This console does not go by that name.\n", 400, mimetype="text/plain")
    response = page(error.code or 500, g.get("retry_after", 0))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _database(error: DBAPIError) -> Response:
    if sqlstate(error) == _CANCELLED_BY_TIME:
        return page(503, 5)
    return _broken(error)


def _sealed(error: Exception) -> Response:
    get("admin").error("cannot_open", reason=str(error), endpoint=request.endpoint)
    return page(500)


def _broken(error: Exception) -> Response:
    """The last resort. The log gets where it happened, never the values."""
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
    get("admin").error(
        "console_failed",
        error=type(error).__name__,
        place=place,
        endpoint=request.endpoint,
        reference=str(uuid4()),
    )
    return page(500)
