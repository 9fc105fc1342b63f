"""Collect customers from orders, after the orders were taken in: whose each is, what it says of
him, how often he bought. In sets, and alone: nobody is made twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.flows.customers import saying
from hub.flows.unit import Unit
from hub.model.people import Consent
from hub.rules.customers import consents as consent_rules
from hub.rules.customers import marks, profiles
from hub.rules.customers.marks import Mark
from hub.rules.customers.matching import Known, match
from hub.rules.customers.profiles import Profile
from hub.store.base.ids import new_id
from hub.store.customers import consents, customers, due, pairs
from hub.store.customers.customers import ERASED, CustomerRow
from hub.store.orders import orders
from hub.store.orders.orders import OrderRow

MOST = 200

Placed = tuple[str, str, bytes]
"""Merchant, kind and digest of a mark."""


@dataclass(slots=True)
class _Batch:
    """What is known of whom a batch of orders may be, and what came of it."""

    known: dict[str, Known] = field(default_factory=dict)
    rows: dict[UUID, CustomerRow] = field(default_factory=dict)
    fresh: set[UUID] = field(default_factory=set)
    said: list[tuple[str, UUID, Consent]] = field(default_factory=list)
    members: list[tuple[UUID, str, UUID, bool]] = field(default_factory=list)
    owned: list[tuple[str, str, bytes, UUID]] = field(default_factory=list)
    doubts: list[tuple[str, UUID, UUID, str]] = field(default_factory=list)

    def of(self, merchant: str) -> Known:
        return self.known.setdefault(merchant, Known())


def collect(unit: Unit, most: int = MOST) -> int:
    """Look at the orders that are due. Returns how many: none where somebody else collects."""
    if not due.try_lock(unit.db):
        return 0
    ids = due.take(unit.db, most)
    if ids:
        seen = orders.seen(unit.db, unit.vault, ids)
        _take_in(unit, [seen[id_] for id_ in ids if id_ in seen and not seen[id_].is_erased])
    return len(ids)


def _take_in(unit: Unit, rows: Sequence[OrderRow]) -> None:
    named = {row.id: marks.of_order(row.channel, row.document) for row in rows}
    digests = {
        (row.merchant, mark): customers.digest(unit.vault, row.merchant, *mark)
        for row in rows
        for mark in named[row.id]
    }
    members = customers.members(unit.db, [row.id for row in rows])
    batch = _who_is_known(unit, digests, members)
    for row in rows:
        _place(batch, row, named[row.id], members.get(row.id))
    batch.owned = [
        (merchant, mark.kind, digests[merchant, mark], owner)
        for merchant, known in batch.known.items()
        for mark, owner in known.owners.items()
        if (merchant, mark) in digests
    ]
    _keep(unit, batch)


def _who_is_known(
    unit: Unit, digests: Mapping[tuple[str, Mark], bytes], members: Mapping[UUID, UUID]
) -> _Batch:
    placed: dict[Placed, Mark] = {
        (merchant, mark.kind, it): mark for (merchant, mark), it in digests.items()
    }
    owners = customers.owners(unit.db, placed)
    batch = _Batch(rows=customers.load(unit.db, unit.vault, [*owners.values(), *members.values()]))
    for (merchant, kind, it), owner in owners.items():
        batch.of(merchant).owners[placed[merchant, kind, it]] = owner
    for row in batch.rows.values():
        batch.of(row.merchant).profiles[row.id] = _profile(row)
    return batch


def _place(batch: _Batch, row: OrderRow, named: Sequence[Mark], own: UUID | None) -> None:
    """Find whose an order is, and let it say what it knows of him."""
    said, known = profiles.of_order(row.channel, row.document), batch.of(row.merchant)
    if not named and said.model_copy(update={"as_of": None}) == profiles.NOBODY:
        return  # it is nobody's
    matched = match(named, said, known, own)
    whose = matched.customer or _somebody_new(batch, row)
    batch.doubts += [(row.merchant, whose, other, why) for other, why in matched.doubts.items()]
    for mark in named:
        known.owners.setdefault(mark, whose)
    known.profiles[whose] = profiles.together([said, known.profiles[whose]])
    batch.members.append((row.id, row.merchant, whose, not row.document.test))
    consent = consent_rules.of_order(row.channel, row.document)
    if consent is not None:
        batch.said.append((row.merchant, whose, consent))


def _somebody_new(batch: _Batch, row: OrderRow) -> UUID:
    id_ = new_id()
    batch.rows[id_] = CustomerRow(id_, row.merchant, id_)
    batch.of(row.merchant).profiles[id_] = profiles.NOBODY
    batch.fresh.add(id_)
    return id_


def _keep(unit: Unit, batch: _Batch) -> None:
    touched = {whose for _, _, whose, _ in batch.members}
    for known in batch.known.values():
        for id_ in touched & set(known.profiles):
            batch.rows[id_].profile = known.profiles[id_].model_dump_json().encode()
    new = [batch.rows[id_] for id_ in sorted(batch.fresh)]
    customers.insert(unit.db, unit.vault, new)
    old = [batch.rows[id_] for id_ in sorted(touched - batch.fresh)]
    customers.keep_profiles(unit.db, unit.vault, [it for it in old if it.status != ERASED])
    customers.keep_marks(unit.db, batch.owned)
    customers.keep_orders(unit.db, batch.members)
    pairs.propose(unit.db, batch.doubts)
    _keep_consents(unit, batch)
    saying.count_and_tell(unit, {batch.rows[id_].root for id_ in touched})


def _keep_consents(unit: Unit, batch: _Batch) -> None:
    before = consents.load(unit.db, {whose for _, whose, _ in batch.said}) if batch.said else {}
    by_person: dict[tuple[str, UUID], list[Consent]] = {}
    for merchant, whose, consent in batch.said:
        by_person.setdefault((merchant, whose), []).append(consent)
    fresh = [
        (merchant, whose, it)
        for (merchant, whose), said in sorted(by_person.items())
        for it in consent_rules.news(said, before.get(whose, ()))
    ]
    consents.keep(unit.db, fresh)


def _profile(row: CustomerRow) -> Profile:
    return Profile.model_validate_json(row.profile) if row.profile else profiles.NOBODY
