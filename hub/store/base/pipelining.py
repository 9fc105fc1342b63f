"""Statements whose answer nobody needs: sent without waiting, so that the database works on them
while we prepare the next (libpq's pipeline mode; psycopg's manual, "Pipeline mode support").

They run in order, and before whatever is asked afterwards. What one of them fails with is raised by
the next statement that is waited for, at the latest by `settle` before the commit: the transaction
ends as it would have, only the place in our code is a later one.
"""

from contextlib import ExitStack, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.sql.elements import TextClause

_UNHEARD, _SETTLING = "orderhub_unheard", "orderhub_settling"
_OPEN = "orderhub_pipeline"
_SAVEPOINTS = ("SAVEPOINT ", "RELEASE ")
"""What SQLAlchemy itself sends: they answer nothing either."""
_BACK = "ROLLBACK TO "
"""Where a statement before the savepoint failed, the savepoint was never made: there is nothing to
go back to, and that failure goes on to end the transaction.
"""


def write(db: Connection, statement: TextClause, row: dict[str, Any]) -> None:
    """Send a statement that returns nothing, inside a transaction of `Database`."""
    db.execute(statement, row, execution_options={_UNHEARD: True})


def settle(db: Connection) -> None:
    """Wait for all that was sent. Raises what the first that failed came to."""
    if _OPEN in db.info:
        db.exec_driver_sql("", execution_options={_SETTLING: True})


def install(engine: Engine) -> None:
    """Let the sessions of an engine pipeline."""
    sa.event.listen(engine, "do_execute", _execute)
    sa.event.listen(engine, "rollback", _give_up)
    sa.event.listen(engine, "rollback_savepoint", _give_up)


def _execute(cursor: Any, statement: str, _parameters: Any, context: Any) -> bool:
    """Begin or end the pipeline before a statement, as it needs. True: there is nothing to run."""
    options, session = context.execution_options, cursor.connection
    is_open = bool(session.pgconn.pipeline_status)
    if options.get(_UNHEARD) or (is_open and statement.startswith(_SAVEPOINTS)):
        if not is_open:
            pipeline = ExitStack()
            pipeline.enter_context(session.pipeline())
            context.root_connection.info[_OPEN] = pipeline
    elif is_open:
        _close(context.root_connection)
    if statement.startswith(_BACK):
        with suppress(psycopg.errors.InvalidSavepointSpecification):
            cursor.execute(statement)
        return True
    return _SETTLING in options


def _close(db: Connection) -> None:
    """End the pipeline. A session that cannot leave it, its line being cut just now, is closed."""
    session: Any = db.connection.driver_connection
    try:
        db.info.pop(_OPEN).close()
    finally:
        if session.pgconn.pipeline_status:
            session.close()


def _give_up(db: Connection, *_: Any) -> None:
    """End the pipeline before a rollback: why it comes to one was raised already."""
    if not db.invalidated and _OPEN in db.info:
        with suppress(psycopg.Error):
            _close(db)
