"""Sessions: a random id in a cookie, its digest in the database, ended by time, logout or password.

Whoever has not logged in has nothing but a signed cookie with a CSRF token and a language.
"""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

from flask import Flask, Request, Response, session
from flask import request as current
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as Answer

from admin.request_context import NAME, Console
from hub.store.people import accounts, sessions
from hub.store.people.accounts import Account

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
_NOTED_EVERY = timedelta(seconds=60)
_LONGEST_COOKIE = 100
_VISITOR = "visitor"


class Visit(SecureCookieSession):
    """What is known of a visitor. `digest` is set once the session in the database was found,
    `lost` once it was looked for in vain.
    """

    account: Account | None = None
    digest: bytes | None = None
    given: str | None = None
    issued: str | None = None
    lost: bool = False


class Sessions(SecureCookieSessionInterface):
    """Reads and writes the two cookies."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def open_session(self, app: Flask, request: Request) -> Visit:
        """The visitor as the cookies tell. The database is asked later, by `recognise`."""
        visit = Visit(self._visitor(app, request))
        visit.modified = False
        given = request.cookies.get(self.name())
        visit.given = given if given and len(given) <= _LONGEST_COOKIE else None
        return visit

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Keep what changed: in the database for those logged in, in the cookie for others."""
        if session.digest is not None and session.modified:
            with self._console.store.doors.begin() as db:
                sessions.keep(db, session.digest, session)
        if session.issued is not None:
            self.put(response, "", session.issued, LONGEST)
            self.put(response, _VISITOR, "", timedelta(0))
        elif session.lost:
            self.put(response, "", "", timedelta(0))
        if session.digest is None and session.modified:
            serializer = self.get_signing_serializer(app)
            if serializer is not None:
                text = str(serializer.dumps(dict(session)))
                self.put(response, _VISITOR, text, LONGEST)

    def _visitor(self, app: Flask, request: Request) -> dict[str, Any]:
        text, serializer = (
            request.cookies.get(self.name(_VISITOR)),
            self.get_signing_serializer(app),
        )
        if not text or serializer is None:
            return {}
        try:
            kept = serializer.loads(text, max_age=int(LONGEST.total_seconds()))
        except BadSignature:
            return {}
        return kept if isinstance(kept, dict) else {}

    def put(self, response: Answer, what: str, value: str, lasts: timedelta) -> None:
        """Set one of the console's cookies, or with no time to last end it."""
        response.set_cookie(
            self.name(what),
            value,
            max_age=int(lasts.total_seconds()),
            path="/",
            secure=self._secure(),
            httponly=True,
            samesite="Lax",
        )

    def _secure(self) -> bool:
        if self._console.public_url:
            return self._console.public_url.startswith("https://")
        return bool(current.is_secure)

    def name(self, what: str = "") -> str:
        """The name of one of the console's cookies; the session's own has no addition."""
        name = f"{NAME}-{what}" if what else NAME
        return f"__Host-{name}" if self._secure() else name


def visit() -> Visit:
    """The visitor of this request."""
    return cast("Visit", session)


def recognise(db: Connection, visit: Visit, at: datetime, *, touch: bool) -> None:
    """Find the session behind the cookie, if it still holds. `touch`: it counts as use."""
    if visit.given is None:
        return
    digest = _digest(visit.given)
    kept = sessions.find(db, digest)
    if kept is None:
        visit.lost = True
        return
    account = accounts.of(db, kept.account_id)
    over = at - kept.seen_at > IDLE or at - kept.created_at > LONGEST
    if over or account is None or kept.data.get("rights") != _rights(account):
        sessions.end(db, digest)
        visit.lost = True
        return
    if touch and at - kept.seen_at > _NOTED_EVERY:
        sessions.touch(db, digest, at)
    visit.account, visit.digest = account, digest
    visit.clear()
    visit.update(kept.data)
    visit.modified = False


def begin(
    db: Connection, visit: Visit, account: Account, at: datetime, *, address: str, agent: str
) -> None:
    """Log somebody in under a new id; an older session of the same browser ends."""
    if visit.digest is not None:
        sessions.end(db, visit.digest)
    token = secrets.token_urlsafe(32)
    kept = {"language": visit["language"]} if "language" in visit else {}
    visit.clear()
    visit.update(rights=_rights(account), address=address, agent=agent[:200], **kept)
    visit.account, visit.digest, visit.issued = account, _digest(token), token
    sessions.begin(db, visit.digest, account.id, visit, at)


def end(db: Connection, visit: Visit) -> None:
    """Log out."""
    if visit.digest is not None:
        sessions.end(db, visit.digest)
    language = visit.get("language")
    visit.clear()
    visit.account, visit.digest, visit.lost = None, None, True
    if language:
        visit["language"] = language


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _rights(account: Account) -> str:
    """What a session was opened with: where it changes, the session ends."""
    return ":".join([account.role, *account.merchants])
