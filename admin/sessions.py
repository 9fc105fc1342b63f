"""Sessions: a random id in a cookie, its digest in the database, ended by time, logout or password.

Whoever has not logged in has nothing but a signed cookie with a CSRF token and a language.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, Request, Response, session
from flask import request as current
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy.engine import Connection

from admin.reach import NAME, Console
from hub.store import accounts
from hub.store.accounts import Account

IDLE, LONGEST = timedelta(minutes=30), timedelta(hours=12)
_NOTED_EVERY = timedelta(seconds=60)
_LONGEST_COOKIE = 100


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
        given = request.cookies.get(self._name())
        visit.given = given if given and len(given) <= _LONGEST_COOKIE else None
        return visit

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Keep what changed: in the database for those logged in, in the cookie for others."""
        if session.digest is not None and session.modified:
            with self._console.store.doors.begin() as db:
                db.execute(_KEEP, {"digest": session.digest, "data": json.dumps(dict(session))})
        if session.issued is not None:
            self._set(response, self._name(), session.issued, LONGEST)
            self._set(response, self._visitors(), "", timedelta(0))
        elif session.lost:
            self._set(response, self._name(), "", timedelta(0))
        if session.digest is None and session.modified:
            serializer = self.get_signing_serializer(app)
            if serializer is not None:
                text = str(serializer.dumps(dict(session)))
                self._set(response, self._visitors(), text, LONGEST)

    def _visitor(self, app: Flask, request: Request) -> dict[str, Any]:
        text, serializer = request.cookies.get(self._visitors()), self.get_signing_serializer(app)
        if not text or serializer is None:
            return {}
        try:
            found = serializer.loads(text, max_age=int(LONGEST.total_seconds()))
        except BadSignature:
            return {}
        return found if isinstance(found, dict) else {}

    def _set(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        response.set_cookie(
            name,
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

    def _name(self) -> str:
        return f"__Host-{NAME}" if self._secure() else NAME

    def _visitors(self) -> str:
        return f"{self._name()}-visitor"


def visit() -> Visit:
    """The visitor of this request."""
    return cast("Visit", session)


@dataclass(frozen=True, slots=True)
class Open:
    """One open session of an account."""

    digest: str
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str


def recognise(db: Connection, visit: Visit, at: datetime, *, touch: bool) -> None:
    """Find the session behind the cookie, if it still holds. `touch`: it counts as use."""
    if visit.given is None:
        return
    digest = _digest(visit.given)
    row = db.execute(_FIND, {"digest": digest}).one_or_none()
    if row is None:
        visit.lost = True
        return
    account = accounts.of(db, row.account_id)
    over = at - row.seen_at > IDLE or at - row.created_at > LONGEST
    if over or account is None or row.data.get("rights") != _rights(account):
        db.execute(_END, {"digest": digest})
        visit.lost = True
        return
    if touch and at - row.seen_at > _NOTED_EVERY:
        db.execute(_TOUCH, {"digest": digest, "at": at})
    visit.account, visit.digest = account, digest
    visit.clear()
    visit.update(row.data)
    visit.modified = False


def begin(
    db: Connection, visit: Visit, account: Account, at: datetime, *, address: str, agent: str
) -> None:
    """Log somebody in under a new id; an older session of the same browser ends."""
    if visit.digest is not None:
        db.execute(_END, {"digest": visit.digest})
    token = secrets.token_urlsafe(32)
    kept = {"language": visit["language"]} if "language" in visit else {}
    visit.clear()
    visit.update(rights=_rights(account), address=address, agent=agent[:200], **kept)
    visit.account, visit.digest, visit.issued = account, _digest(token), token
    row = {"digest": visit.digest, "account": account.id, "data": json.dumps(dict(visit)), "at": at}
    db.execute(_FORGET, {"at": at})
    db.execute(_BEGIN, row)


def end(db: Connection, visit: Visit) -> None:
    """Log out."""
    if visit.digest is not None:
        db.execute(_END, {"digest": visit.digest})
    language = visit.get("language")
    visit.clear()
    visit.account, visit.digest, visit.lost = None, None, True
    if language:
        visit["language"] = language


def listed(db: Connection, account_id: UUID) -> list[Open]:
    """All open sessions of an account, the one used last first."""
    return [
        Open(
            bytes(row.digest).hex(),
            row.created_at,
            row.seen_at,
            str(row.data.get("address", "")),
            str(row.data.get("agent", "")),
        )
        for row in db.execute(_OF, {"account": account_id})
    ]


def revoke(db: Connection, account_id: UUID, digest: str) -> bool:
    """End one session of an account. False where it has none such."""
    try:
        raw = bytes.fromhex(digest)
    except ValueError:
        return False
    return bool(db.execute(_END_OF, {"digest": raw, "account": account_id}).rowcount)


def end_all(db: Connection, account_id: UUID) -> None:
    """End every session of an account."""
    db.execute(_END_ALL, {"account": account_id})


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _rights(account: Account) -> str:
    """What a session was opened with: where it changes, the session ends."""
    return ":".join([account.role, *account.merchants])


_FIND = sa.text("SELECT account_id, data, created_at, seen_at FROM session WHERE digest = :digest")
_BEGIN = sa.text(
    """INSERT INTO session (digest, account_id, data, created_at, seen_at)
    VALUES (:digest, :account, CAST(:data AS jsonb), :at, :at)"""
)
_TOUCH = sa.text("UPDATE session SET seen_at = :at WHERE digest = :digest")
_KEEP = sa.text("UPDATE session SET data = CAST(:data AS jsonb) WHERE digest = :digest")
_END = sa.text("DELETE FROM session WHERE digest = :digest")
_END_OF = sa.text("DELETE FROM session WHERE digest = :digest AND account_id = :account")
_END_ALL = sa.text("DELETE FROM session WHERE account_id = :account")
_FORGET = sa.text(
    "DELETE FROM session WHERE created_at < CAST(:at AS timestamptz) - interval '12 hours'"
)
_OF = sa.text(
    """SELECT digest, data, created_at, seen_at FROM session WHERE account_id = :account
    ORDER BY seen_at DESC LIMIT 50"""
)
