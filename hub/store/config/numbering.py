"""Running numbers of a connection: each is given once, to one thing, for ever.

They are given in a transaction of their own, before the partner hears of them: what was given and
not used is a gap, never a repeat.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from hub.store.base.database import Database

_GIVEN = sa.text(
    "SELECT number FROM numbering"
    " WHERE connection = :connection AND thing = :thing AND merchant_id = :merchant"
)
_ALONE = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('numbering ' || :connection, 0))")
_GIVE = sa.text(
    """INSERT INTO numbering (merchant_id, connection, thing, number)
    SELECT :merchant, :connection, :thing, coalesce(max(number), 0) + 1
    FROM numbering WHERE connection = :connection AND merchant_id = :merchant
    RETURNING number"""
)
_THING = sa.text(
    "SELECT thing FROM numbering"
    " WHERE connection = :connection AND number = :number AND merchant_id = :merchant"
)


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers of one connection, the same for all processes."""

    database: Database
    merchant: str
    connection: str

    def of(self, thing: str) -> int:
        """The number of a thing: its own, or the next one."""
        named = {"merchant": self.merchant, "connection": self.connection, "thing": thing}
        with self.database.begin() as db:
            number = db.execute(_GIVEN, named).scalar()
            if number is None:
                db.execute(_ALONE, {"connection": self.connection})
                number = db.execute(_GIVEN, named).scalar()
            if number is None:
                number = db.execute(_GIVE, named).scalar_one()
        return int(number)

    def thing(self, number: int) -> str | None:
        """What has this number, None where nothing has."""
        named = {"merchant": self.merchant, "connection": self.connection, "number": number}
        with self.database.begin() as db:
            thing: str | None = db.execute(_THING, named).scalar()
        return thing
