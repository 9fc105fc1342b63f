"""Ask a partner what changed: page by page, each kept with the cursor after it in one transaction.

No transaction is open while the partner is asked. What it lists goes into the same inbox as its
webhooks, so that a change is one message by whichever way it was heard of first. A poll that breaks
off, wherever it does, goes on from the last page that was kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy.engine import Connection as Db

from adapters.ports import Cursor, Fetch, Page
from hub import logs
from hub.flows.ops import pace
from hub.rules.messages import polling as rule
from hub.store.base.failures import DatabaseAway
from hub.store.messages import inbox, lanes, polls
from hub.store.messages.claimed import Claimed
from hub.store.messages.inbox import Kept
from hub.store.messages.lanes import Lane, LeaseLost
from hub.store.messages.polls import Place
from workers import counts
from workers.context import Context
from workers.polling.changes import arrival, whole
from workers.polling.fates import keep_failure
from workers.polling.permission import may_go
from workers.polling.terms import Terms, wanted

log = logs.get("polling")
_Answer = tuple[Cursor, tuple[tuple[str, str | None], ...]]


@dataclass(slots=True)
class _Asked:
    """A topic that is being asked for."""

    terms: Terms
    pages: Iterator[Page]
    fetch: Fetch | None
    at: Cursor
    reached_at: datetime | None
    last: _Answer | None = None


def drain_once(context: Context, lane: Lane) -> Sequence[Claimed]:
    """Ask for every topic that is due, one after the other. There is nothing to claim."""
    while not context.stopping.is_set():
        asked = _begin(context, lane)
        if asked is None or not _ask(context, lane, asked):
            break
        context.identity.progress()
    return []


def _begin(context: Context, lane: Lane) -> _Asked | None:
    """The topic that is due for longest; None where there is none, or nobody may be asked."""
    with context.database.begin() as db:
        lanes.guard(db, lane)
        directory = context.directories.read(db)
        partner = directory.connections.get(lane.connection)
        if partner is None or partner.status == "paused":
            return None
        if not context.can_use(partner, directory, lane.direction):
            return None
        parts = context.adapter(partner, directory, lane.direction)
        known = {} if parts.list is None else wanted(context, partner)
        due = polls.next_due(db, lane.connection)
        while due is not None and due.topic not in known:
            polls.retire(db, due)
            due = polls.next_due(db, lane.connection)
        if due is None or parts.list is None:
            return None
        terms = Terms(partner, directory, known[due.topic], due)
        start = terms.start()
        polls.begin(db, due, start)
    at = Cursor(start.at, start.id, start.token)
    return _Asked(terms, parts.list(due.topic, at), parts.fetch, at, due.reached_at)


def _ask(context: Context, lane: Lane, asked: _Asked) -> bool:
    """Page after page to the end. False where it broke off, or others must come before."""
    try:
        while may_go(context, lane, asked.terms):
            page = next(asked.pages, None)
            if page is None or _is_repeated(asked, page):
                _finish(context, lane, asked)
                return True
            before = asked.at
            if not _keep(context, lane, asked, page):
                return False
            context.identity.progress()
            pause = context.seats.gives_way(lane.id)
            if pause is not None and asked.at != before:  # else it would begin this page again
                context.bell.ring_later(lane.id, pause)
                return False
    except (LeaseLost, DatabaseAway):
        raise
    except Exception as error:  # noqa: BLE001  # its fate is decided in one place
        return keep_failure(context, lane, asked.terms, error)
    return False


def _keep(context: Context, lane: Lane, asked: _Asked, page: Page) -> bool:
    """What a page lists into the inbox, and the cursor after it, in one transaction. False where
    not all bodies could be fetched: those that were are kept, and the page is asked for again.
    """
    terms, due = asked.terms, asked.terms.due
    bodies = whole(context, lane, terms, asked.fetch, page.changes)
    arrivals = [arrival(terms, change) for change in bodies.changes]
    after, reached_at, newest = asked.at, asked.reached_at, None
    if bodies.complete and page.after != Cursor():
        after = page.after
    if bodies.complete and page.changes:  # an empty answer says nothing of how far it was heard
        reached_at = rule.reached(asked.reached_at, after.at, due.now)
        newest = arrival(terms, page.changes[-1]).digest

    def write(db: Db) -> list[Kept]:
        lanes.guard(db, lane, terms.lease_s)
        kept = inbox.keep(db, context.vault, arrivals) if arrivals else []
        polls.moved(db, due, Place(after.at, after.id, after.token), reached_at, newest)
        sign = pace.Sign(f"poll:{due.topic}", healthy=True)
        pace.record(db, terms.partner.code, [sign], datetime.now(UTC))
        return kept

    if bodies.complete or arrivals:
        kept = context.database.unit(write)
        fresh = {arrived.shard for arrived in kept if not arrived.repeat}
        context.bell.ring({("in", terms.partner.code, shard) for shard in fresh})
        counts.listed(terms.partner.code, due.topic, [arrived.repeat > 0 for arrived in kept])
        asked.at, asked.reached_at, asked.last = after, reached_at, _answer(page)
        asked.terms = replace(terms, due=replace(due, failures=0))
    if bodies.error is not None:
        raise bodies.error
    return bodies.complete


def _finish(context: Context, lane: Lane, asked: _Asked) -> None:
    def write(db: Db) -> None:
        lanes.guard(db, lane)
        polls.done(db, asked.terms.due, asked.at.token)
        pace.give_back(db, asked.terms.partner.code, 1)  # for a page that was not there

    context.database.unit(write)
    counts.polled(asked.terms.partner.code, asked.terms.due.topic, "done")


def _is_repeated(asked: _Asked, page: Page) -> bool:
    """Whether a partner answers with its last page again and again."""
    return bool(page.changes) and _answer(page) == asked.last


def _answer(page: Page) -> _Answer:
    listed = ((one.delivery.id, one.delivery.content) for one in page.changes)
    return page.after, tuple(listed)
