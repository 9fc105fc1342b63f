"""The runtime role: whether a login may act as it, made and granted where it is not, and otherwise
what is wrong with the one line of SQL that mends it.

Since PostgreSQL 16 who made a role is a member of it and may still not act as it: that is a right
of its own, SET.
"""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

RUNTIME_ROLE = "orderhub_runtime"
OLDEST = 15
_DENIED = "42501"


class Standing(NamedTuple):
    """What a login is to the runtime role."""

    login: str
    """As SQL spells it."""
    version: int
    shown: str
    there: bool
    may_act: bool
    itself_one: bool
    """It has the tables' rights without owning them, so row-level security binds it as well."""


def standing(db: Connection) -> Standing:
    """Ask the server."""
    row = db.execute(_STANDING, {"role": RUNTIME_ROLE}).one()
    return Standing(*row)


def trouble(at: Standing) -> str | None:
    """Why the hub cannot work as this login, in one line that says what mends it. Before the first
    migration there is nothing to work on.
    """
    if at.version < OLDEST:
        return f"PostgreSQL {at.shown} is too old: version {OLDEST} or later is needed"
    if not at.there or at.may_act or at.itself_one:
        return None
    return f"{at.login} may not act as {RUNTIME_ROLE}; as a superuser: {_grant(at)}"


def prepare(db: Connection) -> str | None:
    """Have the role, and let this login act as it. What is wrong where neither can be."""
    at = standing(db)
    if at.version >= OLDEST and not at.there:
        if not _done(db, f"CREATE ROLE {RUNTIME_ROLE} NOLOGIN"):
            mend = f"CREATE ROLE {RUNTIME_ROLE} NOLOGIN ROLE {at.login}"
            return f"{at.login} may not make the role {RUNTIME_ROLE}; as a superuser: {mend}"
        at = standing(db)
    if at.version >= OLDEST and not at.may_act and _done(db, _grant(at)):
        return None
    return trouble(at._replace(itself_one=False))


def _grant(at: Standing) -> str:
    how = " WITH SET TRUE" if at.version >= 16 else ""
    return f"GRANT {RUNTIME_ROLE} TO {at.login}{how}"


def _done(db: Connection, statement: str) -> bool:
    """Whether it is so now: another database of this server may have been first."""
    try:
        with db.begin_nested():
            db.execute(sa.text(statement))
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state not in (_DENIED, *_BY_ANOTHER):
            raise
        return bool(state != _DENIED)
    return True


_BY_ANOTHER = ("42710", "23505")
_STANDING = sa.text(
    """SELECT quote_ident(current_user) AS login,
      current_setting('server_version_num')::int / 10000 AS version,
      current_setting('server_version') AS shown, role.oid IS NOT NULL AS there,
      coalesce(pg_has_role(current_user, role.oid,
        CASE WHEN current_setting('server_version_num')::int >= 160000
          THEN 'SET' ELSE 'MEMBER' END), false) AS may_act,
      coalesce(has_table_privilege(current_user, tables.oid, 'SELECT')
        AND NOT pg_has_role(current_user, tables.relowner, 'USAGE'), false) AS itself_one
    FROM (SELECT) AS asked
    LEFT JOIN pg_roles AS role ON role.rolname = :role
    LEFT JOIN pg_class AS tables ON tables.oid = to_regclass('message')"""
)
