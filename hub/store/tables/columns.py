"""What every table is made of: the metadata, and columns by their meaning."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

metadata = sa.MetaData()

NOW = sa.text("now()")
ID = UUID(as_uuid=True)
AT = sa.TIMESTAMP(timezone=True)
NUMBER = sa.Numeric(20, 6)
TEXTS = ARRAY(sa.Text)
BY_TIME = "RANGE (id)"


def text(name: str, *args: object, **options: object) -> sa.Column[str]:
    return sa.Column(name, sa.Text, *args, nullable=options.pop("nullable", False), **options)  # type: ignore[arg-type]


def moment(name: str, *, nullable: bool = False, now: bool = False) -> sa.Column[object]:
    return sa.Column(name, AT, nullable=nullable, server_default=NOW if now else None)


def number(name: str, default: str | None = "0") -> sa.Column[object]:
    return sa.Column(name, NUMBER, nullable=False, server_default=default)


def document(name: str, default: str = "{}") -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False, server_default=sa.text(f"'{default}'::jsonb"))


def count(name: str, default: str = "0") -> sa.Column[object]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=default)


def in_archive() -> tuple[sa.Column[Any], ...]:
    """Where in an archive file the bytes are that the row no longer holds."""
    return (
        sa.Column("archive_id", sa.Integer),
        sa.Column("archive_offset", sa.BigInteger),
        sa.Column("archive_length", sa.Integer),
    )
