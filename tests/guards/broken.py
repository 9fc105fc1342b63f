"""Copies of the hub with one guard taken away each: what is broken, and how a test run gets it.

`python -m pytest -p tests.guards.broken` with `ORDERHUB_BROKEN=<name>` runs any test so.
"""

import hmac
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from hub.flows.unit import Unit
from hub.model import money
from hub.rules.messages import overtaking, sending
from hub.store.base import database
from hub.store.messages import inbox, lanes, outbox
from hub.store.messages.outbox import Telling
from hub.store.stock import reservations

Broken = Callable[[ExitStack], None]


def no_seen(patches: ExitStack) -> None:
    """A delivery is recognised by nothing."""
    patches.enter_context(patch.object(inbox, "digest_of", lambda topic, delivery: os.urandom(16)))


def outbox_apart(patches: ExitStack) -> None:
    """What is to be told is committed before the state that causes it."""

    def tell(unit: Unit, tellings: Sequence[Telling]) -> list[Any]:
        held = list(tellings)
        unit.rings |= {("out", one.connection, inbox.shard_of(one.key, one.shards)) for one in held}
        with unit.db.engine.begin() as apart:
            apart.exec_driver_sql(
                "SET LOCAL lock_timeout = '20ms'"
            )  # by what the unit itself locked
            return outbox.add(apart, unit.vault, held)

    patches.enter_context(patch.object(Unit, "tell", tell))


def no_fence(patches: ExitStack) -> None:
    """Whoever held a lane once may go on writing."""
    patches.enter_context(patch.object(lanes, "guard", lambda db, lane, lease_s=0: None))


def no_heads(patches: ExitStack) -> None:
    """Every message of a key may be claimed at once."""
    keep = inbox._KEEP.text.replace("ELSE 'behind' END", "ELSE 'received' END")
    assert keep != inbox._KEEP.text
    patches.enter_context(patch.object(inbox, "_KEEP", sa.text(keep)))
    let_go = "UPDATE work SET status = 'pending' WHERE status = 'behind' AND direction = 'out'"
    every = sa.text(f"{let_go} AND connection = ANY (:connection) AND key = ANY (:key)")
    patches.enter_context(patch.object(outbox, "_HEADS", every))


NO_HEADS_SQL = "DROP INDEX work_head"


def no_question(patches: ExitStack) -> None:
    """After an unknown outcome it is told again at once."""
    table = tuple(
        (kind, sending._later if rule is sending._unknown else rule)
        for kind, rule in sending._FATES
    )
    patches.enter_context(patch.object(sending, "_FATES", table))


def no_superseding(patches: ExitStack) -> None:
    """An unsent level stays in the queue when a newer one comes."""
    patches.enter_context(patch.object(outbox, "_newest", lambda tellings, ids: {}))
    patches.enter_context(patch.object(outbox, "_SUPERSEDE", sa.text("SELECT 1")))


def no_overtaking(patches: ExitStack) -> None:
    """What is asked for is told, whatever became of its subject."""
    blind = patch.object(overtaking, "overtaken", lambda document, subject: None)
    patches.enter_context(blind)


def read_then_write(patches: ExitStack) -> None:
    """Stock is looked at first and taken afterwards, whatever happened in between."""
    blind = reservations._CLAIM.text.partition("AND level.on_hand - level.reserved")[0]
    assert blind != reservations._CLAIM.text
    patches.enter_context(patch.object(reservations, "_CLAIM", sa.text(blind)))


def float_money(patches: ExitStack) -> None:
    """Shares are computed as floats and rounded each for itself."""

    def split(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
        whole = float(sum(weights))
        places = -int(money.unit(currency).as_tuple().exponent)
        return [Decimal(str(round(float(total) * float(one) / whole, places))) for one in weights]

    patches.enter_context(patch.object(money, "split", split))


def no_scope(patches: ExitStack) -> None:
    """Sessions are of the owner, whom no policy binds."""
    patches.enter_context(patch.object(database, "_asked_of", lambda url: (False, None)))


def no_signature(patches: ExitStack) -> None:
    """Any signature will do."""
    patches.enter_context(patch.object(hmac, "compare_digest", lambda one, other: True))


BROKEN: Mapping[str, Broken] = {
    one.__name__: one
    for one in (
        no_seen, outbox_apart, no_fence, no_heads, no_question, no_superseding,
        no_overtaking, read_then_write,
        float_money, no_scope, no_signature,
    )
}  # fmt: skip


@contextmanager
def without(name: str) -> Iterator[None]:
    """The hub without that guard."""
    with ExitStack() as patches:
        BROKEN[name](patches)
        yield


_APPLIED = ExitStack()


def pytest_configure() -> None:
    """As a plugin: break what the environment names."""
    name = os.environ.get("ORDERHUB_BROKEN")
    if name:
        BROKEN[name](_APPLIED)
