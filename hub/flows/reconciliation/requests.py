"""What people decide about the remainder: accept, write off, explain, match by hand, undo.

Each decision is of one transaction with its entry in the audit; what is decided can be undone.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hub.flows.reconciliation import receive
from hub.flows.unit import Unit
from hub.model.errors import BadData, IllegalTransition, NotFound
from hub.rules.reconciliation import by_hand, classing
from hub.rules.reconciliation.by_hand import Side as Chosen
from hub.rules.reconciliation.classing import Decision
from hub.store.people import audit_trail
from hub.store.reconciliation import decisions, expected, matching, reports
from hub.store.reconciliation.decisions import HandMatch, Side

_IDS = {"ours": expected.id_text, "theirs": reports.id_text}


def decide(unit: Unit, side: Side, row_id: UUID, decision: Decision, actor: str, note: str) -> None:
    """Decide about one row of the remainder."""
    row = _locked(unit, side, row_id)
    if row.state != "open":
        raise IllegalTransition("row", row.state, decision)
    meaning = classing.MEANINGS[row.reason or "unknown"]
    if decision not in meaning.decisions:
        allowed = ", ".join(meaning.decisions)
        raise BadData(f"one of {allowed} is expected for what is {row.reason}", path="decision")
    if decision == "explain" and not note:
        raise BadData("a note that explains it is expected", path="note")
    if decision == "write_off" and not classing.may_write_off(row.amount):
        limit = classing.WRITE_OFF_LIMIT
        raise BadData(
            f"at most {limit} may be written off", path="decision", code="above_the_limit"
        )
    state = classing.STATES[decision]
    decisions.settle(unit.db, side, [row_id], state, actor, note or None)
    _audit(unit, side, row, actor, decision, note)


def match(unit: Unit, ours: Sequence[UUID], theirs: Sequence[UUID], actor: str, note: str) -> UUID:
    """Match rows by hand. Returns the match's id."""
    matching.alone(unit.db)
    mine = decisions.lock(unit.db, "ours", ours)
    other = decisions.lock(unit.db, "theirs", theirs)
    if len(mine) < len(set(ours)) or len(other) < len(set(theirs)):
        raise NotFound("a row is not known")
    made = by_hand.sums([_chosen(row) for row in mine], [_chosen(row) for row in other])
    merchant = other[0].merchant_id
    if any(row.merchant_id != merchant for row in other):
        raise BadData("rows of one merchant's reports are expected", path="theirs")
    entry = HandMatch(merchant, made.currency, made.ours, made.theirs, actor, note or None)
    id_ = decisions.match(unit.db, entry, ours, theirs)
    detail = {
        "ours": [expected.id_text(row.id) for row in mine],
        "theirs": [reports.id_text(row.id) for row in other],
        "difference": made.theirs - made.ours,
        **({"note": note} if note else {}),
    }
    subject = f"match:{decisions.id_text(id_)}"
    audit_trail.record(unit.db, merchant, actor, "reconciliation.match", subject, detail, unit.at)
    return id_


def undo(unit: Unit, side: Side, row_id: UUID, actor: str) -> None:
    """Undo what was decided about a row; of a match, all of it, and only a person matches its
    rows again.
    """
    matching.alone(unit.db)
    row = _locked(unit, side, row_id)
    if row.state in {"open", "attached", "told"}:
        raise IllegalTransition("row", row.state, "undo")
    if row.match_id is not None:
        if decisions.undo(unit.db, row.match_id, actor) is None:
            raise NotFound("the match is not within reach")
    else:
        decisions.reopen(unit.db, side, [row_id])
    _audit(unit, side, row, actor, "undo", "")


def match_again(unit: Unit, merchant: str, actor: str) -> int:
    """Match all that is open of a merchant once more. Returns how many matches it made."""
    made = receive.match(unit, merchant)
    detail = {"matches": made}
    audit_trail.record(unit.db, merchant, actor, "reconciliation.run", merchant, detail, unit.at)
    return made


def _locked(unit: Unit, side: Side, row_id: UUID) -> Any:
    rows = decisions.lock(unit.db, side, [row_id])
    if not rows:
        raise NotFound(f"no row {row_id}")
    return rows[0]


def _chosen(row: Any) -> Chosen:
    return Chosen(row.amount, row.currency, row.state)


def _audit(unit: Unit, side: Side, row: Any, actor: str, what: str, note: str) -> None:
    detail = {
        "reason": row.reason,
        "was": row.state,
        "amount": row.amount,
        "currency": row.currency,
        **({"note": note} if note else {}),
    }
    subject = f"reconciliation:{_IDS[side](row.id)}"
    audit_trail.record(
        unit.db, row.merchant_id, actor, f"reconciliation.{what}", subject, detail, unit.at
    )
