"""The sets of statuses of `hub/states/message.py` as statements name them: `status IN {CLAIMABLE}`.

What is claimable and what is in hand have partial indexes: a statement must name the whole set.
"""

from collections.abc import Collection

from hub.states import message


def _listed(statuses: Collection[str]) -> str:
    names = ", ".join(f"'{one}'" for one in message.in_order(statuses))
    return f"({names})"


WORKABLE = _listed(message.WORKABLE)
CLAIMABLE = _listed(message.CLAIMABLE)
IN_HAND = _listed(message.IN_HAND)
REPLACEABLE = _listed(message.REPLACEABLE)
REVOCABLE = _listed(message.REVOCABLE)
HEAD = {"in": "received", "out": "pending"}
"""By direction: what the first message of a key becomes when its turn comes."""
