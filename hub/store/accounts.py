"""People who may use the console: logins, roles, passwords, and how often a login may be tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.errors import BadData, NotFound
from hub.store import passwords
from hub.store.ids import new_id

ROLES = ("operator", "integrator", "warehouse", "finance", "merchant", "auditor")
FREE_TRIES = 5
LONGEST_DELAY_S = 900
_FORGIVEN_AFTER = timedelta(hours=1)
_KNOWN_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Account:
    """A person. `merchants`: whose rows they see; empty: all, never so for the role `merchant`."""

    id: UUID
    login: str
    name: str
    role: str
    merchants: tuple[str, ...]
    language: str
    status: str


@dataclass(frozen=True, slots=True)
class Login:
    """How a login went. No account: wrong, or (with `retry_after`) not even tried."""

    account: Account | None = None
    retry_after: float = 0.0


def add(
    db: Connection,
    login: str,
    name: str,
    password: str,
    *,
    role: str,
    merchants: Sequence[str] = (),
) -> UUID:
    """Make an account. BadData says what of it is not possible."""
    login = _login(login)
    if role not in ROLES:
        message = f"one of {', '.join(ROLES)} is expected"
        raise BadData(message, path="role", code="unknown_code")
    if role == "merchant" and not merchants:
        message = "the role merchant needs the merchant it is for"
        raise BadData(message, path="merchants", code="missing_field")
    unknown = sorted(set(merchants) - set(db.scalars(sa.text("SELECT code FROM merchant"))))
    if unknown:
        raise BadData(f"there is no merchant {unknown[0]}", path="merchants", code="unknown_code")
    passwords.check(password, login)
    account_id = new_id()
    row = {
        "id": account_id,
        "login": login,
        "name": name.strip() or login,
        "hash": passwords.digest(password),
        "role": role,
        "merchants": list(merchants),
    }
    if not db.execute(_ADD, row).rowcount:
        raise BadData(f"there is an account {login} already", path="login", code="taken")
    return account_id


def set_password(db: Connection, login: str, password: str) -> UUID:
    """Change a password and end all sessions of the account. NotFound where there is none."""
    login = _login(login)
    passwords.check(password, login)
    row = {"login": login, "hash": passwords.digest(password)}
    changed: UUID | None = db.scalar(_SET_PASSWORD, row)
    if changed is None:
        raise NotFound(f"there is no account {login}")
    db.execute(sa.text("DELETE FROM session WHERE account_id = :id"), {"id": changed})
    return changed


def listed(db: Connection) -> list[Account]:
    """All accounts by login."""
    return [_account(row) for row in db.execute(sa.text(f"{_SELECT} ORDER BY login"))]


def of(db: Connection, account_id: UUID) -> Account | None:
    """The account of a session, None where it was disabled or is gone."""
    found = sa.text(f"{_SELECT} WHERE id = :id AND status = 'active'")
    row = db.execute(found, {"id": account_id}).one_or_none()
    return _account(row) if row else None


def check(db: Connection, login: str, password: str, address: str, at: datetime) -> Login:
    """Who it is, if the password is right. Commit whatever the answer: it counts the tries.

    After five wrong ones an account, and an address, must wait: 1 s, doubling up to 15 min. An
    address from which the account's owner came in before is not held up by what others try.
    Unknown logins take the same way and the same time.
    """
    login = login.strip().casefold()[:200]
    known = db.scalar(_IS_KNOWN, {"subject": _known(login, address), "since": at - _KNOWN_FOR})
    who = _own(login, address) if known else f"account:{login}"
    subjects = sorted((who, f"address:{address}"))
    delay = _claim_try(db, subjects, at)
    if delay:
        return Login(retry_after=delay)
    row = db.execute(_BY_LOGIN, {"login": login}).one_or_none()
    right = passwords.matches(row.password_hash if row else passwords.nobodys(), password)
    if row is None or not right or row.status != "active":
        return Login()
    if passwords.is_outdated(row.password_hash):
        db.execute(_SET_PASSWORD, {"login": login, "hash": passwords.digest(password)})
    db.execute(_FORGIVE, {"who": who, "address": f"address:{address}"})
    db.execute(_REMEMBER, {"subject": _known(login, address), "at": at})
    return Login(account=_account(row))


def _claim_try(db: Connection, subjects: Sequence[str], at: datetime) -> float:
    """Count one try before it is made: parallel ones cannot slip through. Seconds to wait."""
    rows = {
        row.subject: row for row in db.execute(_LOCK_TRIES, {"subjects": list(subjects), "at": at})
    }
    until = max((row.blocked_until for row in rows.values() if row.blocked_until), default=at)
    if until > at:
        return (until - at).total_seconds()
    for subject in subjects:
        row = rows[subject]
        failures = 1 if row.at < at - _FORGIVEN_AFTER else row.failures + 1
        blocked = at + timedelta(seconds=_delay(failures)) if failures >= FREE_TRIES else None
        db.execute(_COUNT, {"subject": subject, "failures": failures, "blocked": blocked, "at": at})
    db.execute(_FORGET, {"at": at})
    return 0.0


def _delay(failures: int) -> int:
    return min(LONGEST_DELAY_S, 1 << min(failures - FREE_TRIES, 10))


def _known(login: str, address: str) -> str:
    return f"known:{login}|{address}"


def _own(login: str, address: str) -> str:
    return f"own:{login}|{address}"


def _login(login: str) -> str:
    login = login.strip().casefold()
    if not 1 <= len(login) <= 200 or any(c.isspace() or not c.isprintable() for c in login):
        message = "1 to 200 characters without blanks are expected"
        raise BadData(message, path="login", code="bad_id")
    return login


def _account(row: Any) -> Account:
    return Account(
        row.id, row.login, row.name, row.role, tuple(row.merchants), row.language, row.status
    )


_SELECT = "SELECT id, login, name, password_hash, role, merchants, language, status FROM account"
_BY_LOGIN = sa.text(f"{_SELECT} WHERE login = :login")
_ADD = sa.text(
    """INSERT INTO account (id, login, name, password_hash, role, merchants)
    VALUES (:id, :login, :name, :hash, :role, :merchants) ON CONFLICT (login) DO NOTHING"""
)
_SET_PASSWORD = sa.text(
    "UPDATE account SET password_hash = :hash WHERE login = :login RETURNING id"
)
_IS_KNOWN = sa.text("SELECT true FROM login_failure WHERE subject = :subject AND at > :since")
_LOCK_TRIES = sa.text(
    """INSERT INTO login_failure AS tries (subject, failures, at)
    SELECT subject, 0, :at FROM unnest(CAST(:subjects AS text[])) AS subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET failures = tries.failures
    RETURNING subject, failures, blocked_until, at"""
)
_COUNT = sa.text(
    """UPDATE login_failure SET failures = :failures, blocked_until = :blocked, at = :at
    WHERE subject = :subject"""
)
_FORGIVE = sa.text(
    """UPDATE login_failure SET blocked_until = NULL,
      failures = CASE WHEN subject = :who THEN 0 ELSE failures - 1 END
    WHERE subject IN (:who, :address)"""
)
_REMEMBER = sa.text(
    """INSERT INTO login_failure (subject, failures, at) VALUES (:subject, 0, :at)
    ON CONFLICT (subject) DO UPDATE SET at = excluded.at"""
)
_FORGET = sa.text(
    """DELETE FROM login_failure WHERE at < CAST(:at AS timestamptz)
      - CASE WHEN subject LIKE 'known:%' THEN interval '90 days' ELSE interval '2 days' END"""
)
