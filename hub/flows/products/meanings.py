"""What people say that partners' codes and articles mean, and which products there are. Orders and
messages that wait for it go on.
"""

from collections.abc import Sequence

from hub.flows.products import learn
from hub.flows.unit import Unit
from hub.model.errors import NotFound
from hub.model.product import Product
from hub.store.config import snapshot, writes
from hub.store.messages import message_waits
from hub.store.ops import incidents
from hub.store.people import audit_trail

_OF_CARRIERS = ("carriers", "scac")


def map_sku(unit: Unit, connection: str, code: str, merchant: str, sku: str, actor: str) -> None:
    """A partner's code for an article means this SKU of the merchant."""
    learn.refer(unit, connection, code, merchant, sku)
    audit_trail.record(
        unit.db, merchant, actor, "sku.map", f"{connection}:{code}", {"sku": sku}, unit.at
    )


def map_code(unit: Unit, connection: str, codes: str, theirs: str, ours: str, actor: str) -> int:
    """A partner's code means this one of ours, from now on. Messages that wait for it go on;
    returns how many.
    """
    partner = unit.directory.connections.get(connection)
    if partner is None:
        raise NotFound(f"no connection {connection}")
    writes.override(unit.db, connection, codes, theirs, ours, actor)
    snapshot.changed(unit.db)
    facts = [f"code:{codes}:{word}:{connection}" for word in (theirs, ours)]
    woken = message_waits.wake(unit.db, message_waits.in_any_case(unit.db, facts))
    unit.rings |= {(row.direction, row.connection, row.shard) for row in woken}
    if codes in _OF_CARRIERS:
        subject = incidents.carrier_subject(connection, theirs)
        incidents.close(unit.db, [subject], ["unknown_carrier"])
    detail = {"list": codes, "theirs": theirs, "ours": ours}
    audit_trail.record(unit.db, partner.merchant, actor, "code.map", connection, detail, unit.at)
    return len(woken)


def add_products(unit: Unit, added: Sequence[tuple[str, Product]], actor: str) -> int:
    """Products become known. Returns how many are new or changed."""
    changed = learn.upsert(unit, added, None)
    for merchant in sorted({merchant for merchant, _ in added}):
        skus = [product.sku for owner, product in added if owner == merchant][:50]
        audit_trail.record(
            unit.db, merchant, actor, "products.add", merchant, {"skus": skus}, unit.at
        )
    return changed
