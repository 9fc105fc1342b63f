"""The calls of one batch: partners told or asked, each answer or fate kept as it came.

A call is begun only while there is time for it to end within the lease and the process is not
stopping. What a worker that was frozen or held up did not begin, it leaves to whoever holds the
lane by then.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any
from uuid import UUID

from adapters.kit.http import wire_tap
from adapters.ports import Parts, Receipt, SendMany
from hub import logs
from hub.model.catalogue import read, thaw
from hub.model.document import Document
from hub.model.errors import AlreadyDone, NeedsPerson, NotUnderstood, Overtaken
from hub.store.messages.claimed import Claimed
from mappings.reading import read_json
from workers.faults import where
from workers.outbound.call_guard import Gate

log = logs.get("calls")
_LONGEST_REFERENCE = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message: a receipt, nothing found, or the fate that was raised. Without a
    document what is stored could not be read.
    """

    message: Claimed
    document: Document | None
    receipt: Receipt | None = None
    error: Exception | None = None
    asked: bool = False
    exchange: bytes | None = None


Job = Callable[[], list[Outcome]]


def prepare(
    adapter: Parts,
    messages: Sequence[Claimed],
    batch: int,
    over: Mapping[UUID, Overtaken],
) -> tuple[list[Outcome], list[Job]]:
    """What is decided without a call, and the calls to make, each to tell or to ask. What is `over`
    is not told.
    """
    outcomes: list[Outcome] = []
    sends: list[tuple[Claimed, Document]] = []
    jobs: list[Job] = []
    for message in messages:
        if message.id in over:
            outcomes.append(Outcome(message, None, error=over[message.id]))
            continue
        try:
            document = _document(message)
        except NeedsPerson as error:  # a person's edit, or a key that is gone
            outcomes.append(Outcome(message, None, error=error))
            continue
        if message.was == "unknown":
            jobs.append(partial(_ask, adapter, message, document))
        else:
            sends.append((message, document))
    if batch > 1 and adapter.send_many is not None:
        groups = [sends[at : at + batch] for at in range(0, len(sends), batch)]
        jobs += [partial(_many, adapter.send_many, group) for group in groups]
    else:
        jobs += [partial(_tell, adapter, message, document) for message, document in sends]
    return outcomes, jobs


def _document(message: Claimed) -> Document:
    """What is to be told: as we wrote it, or as a person did, which is read like anybody's."""
    raw = message.read()
    return read(message.topic, read_json(raw)) if message.edited else thaw(message.topic, raw)


def in_turn(jobs: Sequence[Job], gate: Gate) -> list[Outcome]:
    """Make these calls one after the other. What could not begin any more is left out."""
    made: list[Outcome] = []
    for job in jobs:
        if not gate.is_open():
            break
        outcomes = job()
        gate.hear(first_error(outcomes))
        made += outcomes
    return made


def first_error(outcomes: Sequence[Outcome]) -> Exception | None:
    """The first fate that was raised, where one was."""
    return next((outcome.error for outcome in outcomes if outcome.error is not None), None)


def _tell(adapter: Parts, message: Claimed, document: Document) -> list[Outcome]:
    receipt, error = None, None
    with wire_tap.recording() as exchanges:
        try:
            receipt = received(adapter.send(document, _key(message)))
        except Exception as raised:  # noqa: BLE001  # its fate is decided in one place
            error = fate(raised, exchanges)
    return [Outcome(message, document, receipt, error, exchange=_shown(exchanges))]


def _ask(adapter: Parts, message: Claimed, document: Document) -> list[Outcome]:
    """After an unknown outcome: has the partner got it?"""
    receipt, error = None, None
    with wire_tap.recording() as exchanges:
        try:
            held = adapter.find(document)
            receipt = None if held is None else received(held)
        except Exception as raised:  # noqa: BLE001
            error = fate(raised, exchanges)
    return [Outcome(message, document, receipt, error, asked=True, exchange=_shown(exchanges))]


def _many(send_many: SendMany, group: Sequence[tuple[Claimed, Document]]) -> list[Outcome]:
    batch = [(document, _key(message)) for message, document in group]
    with wire_tap.recording() as exchanges:
        try:
            answers = [_taken(answer) for answer in send_many(batch)]
        except Exception as raised:  # noqa: BLE001
            answers = [fate(raised, exchanges)] * len(batch)
    shown = _shown(exchanges)
    return [
        Outcome(message, document, error=answer, exchange=shown)
        if isinstance(answer, Exception)
        else Outcome(message, document, answer, exchange=shown)
        for (message, document), answer in zip(group, answers, strict=True)
    ]


def _taken(answer: Receipt | Exception) -> Receipt | Exception:
    return answer if isinstance(answer, Exception) else received(answer)


def received(receipt: Receipt) -> Receipt:
    """A receipt whose reference can be kept: text, and not a book. TypeError where it is none."""
    reference: Any = receipt.reference
    if not isinstance(reference, str):
        raise TypeError("a reference is text")
    if len(reference) <= _LONGEST_REFERENCE:
        return receipt
    return replace(receipt, reference=reference[:_LONGEST_REFERENCE])


def fate(raised: Exception, exchanges: Sequence[wire_tap.Exchange]) -> Exception:
    """What an adapter raised. Where it stumbled though an answer had come, the answer was of a form
    that nobody expects: what was called for may have happened.
    """
    if isinstance(raised, AlreadyDone):
        known: Any = raised.reference
        raised.reference = known[:_LONGEST_REFERENCE] if isinstance(known, str) else None
    answered = any(exchange.status is not None for exchange in exchanges)
    if not answered or not isinstance(raised, _STUMBLES):
        return raised
    log.error("answer_not_understood", reason=type(raised).__name__, where=where(raised))
    return NotUnderstood(f"the partner answered in a form that nobody expects, at {where(raised)}")


_STUMBLES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a tree raises where it is another tree."""


def _key(message: Claimed) -> str:
    return message.outward_key or str(message.id)


def _shown(exchanges: Sequence[wire_tap.Exchange]) -> bytes | None:
    if not exchanges:
        return None
    shown = [{name: _text(getattr(exchange, name)) for name in _EXCHANGE} for exchange in exchanges]
    return json.dumps(shown, default=str).encode()


_EXCHANGE = tuple(field.name for field in fields(wire_tap.Exchange))


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
