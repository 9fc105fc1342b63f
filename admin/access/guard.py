"""Before a request: not too many, from this site, by somebody, who may. After it: the headers."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from admin.access import sessions
from admin.access.roles import OPEN, may
from admin.request_context import console, now, store
from hub.doors.limits import Window
from hub.logs import get

REQUESTS, WITHIN_S = 1200, 60.0
"""What one account may ask for: a person with a few windows open, not a flood. Who is not logged in
is sent to the login, and counted there by what is guessed: no number of pages that strangers ask
for keeps anybody out.
"""
_SAFE = frozenset({"GET", "HEAD"})
_BIG = frozenset({"mending.preview", "mending.confirm"})
_BIG_FORM = 8 * 1024 * 1024
"""Forms that carry a payload of up to 2 MiB, percent-encoded."""
_BACKGROUND = frozenset({"overview.numbers"})
"""Pages that ask again by themselves: they do not keep a session alive."""
_UNWATCHED = frozenset({"static", "watch.healthz"})

CONTENT_SECURITY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none';"
    " form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HSTS = "max-age=31536000; includeSubDomains"


def install(app: Flask) -> None:
    """Guard every request of an app. Before the CSRF check, which reads the form."""
    requests = Window(REQUESTS, WITHIN_S)

    def admit() -> None:
        wait = requests.take(str(g.account.id)) if g.account else 0.0
        if wait:
            g.retry_after = wait
            abort(429)

    app.before_request(recognise)
    app.before_request(admit)
    app.before_request(same_site)
    app.before_request(permit)
    app.after_request(protect)


def recognise() -> None:
    """Who asks, by the session."""
    g.account = None
    if request.endpoint in _UNWATCHED or sessions.visit().given is None:
        return
    touch = request.endpoint not in _BACKGROUND
    with store().doors.begin() as db:
        sessions.recognise(db, sessions.visit(), now(), touch=touch)
    g.account = sessions.visit().account


def same_site() -> None:
    """Refuse a change that another site's page asked for, or whose origin is not told."""
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if (site is None and origin is None) or site not in {None, "same-origin"}:
        refuse("other_site")
    if origin is not None and urlsplit(origin).netloc != _own_host():
        refuse("other_origin")


def permit() -> Answer | None:
    """Who may not goes to the login, or is refused."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in OPEN:
        return None
    if g.account is None:
        return _to_login()
    if not may(g.account, endpoint):
        refuse("role")
    if endpoint in _BIG:
        request.max_content_length = request.max_form_memory_size = _BIG_FORM
    return None


def refuse(reason: str) -> None:
    """403, and a line in the security log."""
    who = g.get("account")
    get("hub.security").warning(
        "console_refused",
        reason=reason,
        endpoint=request.endpoint,
        user=who.login if who else None,
        address=request.remote_addr,
    )
    abort(403)


def protect(response: Response) -> Response:
    """The headers that every answer bears."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    public = console().public_url
    if public.startswith("https://") if public else request.is_secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    return response


def _to_login() -> Answer:
    wanted = request.full_path.rstrip("?") if request.method in _SAFE else None
    where = url_for("entry.login", next=wanted if wanted != "/" else None)
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("entry.login")})
    return redirect(where, 303)


def _own_host() -> str:
    public = console().public_url
    return urlsplit(public).netloc if public else request.host
