"""Whether a partner may be asked once more: by the lane's lease, its breaker and its pace."""

from hub.flows.ops import pace
from hub.rules.ops.pace import Waiting
from hub.store.messages import lanes
from hub.store.messages.lanes import Lane
from workers.context import Context
from workers.polling.terms import Terms

_ONE = Waiting(urgent=1)
_WAITS_S = 5.0
"""A pace is waited for within the poll, so that it gets on however slow; no longer than this."""


def may_go(context: Context, lane: Lane, terms: Terms) -> bool:
    """Whether one more call may go now; it has the lease for it."""
    code = terms.partner.code
    while not context.stopping.is_set() and context.quiet.is_over(code):
        with context.database.begin() as db:
            lanes.guard(db, lane, terms.lease_s)
            partner = context.directories.read(db).connections.get(code)
            if partner is None or partner.status == "paused":
                return False
            may = pace.permit(db, code, _ONE, 1, partner.limits)
        if may.urgent:
            return True
        if not may.wait_s:  # the breaker is open: the sweep rings when it is not
            return False
        if may.wait_s > _WAITS_S:
            context.bell.ring_later(lane.id, may.wait_s)
            return False
        context.stopping.wait(may.wait_s)
    return False
