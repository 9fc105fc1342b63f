"""What is told of customers: each as all of one person come to, to whoever keeps customers, when it
changed. The newest counts: an older one that was not sent yet gives way.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from hub.flows.telling import BOOKS
from hub.flows.unit import Unit
from hub.model.document import Document, Source, plain
from hub.model.people import CustomerErasure, CustomerRecord
from hub.rules.customers import consents as consent_rules
from hub.rules.customers import profiles
from hub.rules.customers.profiles import Profile
from hub.store.base.ids import new_id
from hub.store.config.snapshot import Connection
from hub.store.customers import consents, customers
from hub.store.customers.customers import ERASED, CustomerRow
from hub.store.messages.outbox import Telling


def count_and_tell(unit: Unit, roots: Iterable[UUID]) -> None:
    """Count anew what these bought, and tell of those who changed."""
    records = count(unit, roots)
    unit.tell(
        telling
        for row, record in records
        for telling in _tellings(unit, row.merchant, record, str(row.version))
    )


def count(unit: Unit, roots: Iterable[UUID]) -> list[tuple[CustomerRow, CustomerRecord]]:
    """Count anew. Returns those who changed, with what is known of them now."""
    families = customers.families(unit.db, unit.vault, roots)
    everybody = [row.id for family in families.values() for row in family]
    sums = customers.sums(unit.db, families)
    said = consents.load(unit.db, everybody) if everybody else {}
    changed = []
    for root, family in families.items():
        head = next(row for row in family if row.id == root)
        if head.status == ERASED:
            continue
        _sum_up(head, sums.get(root, ()))
        record = record_of(head, family, said)
        digest = sha256(record.model_dump_json(exclude={"source"}).encode()).digest()[:16]
        if digest != head.digest:
            head.digest, head.version = digest, head.version + 1
            source = record.source.model_copy(update={"id": f"{root}:{head.version}"})
            changed.append((head, record.model_copy(update={"source": source})))
    customers.keep_sums(unit.db, [head for head, _ in changed])
    return changed


def record_of(
    head: CustomerRow, family: Sequence[CustomerRow], said: dict[UUID, Any]
) -> CustomerRecord:
    """All of one person as the document that tells of him."""
    whole = profiles.together(
        Profile.model_validate_json(row.profile) for row in family if row.profile
    )
    first = head.spends[0] if head.spends else None
    return CustomerRecord(
        source=Source(connection="hub", id=f"{head.id}:{head.version}"),
        customer_id=str(head.id),
        **whole.model_dump(exclude={"as_of", "tax_id"}),
        consents=consent_rules.current(it for row in family for it in said.get(row.id, ())),
        first_order_at=head.first_order_at,
        last_order_at=head.last_order_at,
        orders=head.orders,
        spent=first["amount"] if first else 0,
        currency=first["currency"] if first else None,
        spends=head.spends,
        merged=tuple(str(row.id) for row in family if row.id != head.id),
    )


def erased(unit: Unit, merchant: str, ids: Sequence[UUID], at: datetime) -> None:
    """Tell whoever takes it, channels too, whom to forget."""
    documents = [
        CustomerErasure(
            source=Source(connection="hub", id=f"{id_}:erased", occurred_at=at),
            customer_id=str(id_),
            requested_at=at,
        )
        for id_ in ids
    ]
    unit.tell(
        it
        for document in documents
        for it in _tellings(unit, merchant, document, "1", ("channel",))
    )


def _tellings(
    unit: Unit,
    merchant: str,
    document: CustomerRecord | CustomerErasure,
    revision: str,
    also: Sequence[str] = (),
) -> list[Telling]:
    return [
        _telling(partner, merchant, document, document.customer_id, revision)
        for kind in (*BOOKS, *also)
        for partner in unit.directory.listeners(kind, document.type, merchant)
    ]


def _telling(
    partner: Connection, merchant: str, document: Document, key: str, revision: str
) -> Telling:
    return Telling(
        document=document,
        connection=partner.code,
        merchant=merchant,
        shards=partner.shards,
        key=key,
        revision=revision,
        correlation_id=new_id(),
        newest_wins=True,
    )


def _sum_up(head: CustomerRow, sums: Sequence[Any]) -> None:
    head.orders = sum(row.orders for row in sums)
    head.first_order_at = min((row.first for row in sums), default=None)
    head.last_order_at = max((row.last for row in sums), default=None)
    head.spends = [
        {"currency": row.currency, "amount": plain(row.amount), "orders": row.orders}
        for row in sums
    ]
