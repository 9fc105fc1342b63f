"""On what terms a connection's partner is asked next: whom, what, and for how long it may take."""

from dataclasses import dataclass
from datetime import datetime

from adapters.kit.manifest import Poll, polls
from hub.rules.messages import polling as rule
from hub.store.config.snapshot import Connection, Directory
from hub.store.messages.lanes import LEASE_S
from hub.store.messages.polls import Due, Place
from workers.context import Context

_CALLS = 3
"""A page may take so many calls: a token renewed, a read repeated."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one poll of a topic."""

    partner: Connection
    directory: Directory
    poll: Poll
    due: Due

    @property
    def lease_s(self) -> float:
        """So long lasts the lane's lease while one page is asked for."""
        return max(LEASE_S, _CALLS * float(self.partner.limits.get("timeout_s", 15)))

    def start(self) -> Place:
        """From where it asks: what a person wants, where it broke off, or by the clock of the
        partner.
        """
        due, poll = self.due, self.poll
        if due.asked_since is not None:
            return Place(due.asked_since)
        if due.run is not None:
            return self._resumed(due.run)
        at = rule.start(due.reached_at, poll.overlap_s, poll.look_back_s, due.now)
        return Place(at, token=due.token)

    def _resumed(self, run: Place) -> Place:
        if run.at is None or run.token:  # a token is a place in the order of commits
            return run
        at = rule.resumed(run.at, self.poll.overlap_s, self.due.stood_s)
        return run if at == run.at else Place(at)

    def anew(self) -> Place:
        """From where it asks once its cursor is known no more."""
        return Place(self.anew_at)

    @property
    def anew_at(self) -> datetime:
        due, poll = self.due, self.poll
        return rule.anew(due.reached_at, poll.overlap_s, poll.look_back_s, due.now)


def wanted(context: Context, partner: Connection) -> dict[str, Poll]:
    """The topics of a connection and on what terms each is polled."""
    return polls(context.manifest(partner), partner.options)
