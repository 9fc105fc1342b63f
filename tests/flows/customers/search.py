"""A person is searched for in every column of every table, opened where it is sealed, and in every
record of every archive file.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.store.base import archive_files
from hub.store.base.archive_files import MAGIC
from hub.store.base.sealing import Vault, VaultError
from hub.store.people import idempotency
from tests.kit.world.world import World
from tests.safety.planted import found

_ROW_OF = {"message_version": "message_id"}
_PLACE_OF = {"message_version.payload": "message.payload"}
_SEALED = "sealed:"


def where(world: World, planted: Mapping[str, str]) -> set[str]:
    """Each `table.column`, and `archive` for files, where he is found."""
    places = {f"{table}.{column}" for table, column, text in _texts(world) if found(text, planted)}
    files = any(found(text, planted) for text in _archived(world))
    return places | ({"archive"} if files else set())


def _texts(world: World) -> Iterator[tuple[str, str, str]]:
    with world.store.database.begin() as db:
        tables = db.scalars(
            sa.text(
                """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')
                AND NOT relispartition AND relnamespace = 'public'::regnamespace"""
            )
        ).all()
        for table in tables:
            if table in {"scope_key", "alembic_version"}:
                continue
            for row in db.execute(sa.text(f"SELECT * FROM {table}")).mappings():  # noqa: S608
                for column, value in row.items():
                    yield table, column, _opened(world.store.vault, table, column, row, value)


def _opened(vault: Vault, table: str, column: str, row: Mapping[str, Any], value: Any) -> str:
    """A value as text: sealed ones opened."""
    if isinstance(value, memoryview | bytes):
        return _unsealed(vault, table, column, row, bytes(value))
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text + "".join(_words(vault, table, column, row, text))


def _unsealed(vault: Vault, table: str, column: str, row: Mapping[str, Any], raw: bytes) -> str:
    place = _PLACE_OF.get(f"{table}.{column}", f"{table}.{column}")
    id_ = row.get(_ROW_OF.get(table, "id"))
    if table == "idempotency":
        id_ = idempotency._row(row["caller"], row["key"])
    if not isinstance(id_, UUID):
        return raw.decode("utf-8", "replace")
    try:
        return vault.open(raw, place, str(row.get("merchant_id") or ""), id_).decode(
            "utf-8", "replace"
        )
    except VaultError:
        return raw.decode("utf-8", "replace")


def _words(
    vault: Vault, table: str, column: str, row: Mapping[str, Any], text: str
) -> Iterator[str]:
    """Words of partners, sealed within a text."""
    for part in text.split(_SEALED)[1:]:
        raw = part.partition('"')[0]
        try:
            sealed = base64.b64decode(raw, validate=True)
            yield vault.open(sealed, f"{table}.{column}", row["merchant_id"], row["id"]).decode()
        except (VaultError, ValueError):
            yield ""


def _archived(world: World) -> Iterator[str]:
    shelf = world.store.vault.shelf
    assert shelf is not None
    for name in shelf.names():
        body = Path(shelf._folder / name).read_bytes()
        at = len(MAGIC)
        while at < len(body):
            _, size, _, place, merchant = archive_files._HEAD.unpack_from(body, at)
            length = archive_files._HEAD.size + place + merchant + size
            record = archive_files._unpacked(body[at : at + length])
            assert record is not None
            try:
                raw = world.store.vault.open(
                    record.sealed, record.place, record.merchant, record.row
                )
            except VaultError:
                raw = record.sealed
            yield raw.decode("utf-8", "replace")
            at += length
