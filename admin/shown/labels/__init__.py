"""What codes are called in front of people. A code that stands in no table is shown as it is."""

from collections.abc import Mapping
from typing import Any

from admin.shown.labels import reconciliation, settlement
from admin.shown.labels.connections import CODE_LISTS, KINDS, LACKS, SAYINGS, STATES
from admin.shown.labels.inbound import DECISIONS, DIFFERENCES, WHY_GOODS_COME
from admin.shown.labels.incidents import HAPPENED, INCIDENTS, TROUBLES
from admin.shown.labels.messages import CAUSES, DOCUMENTS, REFUSALS
from admin.shown.labels.orders import CLOCKS, DETAILS, EVENTS, HOLDS, PAYMENTS
from admin.shown.labels.people import ROLES
from admin.shown.labels.returns import QUALITIES, REFUND_PARTS, RETURN_CAUSES, RETURN_KINDS
from admin.shown.labels.settlement import BANK_SAYS, LINE_KINDS
from admin.shown.labels.statuses import STATUSES, TONES
from admin.shown.labels.stock import OUTCOMES, STEPS, STOCK_PARTS
from hub.rules.ops.condition import PAUSED_AS, Condition
from hub.rules.ops.detectors import what_of
from hub.rules.settlement.statement import Line
from hub.store.settlement.statements import LineRow

__all__ = [
    "INCIDENTS",
    "SAYINGS",
    "STATES",
    "TROUBLES",
]
"""Tables that others than the functions here read."""


def _said(table: Mapping[str, Any], code: object) -> str:
    text = str(code)
    return str(table.get(text) or text.replace("_", " "))


def label(code: object) -> str:
    """A status."""
    return _said(STATUSES, code)


def event(code: object) -> str:
    """What happened, or what is asked for."""
    return _said(EVENTS, code)


def hold(code: object) -> str:
    """Why an order is held."""
    return _said(HOLDS, code)


def clock(name: object) -> str:
    """What an order has not come to yet."""
    return _said(CLOCKS, name)


def cause(code: object) -> str:
    """Why a message stands still or came to nothing."""
    return _said(CAUSES, code)


def document(topic: object) -> str:
    """What a message is about."""
    return _said(DOCUMENTS, topic) if str(topic) in DOCUMENTS else str(topic)


def codelist(name: object) -> str:
    """What the codes of a list are."""
    return _said(CODE_LISTS, name)


def why_goods_come(kind: object) -> str:
    """What an inbound notice is for."""
    return _said(WHY_GOODS_COME, kind)


def bank_says(state_: object) -> str:
    """Where a payout stands at the bank."""
    return _said(BANK_SAYS, state_)


def line_kind(kind: object) -> str:
    """What a line of a statement is."""
    return _said(LINE_KINDS, kind)


def line_code(line: LineRow | Line) -> str:
    """What a line of a statement is of."""
    return settlement.line_code(line.kind, line.code)


def entry_document(document: object) -> str:
    """What an entry of the ledger comes from."""
    return settlement.entry_document(str(document))


def return_kind(code: object) -> str:
    """How a return is settled."""
    return _said(RETURN_KINDS, code)


def return_cause(code: object) -> str:
    """Why goods are not with the customer."""
    return _said(RETURN_CAUSES, code)


def outcome(code: object) -> str:
    """What becomes of a line of a stocktake."""
    return _said(OUTCOMES, code)


def stocktake_step(code: object) -> str:
    """What somebody did about a stocktake."""
    return _said(STEPS, code)


def quality(code: object) -> str:
    """What pieces turned out to be."""
    return _said(QUALITIES, code)


def refund_part(code: object) -> str:
    """What a part of a refund is for."""
    return _said(REFUND_PARTS, code)


def difference(code: object) -> str:
    """How what came in differs."""
    return _said(DIFFERENCES, code)


def decision(code: object) -> str:
    """What is decided about a difference."""
    return _said(DECISIONS, code)


def side(name: object) -> str:
    """Whose side of reconciliation."""
    return _said(reconciliation.SIDES, name)


def unmatched(reason: object) -> str:
    """Why nothing matches a row."""
    return _said(reconciliation.REASONS, reason)


def standing_for(age: object) -> str:
    """For how long something stands."""
    return _said(reconciliation.AGES, age)


def settling(decision_: object) -> str:
    """What is decided about a row that nothing matches."""
    return _said(reconciliation.DECISIONS, decision_)


def proposal(name: object) -> str:
    """What to do about a row that nothing matches."""
    return _said(reconciliation.PROPOSALS, name)


def case_state(state_: object) -> str:
    """Where a chargeback stands."""
    return _said(reconciliation.CASE_STATES, state_)


def case_event(event_: object) -> str:
    """What is done about a chargeback."""
    return _said(reconciliation.CASE_EVENTS, event_)


def role(code: object) -> str:
    """A role."""
    return _said(ROLES, code)


def kind(code: object) -> str:
    """What a partner is."""
    return _said(KINDS, code)


def stock_part(name: object) -> str:
    """A part of a number that a channel is told."""
    return _said(STOCK_PARTS, name)


def payment(state: object) -> str:
    """How far an order is paid."""
    return _said(PAYMENTS, state)


def incident(code: object) -> str:
    """What kind of incident."""
    return _said(INCIDENTS, code)


def trouble(kind: object, subject: str, sentence: str, detail: Mapping[str, Any]) -> str:
    """What an incident says: in the reader's language where the hub found it by itself."""
    known = TROUBLES.get(str(kind)) or HAPPENED.get(str(kind))
    paused = PAUSED_AS.get(str(detail.get("because")))
    if paused is not None:
        return f"{what_of(subject)}: {SAYINGS[paused]}"
    if known is None:
        return sentence
    named = {name: str(LACKS.get(str(value), value)) for name, value in detail.items()}
    return str(known) % {**named, "what": what_of(subject)}


def lacks(code: object) -> str:
    """What a process lacks, before its name."""
    return _said(LACKS, code)


def refusal(code: object) -> str:
    """Why a delivery was refused."""
    text = str(code)
    return str(REFUSALS.get(text) or cause(text))


def state(code: object) -> str:
    """How a connection does, in a word or two."""
    return _said(STATES, code)


def saying(found: Condition) -> str:
    """How a connection does, in a sentence."""
    detail = dict(found.detail)
    if "lacks" in detail:
        detail["lacks"] = str(LACKS.get(detail["lacks"], detail["lacks"]))
    if "code" in detail:
        detail["code"] = refusal(detail["code"])
    return str(SAYINGS[found.state]) % detail


def pairs(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an entry of the timeline or the audit says besides, named and in words."""
    return [(_said(DETAILS, name), _value(value)) for name, value in detail.items() if value]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_value(part) for part in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(_value(part) for part in value)
    for table in (HOLDS, DOCUMENTS, CAUSES):
        if str(value) in table:
            return str(table[str(value)])
    return str(value)


def because(reason: object) -> str:
    """A reason: in words where it is a code, else as it was said."""
    return _value(reason)


def tone(status: object) -> str:
    """How a status is to be felt: good, warn, bad, busy or calm."""
    return TONES.get(str(status), "calm")
