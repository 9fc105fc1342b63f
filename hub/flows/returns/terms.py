"""Which terms a return goes by."""

from hub.flows.unit import Unit
from hub.model.returns import Return
from hub.rules.returns import policy
from hub.rules.returns.policy import Policy


def terms_of(unit: Unit, merchant: str, document: Return) -> Policy:
    """The merchant's terms that were in force when the return was asked for, from its review to its
    refund. Nobody asks in a time to come.
    """
    return policy.of(unit.directory.returns, merchant, min(document.requested_at, unit.at))
