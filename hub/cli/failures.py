"""What went wrong, told so that one can mend it, and the exit code of it (sysexits.h)."""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from hub.embedded.database import EmbeddedError
from hub.model.errors import (
    IllegalTransition,
    NeedsPerson,
    NotFound,
    OutcomeUnknown,
    Problem,
    TryLater,
)
from hub.settings.values import SettingError
from hub.store.base.failures import DatabaseAway, DatabaseRefuses, DatabaseUnfit, is_away, sqlstate
from hub.store.base.sealing import VaultError

DATA, UNAVAILABLE, INTERNAL, SETTING = 65, 69, 70, 78
_NO_TABLE, _NO_COLUMN = "42P01", "42703"
_MOST = 100
"""Problems that are shown: a file of 12,000 rows may be wrong in each in the same way."""


def told(error: Exception) -> int:
    """Say on standard error what it is; the exit code."""
    if isinstance(error, BrokenPipeError):  # the reader went away: there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, NeedsPerson):
        return wrong_data(error.problems())
    if isinstance(error, NotFound):
        return wrong_data([Problem("", "not_found", str(error))])
    if isinstance(error, IllegalTransition):
        return wrong_data([Problem("", "conflict", str(error))])
    if isinstance(error, SettingError | VaultError):
        return _line(SETTING, str(error))
    reason = _unavailable(error)
    return _line(UNAVAILABLE, reason) if reason else _ours(error)


def wrong_data(problems: Sequence[Problem]) -> int:
    """Each problem on a line, the whole a JSON document; `more` counts what is not shown."""
    lines = [json.dumps(problem.as_dict(), ensure_ascii=False) for problem in problems[:_MOST]]
    more = f', "more": {len(problems) - _MOST}' if len(problems) > _MOST else ""
    click.echo('{"errors": [\n  ' + ",\n  ".join(lines) + f"\n]{more}}}", err=True)
    return DATA


def _unavailable(error: Exception) -> str | None:
    if isinstance(error, DatabaseUnfit):
        return str(error)
    if isinstance(error, DatabaseRefuses):
        return f"the database does not let us in ({error}); see ORDERHUB_DATABASE_URL"
    if isinstance(error, DatabaseAway):
        return f"the database is away ({error}); ORDERHUB_DATABASE_URL says where it is"
    if isinstance(error, EmbeddedError | TryLater | OutcomeUnknown):
        return str(error)
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        if state in (_NO_TABLE, _NO_COLUMN):
            return "the database is of another release: run `orderhub migrate`"
        if is_away(error):
            return f"the database is away ({state or 'connection refused'})"
    return None


def _line(code: int, message: str) -> int:
    click.echo(f"orderhub: {' '.join(message.split())}", err=True)
    return code


def _ours(error: Exception) -> int:
    """Our own fault: where it happened, and no more, since values may be personal."""
    place: Any = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.filename}:{place.lineno}"
    return _line(
        INTERNAL, f"an error of our own, {type(error).__name__} at {where}; please report it"
    )
