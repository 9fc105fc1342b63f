"""How a database fails: with what was asked, with the moment, or because it is away."""

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError

AGAIN = frozenset({"40001", "40P01", "55P03"})
"""Serialisation failure, deadlock, lock not available: the same transaction again."""
_TOO_LONG = "57014"
_AWAY = ("08", "57P", "53", "58", "XX")
_HUNG_UP = "connection socket closed"


class DatabaseAway(Exception):
    """The database cannot be reached or cannot store: nothing was acknowledged, everything is
    repeated later.
    """


class DatabaseRefuses(DatabaseAway):
    """The database answers and will not have us: waiting does not mend that, the setting does."""


class DatabaseUnfit(DatabaseRefuses):
    """The database lets us in and we cannot work on it; the text is one line and says what would
    help.
    """


def notice_hang_up(context: ExceptionContext) -> None:
    """The driver sees a line hang up before libpq does, which takes the session for a living one
    still: nothing is to be rolled back on it.
    """
    if str(context.original_exception) == _HUNG_UP:
        context.is_disconnect = True


def is_passing(error: Exception) -> bool:
    """Whether the trouble is with the moment, not with what was asked: a lock that others held, a
    deadlock, a statement that took too long.
    """
    return isinstance(error, DBAPIError) and sqlstate(error) in AGAIN | {_TOO_LONG}


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-letter code."""
    return getattr(error.orig, "sqlstate", None)


def constraint(error: DBAPIError) -> str | None:
    """The constraint that was violated, where one was."""
    return getattr(getattr(error.orig, "diag", None), "constraint_name", None)


def is_away(error: DBAPIError) -> bool:
    """Whether the database, not the statement, is the trouble."""
    state = sqlstate(error)
    if state is None:
        return isinstance(error, OperationalError) or error.connection_invalidated
    return state.startswith(_AWAY) or state == "25006" or error.connection_invalidated
