"""A merchant's terms for returns alone, set by the Open API and in the console: checked, compared
and written as in the connections file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hub.flows.config.applying import return_terms
from hub.flows.config.applying.reading import all_of
from hub.flows.config.applying.review_checks import Known
from hub.flows.config.applying.shape import File, parse
from hub.flows.unit import Unit
from hub.model.errors import Problem
from hub.store.config import snapshot, writes
from hub.store.config.snapshot import Directory
from hub.store.people import audit_trail


def read(
    directory: Directory, merchant: str, terms: Mapping[str, Any], valid_from: datetime | None
) -> File:
    """The terms as a row of the file. BadData with everything that is wrong."""
    since = {"valid_from": valid_from.isoformat()} if valid_from else {}
    file = parse({return_terms.KIND: [{**terms, **since, "merchant": merchant}]})
    known = Known(
        frozenset(directory.merchants),
        {it.code: (it.kind, it.merchant) for it in directory.connections.values()},
        directory.network,
    )
    problems = [*file.problems, *return_terms.check(file, known)]
    if problems:
        row = f"{return_terms.KIND}.0."
        raise all_of([Problem(it.path.removeprefix(row), it.code, it.message) for it in problems])
    return file


def set_terms(
    unit: Unit,
    merchant: str,
    terms: Mapping[str, Any],
    actor: str,
    valid_from: datetime | None = None,
) -> int | None:
    """Put terms for returns in force from a moment on, by itself from now on; without any the
    operator's hold. Returns the new version's number; None where nothing changes. The audit keeps
    them whole, as they were and as they are.
    """
    file = read(unit.directory, merchant, terms, valid_from)
    writes.lock(unit.db)
    unit.directory = snapshot.shares_and_returns(unit.db, unit.directory, merchant)
    changed = return_terms.write(unit, file, actor)
    if not changed:
        return None
    snapshot.changed(unit.db)
    (wish,) = changed
    version = wish.version
    detail = {
        "version": version.number, "valid_from": version.valid_from.isoformat(),
        "was": dict(wish.was), "is": dict(version.terms),
    }  # fmt: skip
    action = f"{return_terms.KIND}.{'change' if wish.was else 'add'}"
    audit_trail.record(unit.db, merchant, actor, action, wish.name, detail, unit.at)
    unit.directory = snapshot.shares_and_returns(unit.db, unit.directory, merchant)
    return version.number
