"""Where the next page of a list begins: a signed position in the link."""

from typing import Any

from flask import abort, current_app, request

from hub.doors.cursors import BadCursor, Cursors
from hub.store.views.page import Page, Position

SIZE = 50


def after() -> Position | None:
    """The position the link names. 400 where it is none of ours for this list."""
    text = request.args.get("after")
    if not text:
        return None
    try:
        return _cursors().read(_list(), text)
    except BadCursor:
        abort(400)


def following(page: Page[Any]) -> str | None:
    """The link's word for the page after this one; None where it is the last."""
    return None if page.after is None else _cursors().make(_list(), page.after)


def _cursors() -> Cursors:
    return Cursors([str(current_app.secret_key).encode()])


def _list() -> str:
    """A position holds for the list it was made for only."""
    return f"console {request.endpoint}"
