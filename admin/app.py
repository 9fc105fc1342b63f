"""The console: a web application of its own, for people. `make_app` is all that others need."""

import hmac
import ipaddress
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, g, request, session
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from adapters.kit.partners import at_home
from admin import counts, errors, watch
from admin.access import entry, guard
from admin.access.sessions import Sessions
from admin.pages import (
    audit,
    codes,
    connections,
    customer_retention,
    customers,
    incidents,
    messages,
    order_requests,
    orders,
    overview,
    people,
    replay,
    replay_selection,
    stuck,
)
from admin.pages.foreseen import edits as order_edits
from admin.pages.foreseen import routing
from admin.pages.goods import announcing, board, inbound, stock, stocktakes
from admin.pages.many import orders as many_orders
from admin.pages.money import books, invoices, reconciliation
from admin.pages.returns import deciding as return_deciding
from admin.pages.returns import desk as returns
from admin.pages.returns import terms as return_terms
from admin.pages.settlement import adjustments, contracts
from admin.pages.settlement import desk as settlement
from admin.request_context import NAME, Console, Ring, utc_now
from admin.shown import template_filters
from hub.doors.guessing import Passwords
from hub.settings import Settings, data_keys
from hub.store.config import secrets
from hub.store.config.numbering import Numbering
from hub.store.opened import Store

_DESKS = (
    *(watch.desk, entry.desk, overview.desk, messages.desk, replay.desk, replay_selection.desk),
    stuck.desk,
    *(
        orders.desk,
        order_requests.desk,
        many_orders.desk,
        order_edits.desk,
        routing.desk,
        connections.desk,
        stock.desk,
        incidents.desk,
    ),
    *(
        customers.desk,
        customer_retention.desk,
        people.desk,
        audit.desk,
        codes.desk,
        board.desk,
        inbound.desk,
        stocktakes.desk,
        announcing.desk,
    ),
    books.desk,
    invoices.desk,
    *(settlement.desk, contracts.desk, adjustments.desk),
    reconciliation.desk,
    *(returns.desk, return_deciding.desk, return_terms.desk),
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
    https. No header is believed here: the server says where a request comes from.
    """
    app = Flask(__name__, static_folder="static", template_folder="templates")
    vault, home = store.vault, store.settings.home
    numbers = partial(Numbering, store.database)
    adapters = at_home(partial(secrets.reveal, vault), home, secrets.sealing(vault), numbers)
    passwords = Passwords(lambda: clock().timestamp())
    console = Console(store, ring, clock, public_url, adapters, passwords)
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
    counts.install(app)
    guard.install(app)
    CSRFProtect(app)
    errors.install(app)
    template_filters.install(app)
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
    chosen = session.get("language") or template_filters.chosen_language(account)
    if chosen in template_filters.LANGUAGES:
        return cast("str", chosen)
    return request.accept_languages.best_match(list(template_filters.LANGUAGES), "en")
