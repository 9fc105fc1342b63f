"""Reconciliation: whose side, why something is left, for how long, and what may be done."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
SIDES: Mapping[str, Any] = {
    "ours":   _l("Ours"),
    "theirs": _l("Theirs"),
}
REASONS: Mapping[str, Any] = {
    "fee_without_order":    _l("a fee of no order"),
    "order_without_payout": _l("paid, and not paid out"),
    "amount_differs":       _l("the amount differs"),
    "late":                 _l("of an earlier period"),
    "duplicate":            _l("told twice"),
    "currency":             _l("another currency"),
    "chargeback":           _l("taken back by the bank"),
    "weight_differs":       _l("another weight or cost"),
    "unknown":              _l("nobody knows what for"),
    "payout_not_received":  _l("paid out, and not at the bank"),
    "not_invoiced":         _l("no invoice of the carrier"),
}
AGES: Mapping[str, Any] = {
    "week":    _l("less than a week"),
    "month":   _l("a week to a month"),
    "quarter": _l("one to three months"),
    "older":   _l("more than three months"),
}
DECISIONS: Mapping[str, Any] = {
    "accept":    _l("They are right"),
    "write_off": _l("Let it go"),
    "explain":   _l("It is explained"),
}
PROPOSALS: Mapping[str, Any] = {
    "book_as_cost":     _l("Book it as a cost."),
    "ask_the_provider": _l("Ask the provider where it is."),
    "match_by_hand":    _l("Match it by hand, or let a small difference go."),
    "book_in_period":   _l("Book it in this period."),
    "ask_it_back":      _l("Ask the provider to take it back."),
    "book_exchange":    _l("Book the exchange."),
    "send_evidence":    _l("Send evidence, or accept the loss."),
    "ask_the_carrier":  _l("Ask the carrier."),
    "find_the_order":   _l("Find the order that it is of."),
    "ask_the_bank":     _l("Ask the bank."),
    "wait":             _l("Wait for it."),
}
CASE_STATES: Mapping[str, Any] = {
    "open":     _l("open"),
    "evidence": _l("contested"),
    "won":      _l("won"),
    "lost":     _l("lost"),
}
CASE_EVENTS: Mapping[str, Any] = {
    "send_evidence": _l("We contest it"),
    "win":           _l("It is won"),
    "lose":          _l("It is lost"),
}
# fmt: on
