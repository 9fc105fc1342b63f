"""The console: a web application of its own, for people. `make_app` is all that others need."""

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, request, session
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from admin import (
    audit,
    connections,
    entry,
    errors,
    guard,
    incidents,
    mending,
    messages,
    order_desk,
    orders,
    overview,
    people,
    showing,
    stock,
    waiting,
    watch,
)
from admin.reach import NAME, Console, Ring, utc_now
from admin.sessions import Sessions
from hub.settings import Settings, data_keys
from hub.store.runtime import Store

_DESKS = (
    *(watch.desk, entry.desk, overview.desk, messages.desk, mending.desk, waiting.desk),
    *(orders.desk, order_desk.desk, connections.desk, stock.desk, incidents.desk),
    *(people.desk, audit.desk),
)
_FORM = 64 * 1024


def _nobody(_lanes: Iterable[tuple[str, str, int]]) -> None:
    """Ring nobody: the sweep finds what is new."""


def make_app(
    store: Store,
    ring: Ring = _nobody,
    *,
    public_url: str | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Flask:
    """The console as a WSGI application.

    `ring` is told the lanes that have something new. `public_url` is the address people type where
    a proxy stands before it: the only host it then answers to, and cookies are secure where it is
    https. No header of a proxy is ever believed.
    """
    app = Flask(__name__, static_folder="static", template_folder="templates")
    console = Console(store, ring, clock, public_url)
    app.extensions[NAME] = console
    keys = [_secret(key.secret) for key in data_keys(store.settings)]
    app.config.update(
        SECRET_KEY=keys[0],
        SECRET_KEY_FALLBACKS=keys[1:],
        TRUSTED_HOSTS=_hosts(store.settings, public_url),
        MAX_CONTENT_LENGTH=_FORM,
        MAX_FORM_MEMORY_SIZE=_FORM,
        MAX_FORM_PARTS=100,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        SEND_FILE_MAX_AGE_DEFAULT=300,
        WTF_CSRF_TIME_LIMIT=None,  # it lives as long as the session
        WTF_CSRF_SSL_STRICT=False,  # the guard asks for the origin, with a proxy before it too
        BABEL_TRANSLATION_DIRECTORIES="translations",
    )
    app.session_interface = Sessions(console)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=_language)
    guard.install(app)
    CSRFProtect(app)
    errors.install(app)
    showing.install(app)
    for desk in _DESKS:
        app.register_blueprint(desk)
    return app


def _secret(key: bytes) -> str:
    """A key of our own, from the data key."""
    return hmac.digest(key, b"orderhub console 1", "sha256").hex()


def _hosts(settings: Settings, public_url: str | None) -> list[str] | None:
    """The names this console answers to; None, any, where it listens to everybody without one."""
    if public_url:
        return [urlsplit(public_url).hostname or "", "127.0.0.1", "localhost"]
    host = settings.console_bind.host
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return [host, "localhost"] if host != "localhost" else ["localhost", "127.0.0.1", "[::1]"]
    if address.is_unspecified:
        return None
    if address.is_loopback:
        return ["127.0.0.1", "localhost", "[::1]", host]
    return [f"[{host}]" if address.version == 6 else host]


def _language() -> str | None:
    """As chosen, else as the account says, else as the browser prefers."""
    account = g.get("account")
    chosen = session.get("language") or showing.chosen_language(account)
    if chosen in showing.LANGUAGES:
        return cast("str", chosen)
    return request.accept_languages.best_match(list(showing.LANGUAGES), "en")
