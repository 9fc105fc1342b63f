"""What a person says of who is one: joined, taken apart again, or not the same."""

from collections.abc import Mapping
from uuid import UUID

from hub.flows.customers import saying
from hub.flows.unit import Unit
from hub.model.errors import Contradiction, NotFound
from hub.model.people import Consent
from hub.store.customers import consents, customers, due, pairs
from hub.store.customers.customers import ERASED, MERGED, CustomerRow
from hub.store.people import audit_trail


def merge(unit: Unit, keep: UUID, other: UUID, actor: str) -> None:
    """Two are one, and known by the first from now on. It can be taken back."""
    due.lock(unit.db)
    kept, gone = _two(unit, keep, other)
    if kept.root == gone.root:
        raise Contradiction("they are one customer already")
    mine = [row.id for row in _family(unit, kept.root)]
    theirs = [row.id for row in _family(unit, gone.root)]
    customers.point(unit.db, gone.root, kept.root)
    pairs.decide(unit.db, mine, theirs, pairs.JOINED, actor)
    saying.count_and_tell(unit, [kept.root])
    _note(unit, kept, "customer.merge", actor, {"other": str(gone.root)})


def unmerge(unit: Unit, id_: UUID, actor: str) -> None:
    """One that was merged into another is a customer of its own again, with its orders."""
    due.lock(unit.db)
    row = _one(unit, id_)
    if row.status != MERGED or row.merged_into is None:
        raise Contradiction("it was not merged into another customer")
    customers.point(unit.db, id_, None)
    mine, theirs = _family(unit, id_), _family(unit, row.root)
    pairs.decide(unit.db, [it.id for it in mine], [it.id for it in theirs], pairs.DISTINCT, actor)
    saying.count_and_tell(unit, [id_, row.root])
    _note(unit, row, "customer.unmerge", actor, {"other": str(row.root)})


def not_the_same(unit: Unit, id_: UUID, other: UUID, actor: str) -> None:
    """Two that look alike are two: they are not proposed again."""
    due.lock(unit.db)
    this, that = _two(unit, id_, other)
    first = [row.id for row in _family(unit, this.root)]
    second = [row.id for row in _family(unit, that.root)]
    if not pairs.decide(unit.db, first, second, pairs.DISTINCT, actor):
        raise NotFound("no such pair")
    _note(unit, this, "customer.distinct", actor, {"other": str(that.root)})


def consent(unit: Unit, id_: UUID, said: Consent, actor: str) -> None:
    """What a customer allowed or took back, as it was told here."""
    due.lock(unit.db)
    row = _one(unit, id_)
    consents.keep(unit.db, [(row.merchant, row.root, said)])
    saying.count_and_tell(unit, [row.root])
    detail = {"purpose": said.purpose, "granted": said.granted}
    _note(unit, row, "customer.consent", actor, detail)


def _one(unit: Unit, id_: UUID) -> CustomerRow:
    row = customers.load(unit.db, unit.vault, [id_]).get(id_)
    if row is None:
        raise NotFound(f"no customer {id_}")
    if row.status == ERASED:
        raise Contradiction("the customer was erased")
    return row


def _two(unit: Unit, id_: UUID, other: UUID) -> tuple[CustomerRow, CustomerRow]:
    """Two of one merchant: of another's nothing is known."""
    one, two = _one(unit, id_), _one(unit, other)
    if one.merchant != two.merchant:
        raise NotFound(f"no customer {other}")
    return one, two


def _family(unit: Unit, root: UUID) -> list[CustomerRow]:
    return customers.families(unit.db, unit.vault, [root]).get(root, [])


def _note(
    unit: Unit, row: CustomerRow, action: str, actor: str, detail: Mapping[str, object]
) -> None:
    subject = f"customer:{row.id}"
    audit_trail.record(unit.db, row.merchant, actor, action, subject, detail, unit.at)
