"""Devices from which somebody logged in before, by a signed cookie.

It opens nothing: whoever bears it is only not held up by what others guess at. Logins stand in it
as digests, of the people who used this browser last.
"""

import secrets
from datetime import timedelta
from hashlib import sha256

from flask import Flask, Request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from admin.access.sessions import Sessions

LASTS = timedelta(days=90)
_COOKIE, _PEOPLE = "device", 5
_Device = tuple[str, list[str]]


def known(login: str) -> str | None:
    """The device's id, where this login came in by it before."""
    device, people = _read(current_app, request)
    return device if _digest(login) in people else None


def remember(response: Response, login: str) -> None:
    """From now on it is one of this login's."""
    device, people = _read(current_app, request)
    people = [_digest(login), *(one for one in people if one != _digest(login))][:_PEOPLE]
    text = str(_signer(current_app).dumps([device or secrets.token_hex(8), people]))
    _sessions(current_app).put(response, _COOKIE, text, LASTS)


def _read(app: Flask, request: Request) -> _Device:
    text = request.cookies.get(_sessions(app).name(_COOKIE), "")
    try:
        device, people = _signer(app).loads(text, max_age=int(LASTS.total_seconds()))
    except (BadSignature, ValueError, TypeError):
        return "", []
    return device, people


def _sessions(app: Flask) -> Sessions:
    found = app.session_interface
    assert isinstance(found, Sessions)  # noqa: S101  # the console's own
    return found


def _signer(app: Flask) -> URLSafeTimedSerializer:
    keys = [*reversed(app.config["SECRET_KEY_FALLBACKS"]), app.config["SECRET_KEY"]]
    return URLSafeTimedSerializer(keys, salt="orderhub device")


def _digest(login: str) -> str:
    return sha256(f"device {login}".encode()).hexdigest()[:32]
