"""Who is meant: a customer by his exact e-mail, telephone (with its country) or order number. What
is asked for is compared by its digest, in each merchant that may be looked at.
"""

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from sqlalchemy.engine import Connection

from hub.rules.customers import marks
from hub.store.base.sealing import Vault
from hub.store.customers import customers


def find(db: Connection, vault: Vault, merchants: Iterable[str], text: str) -> list[UUID]:
    """Customers, each as all who are one with him."""
    wanted = [it for it in (marks.email(text), marks.telephone(text, None)) if it]
    digests = [
        (merchant, mark.kind, customers.digest(vault, merchant, *mark))
        for merchant in merchants
        for mark in wanted
    ]
    named = [*customers.owners(db, digests).values(), *customers.of_order_number(db, text.strip())]
    return customers.roots(db, named)


def of_merchant(db: Connection, vault: Vault, merchant: str, text: str) -> list[UUID]:
    """The same of one merchant, by id as well."""
    named = find(db, vault, [merchant], text)
    with suppress(ValueError):
        named.append(UUID(text))
    rows = customers.load(db, vault, named)
    return sorted({row.root for row in rows.values() if row.merchant == merchant})
