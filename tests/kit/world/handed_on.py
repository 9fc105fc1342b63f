"""Migrated databases that go from test to test, so that not every test makes one and drops it.

After a test all its sessions are ended, its rows deleted, sequences set back, and the database
takes a new name: what the test left running finds it no more. It is dropped instead where that is
not enough: tables, rights or settings are not those of the migrations any more, or it has grown.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, NamedTuple, cast

import psycopg
import pytest
from psycopg import sql

from tests.kit import database

GROWTH = 8_000_000
"""Bytes by which one may grow by what was deleted from it."""
PATIENCE_S = 60.0


class Born(NamedTuple):
    """What a database was when it was made."""

    shape: str
    size: int
    rows: dict[str, str]
    """As `contents`."""
    sequences: list[tuple[str, int, bool]]


class Databases:
    """The databases of a session that nobody uses at the moment."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._admin = psycopg.connect(database.libpq(server), autocommit=True)
        self._admin.execute("SET synchronous_commit = off")  # none of these outlives a power cut
        (self._may_empty,) = self._row("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        self._idle: list[tuple[str, Born]] = []

    @contextmanager
    def open(self) -> Iterator[str]:
        """URL of one that is as the migrations left it, for nobody else."""
        name, born = self._idle.pop() if self._idle else self._make()
        try:
            yield database.on(self._server, name)
        finally:
            self._end_sessions(name)
            brought_back = self._may_empty and self._is_brought_back(name, born)
            new = self._renamed(name) if brought_back else None
            if new is None:
                self._admin.execute(database.drop(name))
            else:
                self._idle.append((new, born))

    def close(self) -> None:
        """Drop those that nobody has."""
        for name, _ in self._idle:
            self._admin.execute(database.drop(name))
        self._admin.close()

    def _make(self) -> tuple[str, Born]:
        name = database.new_name()
        self._admin.execute(database.clone(name, self._template))
        self._admin.execute(database.as_migrated(name))
        with self._inside(name) as db:
            born = Born(shape(db), _size(db), contents(db), sequences(db))
        return name, born

    def _is_brought_back(self, name: str, born: Born) -> bool:
        with self._inside(name) as db:
            if shape(db) != born.shape or _size(db) > born.size + GROWTH:
                return False
            _bring_back(db, born)
        self._end_sessions(name)
        return True

    @contextmanager
    def _inside(self, name: str) -> Iterator[psycopg.Connection]:
        url = database.libpq(database.on(self._server, name))
        with psycopg.connect(url, options="-c statement_timeout=60000") as db:
            yield db

    def _renamed(self, name: str) -> str | None:
        """Its new name. None: somebody came to it once more."""
        new = database.new_name()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            self._admin.execute(rename.format(sql.Identifier(name), sql.Identifier(new)))
        except psycopg.errors.ObjectInUse:
            return None
        return new

    def _end_sessions(self, name: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while self._admin.execute(_END, [name]).fetchall():
            assert time.monotonic() < until, f"sessions of {name} do not end"
            time.sleep(0.002)

    def _row(self, query: LiteralString) -> Any:
        return self._admin.execute(query).fetchone()


@pytest.fixture(scope="session")
def databases(server_url: str, template: str) -> Iterator[Databases]:
    """Migrated databases, each for whoever opens it."""
    made = Databases(server_url, template)
    yield made
    made.close()


@pytest.fixture
def db_url(databases: Databases) -> Iterator[str]:
    """URL of a migrated, empty database of this test alone."""
    with databases.open() as url:
        yield url


def _bring_back(db: psycopg.Connection, born: Born) -> None:
    db.execute("SET session_replication_role = replica")  # no trigger forbids or adds anything
    for (table,) in db.execute(_WRITTEN).fetchall():
        db.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    for table, rows in born.rows.items():
        if rows:
            db.execute(_INSERT.format(sql.Identifier(table)), [rows])
    for name, value, called in born.sequences:
        db.execute("SELECT setval(%s::text::regclass, %s, %s)", [name, value, called])


def contents(db: psycopg.Connection) -> dict[str, str]:
    """Table -> its rows as JSON, nothing where it has none."""
    tables = [table for (table,) in db.execute(_TABLES).fetchall()]
    kept = {}
    for table in tables:
        rows = [row for (row,) in db.execute(_ROWS.format(sql.Identifier(table))).fetchall()]
        kept[table] = json.dumps(rows) if rows else ""
    return kept


def sequences(db: psycopg.Connection) -> list[tuple[str, int, bool]]:
    """Name, value, whether that was given to anybody."""
    names = [name for (name,) in db.execute(_SEQUENCES).fetchall()]
    state = sql.SQL("SELECT last_value, is_called FROM {}")
    return [
        (name, *cast(tuple[int, bool], db.execute(state.format(sql.Identifier(name))).fetchone()))
        for name in names
    ]


def shape(db: psycopg.Connection) -> str:
    """Another word after every change but of rows."""
    return str(db.execute(_SHAPE).fetchone())


def _size(db: psycopg.Connection) -> int:
    row = db.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


_END = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = %s AND pid <> pg_backend_pid()"""
_TABLES = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"""
_WRITTEN = """SELECT DISTINCT coalesce(root.relname, t.relname) FROM pg_class AS t
  LEFT JOIN pg_class AS root ON t.relispartition AND root.oid = pg_partition_root(t.oid)
  WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r'
    AND pg_relation_size(t.oid) > 0"""
_ROWS = sql.SQL("SELECT to_jsonb(t) FROM {} AS t")
_INSERT = sql.SQL(
    "INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_recordset(NULL::{0}, %s)"
)
_SEQUENCES = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
  AND relkind = 'S' ORDER BY relname"""
_OURS = 16384
"""From this number on what the catalogue lists was not there with the server."""
_CATALOGUE = {
    "pg_class": "oid", "pg_attribute": "attrelid", "pg_attrdef": "oid", "pg_constraint": "oid",
    "pg_index": "indexrelid", "pg_proc": "oid", "pg_trigger": "oid", "pg_policy": "oid",
    "pg_type": "oid", "pg_rewrite": "oid", "pg_sequence": "seqrelid", "pg_statistic_ext": "oid",
    "pg_default_acl": "oid", "pg_extension": "oid", "pg_publication": "oid",
    "pg_event_trigger": "oid",
}  # fmt: skip
"""Every change of a table, a right, a function leaves a row of another transaction here."""
_LINES = sql.SQL(" UNION ALL ").join(
    sql.SQL("SELECT concat_ws(' ', {}, {}, xmin) AS line FROM {} WHERE {} >= {}").format(
        table, sql.Identifier(key), sql.Identifier(table), sql.Identifier(key), _OURS
    )
    for table, key in _CATALOGUE.items()
)
_SHAPE = sql.SQL(
    """SELECT md5(string_agg(line, ' ' ORDER BY line COLLATE "C")) FROM ({}
    UNION ALL SELECT concat_ws(' ', 'schema', oid, xmin) FROM pg_namespace
      WHERE nspname !~ '^pg_(toast_)?temp'
    UNION ALL SELECT concat_ws(' ', 'setting', s.*) FROM pg_db_role_setting AS s
      JOIN pg_database AS d ON d.oid = setdatabase WHERE datname = current_database()
    UNION ALL SELECT concat_ws(' ', 'database', datdba, datacl, datconnlimit) FROM pg_database
      WHERE datname = current_database()) AS lines"""
).format(_LINES)
