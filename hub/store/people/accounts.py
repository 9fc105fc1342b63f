"""People who may use the console: logins, roles and passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.errors import BadData, NotFound
from hub.store.base.ids import new_id
from hub.store.people import passwords, sessions

ROLES = ("operator", "integrator", "warehouse", "finance", "merchant", "auditor")


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
    sessions.end_all(db, changed)
    return changed


def set_status(db: Connection, account_id: UUID, status: str) -> str | None:
    """Disable or enable an account. Its login; None where nothing changed."""
    found: str | None = db.scalar(_SET_STATUS, {"id": account_id, "status": status})
    return found


def set_language(db: Connection, account_id: UUID, language: str) -> None:
    """The console speaks this language to an account from now on."""
    db.execute(_SET_LANGUAGE, {"language": language, "id": account_id})


def listed(db: Connection) -> list[Account]:
    """All accounts by login."""
    return [_account(row) for row in db.execute(sa.text(f"{_SELECT} ORDER BY login"))]


def of(db: Connection, account_id: UUID) -> Account | None:
    """The account of a session, None where it was disabled or is gone."""
    found = sa.text(f"{_SELECT} WHERE id = :id AND status = 'active'")
    row = db.execute(found, {"id": account_id}).one_or_none()
    return _account(row) if row else None


def check(db: Connection, login: str, password: str) -> Account | None:
    """Who it is, if the password is right. Unknown logins take the same way and the same time.

    Whoever asks has seen to it that not too much is guessed (`hub/doors/guessing.py`).
    """
    login = plain(login)
    row = db.execute(_BY_LOGIN, {"login": login}).one_or_none()
    right = passwords.matches(row.password_hash if row else passwords.nobodys(), password)
    if row is None or not right or row.status != "active":
        return None
    if passwords.is_outdated(row.password_hash):
        db.execute(_SET_PASSWORD, {"login": login, "hash": passwords.digest(password)})
    return _account(row)


def plain(login: str) -> str:
    """A login as it is kept: case and blanks around it do not tell people apart."""
    return login.strip().casefold()[:200]


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
_SET_STATUS = sa.text(
    """UPDATE account SET status = :status WHERE id = :id AND status <> :status
    RETURNING login"""
)
_SET_LANGUAGE = sa.text("UPDATE account SET language = :language WHERE id = :id")
