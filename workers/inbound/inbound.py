"""Work the inbox: claim a batch, read it, let the flows decide in one transaction, bisect where one
message spoils it.

What fails is written afterwards under the lane's fence (`fates.py`), by one table
(`hub/rules/messages/receiving.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from hub import flows
from hub.flows.unit import Told, Unit
from hub.rules.messages.receiving import Paused, Verdict
from hub.store.base.failures import DatabaseAway
from hub.store.config.snapshot import Connection, Directory
from hub.store.messages import finish, lanes, queue
from hub.store.messages.claimed import Claimed
from hub.store.messages.lanes import Lane
from workers.context import Context
from workers.inbound.bisecting import bisect
from workers.inbound.fates import keep, keep_taken
from workers.inbound.passing import pass_parked
from workers.inbound.reading import Outcome, read


def drain_once(context: Context, lane: Lane) -> Sequence[Claimed]:
    """One batch. Returns what was claimed."""
    with context.database.begin() as db:
        lanes.guard(db, lane)
        claimed = queue.load(
            db, context.vault, queue.claim(db, lane, queue.BATCH["in"], context.identity.name)
        )
        directory = context.directories.read(db)
    partner = directory.connections.get(lane.connection)
    if partner is not None and not context.can_use(partner, directory, lane.direction):
        if claimed:
            context.give_back(lane, claimed)
        return []
    if not claimed:
        if partner is not None and partner.status != "paused":
            pass_parked(context, lane, directory, partner)
        return []
    try:
        if partner is None or partner.status == "paused":
            keep(context, lane, None, [Outcome(message, error=Paused()) for message in claimed])
        else:
            _work(context, lane, directory, partner, claimed)
    except (DatabaseAway, DBAPIError):
        context.give_back(lane, claimed)
        raise
    return claimed


def _work(
    context: Context,
    lane: Lane,
    directory: Directory,
    partner: Connection,
    claimed: Sequence[Claimed],
) -> None:
    outcomes = read(context.adapter(partner, directory, lane.direction), claimed)

    def take(batch: Sequence[Outcome]) -> set[tuple[str, str, int]]:
        return context.database.unit(
            lambda db: _take(
                Unit(db, context.vault, directory, datetime.now(UTC)), lane, partner, batch
            )
        )

    def fail(outcome: Outcome, error: Exception) -> None:
        keep(context, lane, partner, [replace(outcome, error=error)])

    spoilt = [outcome for outcome in outcomes if outcome.error is not None]
    if spoilt:
        keep(context, lane, partner, spoilt)
    good = [outcome for outcome in outcomes if outcome.error is None]
    for rings in bisect(good, take, fail) if good else ():
        context.bell.ring(rings)
        context.identity.progress()


def _take(
    unit: Unit, lane: Lane, partner: Connection, batch: Sequence[Outcome]
) -> set[tuple[str, str, int]]:
    """The documents of some messages through their flows, and what became of each message."""
    lanes.guard(unit.db, lane)
    keys = [outcome.message.key for outcome in batch]
    finish.lock_keys(unit.db, lane.direction, lane.connection, keys)
    tellings, owners = [], []
    for index, outcome in enumerate(batch):
        message = outcome.message
        for document in outcome.documents:
            tellings.append(Told(document, partner, message.id, message.correlation_id))
            owners.append(index)
    verdicts: list[list[Verdict]] = [[] for _ in batch]
    for owner, verdict in zip(owners, flows.take(unit, tellings), strict=True):
        verdicts[owner].append(verdict)
    keep_taken(unit, lane, batch, verdicts)
    return unit.rings
