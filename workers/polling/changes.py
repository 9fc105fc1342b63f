"""What a page lists, as the inbox keeps it; the bodies of thin events are fetched first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.kit import registry
from adapters.ports import Fetch, Listed
from hub import logs
from hub.model.errors import NotAuthorised, Rejected
from hub.store.base.failures import DatabaseAway
from hub.store.base.ids import new_id
from hub.store.messages import inbox
from hub.store.messages.inbox import LONGEST, Arrival
from hub.store.messages.lanes import Lane, LeaseLost
from workers.context import Context
from workers.polling.permission import may_go
from workers.polling.terms import Terms

log = logs.get("polling")


@dataclass(frozen=True, slots=True)
class Bodies:
    """The changes of a page that are whole. Not `complete`: the rest must be fetched another time,
    because of `error` or because nothing more may be asked for now.
    """

    changes: Sequence[Listed]
    complete: bool = True
    error: Exception | None = None


def whole(
    context: Context, lane: Lane, terms: Terms, fetch: Fetch | None, changes: Sequence[Listed]
) -> Bodies:
    """The changes of a page, each with its body; of thin ones those that are new."""
    if fetch is None or not terms.poll.thin:
        return Bodies(changes)
    with context.database.begin() as db:
        known = inbox.known(db, [arrival(terms, change) for change in changes])
    fetched: list[Listed] = []
    for change in changes:
        if arrival(terms, change).digest in known:
            continue
        if change.raw is not None:
            fetched.append(change)
            continue
        if not may_go(context, lane, terms):
            return Bodies(fetched, complete=False)
        try:
            fetched.append(replace(change, raw=_body(fetch, terms.due.topic, change.delivery.id)))
        except (LeaseLost, DatabaseAway):
            raise
        except Exception as error:  # noqa: BLE001  # its fate is decided in one place
            return Bodies(fetched, complete=False, error=error)
    return Bodies(fetched)


def _body(fetch: Fetch, topic: str, id_: str) -> bytes:
    """One that the partner does not give out is kept without a body, and parked for a person to
    look at: it must not hold up those behind it.
    """
    try:
        return fetch(topic, id_)
    except NotAuthorised:
        raise
    except Rejected as error:
        log.warning("body_refused", topic=topic, code=error.code)
        return b""


def arrival(terms: Terms, change: Listed) -> Arrival:
    """A change as a delivery, told apart as its webhook would be."""
    partner, delivery = terms.partner, change.delivery
    return Arrival(
        id=new_id(),
        merchant=partner.merchant,
        connection=partner.code,
        shards=partner.shards,
        topic=delivery.topic[:LONGEST],
        delivery_id=delivery.id,
        content=delivery.content,
        key=inbox.short(delivery.key),
        payload=change.raw or b"",
        correlation_id=new_id(),
        bulk=delivery.topic in registry.entry(partner.adapter).manifest.bulk,
    )
