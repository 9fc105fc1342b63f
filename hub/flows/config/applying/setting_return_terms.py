"""A merchant's terms for returns alone, set by the Open API: the same row as in the connections
file, checked, compared and written as there.
"""

from collections.abc import Mapping
from typing import Any

from hub.flows.config.applying import return_terms
from hub.flows.config.applying.changes import Change, plan
from hub.flows.config.applying.reading import all_of
from hub.flows.config.applying.review_checks import Known
from hub.flows.config.applying.shape import parse
from hub.flows.unit import Unit
from hub.store.config import snapshot, writes
from hub.store.people import audit_trail


def set_terms(unit: Unit, merchant: str, terms: Mapping[str, Any], actor: str) -> list[Change]:
    """Replace a merchant's terms for returns; without any they are taken away, and the operator's
    hold. BadData with everything that is wrong: nothing done. The audit keeps them whole, as they
    were and as they are.
    """
    file = parse({return_terms.KIND: [{**terms, "merchant": merchant}]})
    partners = unit.directory.connections.values()
    known = Known(
        frozenset(unit.directory.merchants),
        {it.code: (it.kind, it.merchant) for it in partners},
        unit.directory.network,
    )
    problems = [*file.problems, *return_terms.check(file, known)]
    if problems:
        raise all_of(problems)
    writes.lock(unit.db)
    unit.directory = snapshot.shares_and_returns(unit.db, unit.directory, merchant)
    was = return_terms.current(unit)
    before = {merchant: was[merchant]} if merchant in was else {}
    changes = plan(
        {return_terms.KIND: before}, {return_terms.KIND: return_terms.wanted(unit, file)}
    )
    if not changes:
        return []
    return_terms.write(unit, file, {(change.kind, change.name) for change in changes})
    snapshot.changed(unit.db)
    for change in changes:
        detail = {"was": dict(unit.directory.returns.get(merchant, {})), "is": dict(terms)}
        action = f"{change.kind}.{change.action}"
        audit_trail.record(unit.db, merchant, actor, action, change.name, detail, unit.at)
    return changes
