"""Customers as people and callers see them."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.flows.customers import saying
from hub.model.errors import NotFound
from hub.model.people import CustomerRecord
from hub.store.base.sealing import Vault
from hub.store.customers import consents, customers
from hub.store.customers.customers import CustomerRow


class Seen(NamedTuple):
    """How a customer stands, and all that is known of who are one with him."""

    row: CustomerRow
    record: CustomerRecord


def several(db: Connection, vault: Vault, roots: Iterable[UUID]) -> list[Seen]:
    """Customers in the order asked for."""
    wanted = list(roots)
    families = customers.families(db, vault, wanted)
    said = consents.load(db, [row.id for family in families.values() for row in family])
    seen = []
    for root in wanted:
        family = families.get(root, [])
        head = next((row for row in family if row.id == root), None)
        if head is not None:
            seen.append(Seen(head, saying.record_of(head, family, said)))
    return seen


def single(db: Connection, vault: Vault, id_: UUID) -> Seen:
    """One customer; of one that was merged the one he is now. NotFound where there is none."""
    for root in customers.roots(db, [id_]):
        for seen in several(db, vault, [root]):
            return seen
    raise NotFound(f"no customer {id_}")
