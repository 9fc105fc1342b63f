"""Where the next page of a list begins: a signed position in the link."""

from typing import Any

from flask import abort, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from hub.store.views.page import Page, Position

SIZE = 50


def after() -> Position | None:
    """The position the link names. 400 where it is none of ours for this list."""
    text = request.args.get("after")
    if not text:
        return None
    try:
        found = _serializer().loads(text)
    except BadSignature:
        abort(400)
    return tuple(str(part) for part in found)


def following(page: Page[Any]) -> str | None:
    """The link's word for the page after this one; None where it is the last."""
    return None if page.after is None else str(_serializer().dumps(list(page.after)))


def _serializer() -> URLSafeSerializer:
    """A position holds for the list it was made for only."""
    return URLSafeSerializer(str(current_app.secret_key), salt=f"position {request.endpoint}")
