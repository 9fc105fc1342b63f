"""A merchant's stock rules alone, set by the Open API: the same rows as in the connections file,
checked, compared and written as there.
"""

from collections.abc import Mapping
from typing import Any

from hub.flows.config.applying import stock_rules
from hub.flows.config.applying.changes import Change, plan
from hub.flows.config.applying.checks import doubles
from hub.flows.config.applying.reading import all_of
from hub.flows.config.applying.shape import parse
from hub.flows.unit import Unit
from hub.model.merchant import OPERATOR
from hub.store.config import snapshot, writes
from hub.store.people import audit_trail


def set_rules(unit: Unit, merchant: str, body: Mapping[str, Any], actor: str) -> list[Change]:
    """Set what `safety` and `shares` of a merchant say; what they do not name stays. BadData with
    everything that is wrong: nothing done.
    """
    directory = unit.directory

    def owner(code: str) -> tuple[str, str]:
        partner = directory.connections.get(code)
        return (partner.kind, partner.merchant) if partner else ("", "")

    sections = {
        "safety": [{**row, "merchant": merchant} for row in body.get("safety", ())],
        "shares": [{"merchant": merchant, "rules": body["shares"]}] if "shares" in body else [],
    }
    file = parse(sections)
    problems = [*file.problems, *doubles(file), *stock_rules.check(file, owner)]
    if problems:
        raise all_of(problems)
    writes.lock(unit.db)
    unit.directory = snapshot.shares_and_returns(unit.db, unit.directory, merchant)
    changes = plan(stock_rules.current(unit, file), stock_rules.wanted(file))
    todo = {(change.kind, change.name) for change in changes}
    stock_rules.write_shares(unit, file, todo)
    stock_rules.write_levels(unit, file, todo)
    if any(kind == "shares" for kind, _ in todo):
        snapshot.changed(unit.db)
    for change in changes:
        fields = {"fields": change.as_dict()["fields"]}
        action = f"{change.kind}.{change.action}"
        chain = merchant or OPERATOR
        audit_trail.record(unit.db, chain, actor, action, change.name, fields, unit.at)
    return changes
