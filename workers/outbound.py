"""Work the outbox: claim what the breaker and the pace allow, tell the partner, keep its receipt.

No transaction is open during a call. The attempt, with its deadline,
  is committed before the first byte; what becomes of
it is written afterwards under the lane's fence. An unknown outcome is asked about before
anything is sent again.
"""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom

from sqlalchemy.engine import Connection

from adapters.kit import tap
from adapters.kit.manifest import Manifest
from adapters.ports import Adapter, Receipt
from hub import flows, logs
from hub.flows import pace
from hub.flows.after import Settled
from hub.flows.unit import Unit
from hub.model.catalogue import thaw
from hub.model.document import Document
from hub.rules import sending
from hub.rules.sending import Attempt
from hub.store import lanes, work
from hub.store.database import DatabaseAway
from hub.store.directory import Directory, Partner
from hub.store.lanes import Lane
from hub.store.work import Claimed, Ended
from workers.engine import Engine

log = logs.get("outbound")
_CHANCE = SystemRandom()
_MARGIN_S = 5.0
_FIRST_GATHER, _CALL_S = 4, 3.0
"""How many messages a thread is given at first,
  and how long a batch of calls may take: a slow partner gets few at a
time, so that it never outlasts the lease, a quick one many."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message: a receipt, nothing found, or the fate that was raised."""

    message: Claimed
    document: Document
    receipt: Receipt | None
    error: Exception | None
    asked: bool
    exchange: bytes | None


def drain_once(engine: Engine, lane: Lane) -> int:
    """One batch. Returns how many messages were claimed."""
    with engine.database.begin() as db:
        lanes.guard(db, lane)
        directory = engine.directories.read(db)
        partner = directory.partners.get(lane.connection)
        if partner is None or partner.status == "paused":
            work.wait_all(db, lane, f"connection:{lane.connection}")
            return 0
        manifest = engine.manifest(partner)
        threads = max(1, int(partner.limits.get("concurrency", 4)) // partner.shards)
        most = max(manifest.batch, engine.gather.get(partner.code, threads * _FIRST_GATHER))
        allowed = pace.permit(db, partner.code, min(most, work.BATCH["out"]), partner.limits)
        if not allowed:
            return 0
        deadline = float(partner.limits.get("timeout_s", 15)) + _MARGIN_S
        claimed = work.claim(db, lane, allowed, engine.identity.name, deadline)
        messages = work.load(db, engine.vault, claimed)
        pace.give_back(db, partner.code, allowed - len(messages), partner.limits)
    if not messages:
        return 0
    since = time.monotonic()
    try:
        outcomes = _call(engine.adapter(partner, directory), messages, manifest.batch, threads)
        engine.gather[partner.code] = _next_gather(len(messages), time.monotonic() - since, threads)
        _keep(engine, lane, directory, partner, outcomes)
    except DatabaseAway:
        log.warning("database_away", lane=lane.id, reason="outcomes are found again by asking")
        raise
    return len(messages)


def _next_gather(calls: int, took_s: float, threads: int) -> int:
    """As many as would have fitted into the time, at most twice as many as before."""
    fitting = int(calls * _CALL_S / max(took_s, 0.001))
    return max(threads, min(fitting, 2 * calls))


def _call(adapter: Adapter, messages: Sequence[Claimed], batch: int, threads: int) -> list[Outcome]:
    asks = [message for message in messages if message.was == "unknown"]
    sends = [message for message in messages if message.was != "unknown"]
    jobs = [partial(_ask, adapter, one) for one in asks]
    if batch > 1 and hasattr(adapter, "send_many"):
        groups = [sends[at : at + batch] for at in range(0, len(sends), batch)]
        jobs += [partial(_many, adapter, group) for group in groups]
    else:
        jobs += [partial(_tell, adapter, one) for one in sends]
    if threads == 1 or len(jobs) == 1:
        return [outcome for job in jobs for outcome in job()]
    with ThreadPoolExecutor(threads) as pool:
        return [outcome for found in pool.map(lambda job: job(), jobs) for outcome in found]


def _tell(adapter: Adapter, message: Claimed) -> list[Outcome]:
    document = thaw(message.topic, message.payload)
    receipt, error = None, None
    with tap.recording() as exchanges:
        try:
            receipt = adapter.send(document, message.outward_key or str(message.id))
        except Exception as raised:  # noqa: BLE001  # its fate is decided in one place
            error = raised
    return [Outcome(message, document, receipt, error, asked=False, exchange=_shown(exchanges))]


def _ask(adapter: Adapter, message: Claimed) -> list[Outcome]:
    """After an unknown outcome: has the partner got it?"""
    document = thaw(message.topic, message.payload)
    receipt, error = None, None
    with tap.recording() as exchanges:
        try:
            receipt = adapter.find(document)
        except Exception as raised:  # noqa: BLE001
            error = raised
    return [Outcome(message, document, receipt, error, asked=True, exchange=_shown(exchanges))]


def _many(adapter: Adapter, messages: Sequence[Claimed]) -> list[Outcome]:
    documents = [thaw(message.topic, message.payload) for message in messages]
    batch = [
        (document, message.outward_key or str(message.id))
        for document, message in zip(documents, messages, strict=True)
    ]
    with tap.recording() as exchanges:
        try:
            answers = adapter.send_many(batch)  # type: ignore[attr-defined]  # asked for by the manifest
        except Exception as raised:  # noqa: BLE001
            answers = [raised] * len(batch)
    shown = _shown(exchanges)
    return [
        Outcome(
            message,
            document,
            answer if isinstance(answer, Receipt) else None,
            answer if isinstance(answer, Exception) else None,
            asked=False,
            exchange=shown,
        )
        for message, document, answer in zip(messages, documents, answers, strict=True)
    ]


def _shown(exchanges: Sequence[tap.Exchange]) -> bytes | None:
    if not exchanges:
        return None
    return json.dumps([asdict(exchange) for exchange in exchanges], default=_text).encode()


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _keep(
    engine: Engine, lane: Lane, directory: Directory, partner: Partner, outcomes: Sequence[Outcome]
) -> None:
    """Write what became of the calls; alone, one by one, where writing them together fails."""
    manifest = engine.manifest(partner)

    def write(db: Connection, some: Sequence[Outcome]) -> set[tuple[str, str, int]]:
        lanes.guard(db, lane)
        unit = Unit(db, engine.vault, directory, datetime.now(UTC))
        found = [
            (one, sending.decide(_attempt(one, manifest, partner, unit.at), _CHANCE))
            for one in some
        ]
        flows.after(unit, partner, [_settled(one, decided) for one, decided in found])
        work.lock_keys(db, lane.direction, lane.connection, [one.message.key for one, _ in found])
        work.end(db, engine.vault, lane, [_ended(one, decided) for one, decided in found])
        pace.record(db, partner.code, [(d.healthy, d.retry_after) for _, d in found], unit.at)
        return unit.rings

    try:
        engine.bell.ring(engine.database.unit(lambda db: write(db, outcomes)))
    except (lanes.LeaseLost, DatabaseAway):
        raise
    except Exception as error:
        if len(outcomes) == 1:
            log.error(
                "outcome_not_kept", message=str(outcomes[0].message.id), reason=type(error).__name__
            )
            raise
        for one in outcomes:
            engine.bell.ring(engine.database.unit(partial(write, some=[one])))
    engine.identity.progress()


def _attempt(one: Outcome, manifest: Manifest, partner: Partner, at: datetime) -> Attempt:
    return Attempt(
        error=one.error,
        receipt=one.receipt is not None,
        asked=one.asked,
        attempts=one.message.attempts,
        asks=one.message.asked,
        denied_at=one.message.denied_at,
        deadline=one.message.deadline,
        at=at,
        honours_keys=manifest.honours_keys,
        settle_s=float(partner.limits.get("settle_s", manifest.settle_s)),
        connection=partner.code,
    )


def _settled(one: Outcome, decided: sending.Decision) -> Settled:
    receipt = one.receipt
    return Settled(
        document=one.document,
        message_id=one.message.id,
        correlation_id=one.message.correlation_id,
        order_id=one.message.order_id,
        status=decided.status,
        fate=decided.fate,
        sentence=(decided.error or {}).get("message", ""),
        reference=receipt.reference if receipt else decided.reference,
        facts=receipt.documents if receipt else (),
        pause=decided.pause,
    )


def _ended(one: Outcome, decided: sending.Decision) -> Ended:
    return Ended(
        one.message,
        decided.status,
        decided.fate,
        decided.error,
        wait_s=decided.wait_s,
        waits_for=decided.waits_for,
        counted=decided.counted,
        reference=one.receipt.reference if one.receipt else decided.reference,
        asked=one.asked,
        denied=decided.denied,
        exchange=one.exchange,
    )
