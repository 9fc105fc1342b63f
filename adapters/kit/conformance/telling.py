"""What a partner is told: each thing once, and each answer with its fate."""

from collections.abc import Iterator, Mapping
from unittest import SkipTest

from adapters.kit.conformance.stage import Conformance
from adapters.kit.http.wire_tap import recording
from adapters.kit.testing.holding import always, fails, holds, identity, record, same
from adapters.kit.testing.scripted_partner import SILENCE, Told
from adapters.ports import Parts, Receipt, cannot_be_asked
from hub.model.document import Document
from hub.model.errors import (
    AlreadyDone,
    NeedsPerson,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)

ONE_BY_ONE, NOTHING_TOLD, NOT_ASKED = "one by one", "told nothing", "not asked: it honours keys"
_MIB = 1024 * 1024
STATUSES: Mapping[int, type[Exception]] = {
    302: Rejected,
    400: Rejected,
    401: NotAuthorised,
    403: NotAuthorised,
    408: TryLater,
    422: Rejected,
    429: TryLater,
    500: OutcomeUnknown,
    502: OutcomeUnknown,
    503: TryLater,
    504: OutcomeUnknown,
}
"""What a status means to a write, unless the adapter's partner is known to mean something else."""
_LOST = {
    "lost": SILENCE,
    "cut": Told(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"id": ', close=True),
    "huge": Told(200, b" " * (5 * _MIB + 1)),
}
_GARBAGE = {
    "a page of HTML": Told(
        200, b"<html><body>Welcome</body></html>", {"content-type": "text/html"}
    ),
    "half of a JSON": Told(200, b'{"id": 7, "lines": [', {"content-type": "application/json"}),
    "no text at all": Told(200, b"\x00\x01 no answer", {"content-type": "text/plain"}),
}
_SLOW_S, _PATIENCE_S = 0.6, 0.3


def a_check_of_the_connection_changes_nothing(it: Conformance) -> None:
    with it.plays("*", "check") as (partner, parts):
        parts.check()
    same(it.writes(partner.asked), [], "writes of a check")


def every_document_taken_is_told_and_a_repeat_tells_it_once(it: Conformance) -> None:
    for kind, document in _told(it):
        with it.plays(kind, "tell") as (partner, parts):
            first = parts.send(document, "key-1")
        sent = it.writes(partner.asked)
        holds(bool(sent), f"a {kind} is told")
        holds(bool(first.reference), "a receipt has a reference")
        with it.plays(kind, "again") as (partner, parts):
            same(_again(parts, document).reference, first.reference, "reference of a repeat")
        repeated = [identity(request) for request in it.writes(partner.asked)]
        known = not repeated or repeated == [identity(request) for request in sent]
        holds(known, f"a repeat of a {kind} tells nothing, or the same under the same key")


def each_status_of_a_write_has_its_fate(it: Conformance) -> None:
    for kind, document in _told(it):
        for status, expected in {**STATUSES, **it.statuses}.items():
            what = f"{kind} answered {status}"
            with (
                it.partner(it.spoilt(kind, Told(status))) as (_, parts),
                fails(expected, what=what),
            ):
                parts.send(document, "key-1")


def a_partner_that_is_busy_says_when_to_come_again(it: Conformance) -> None:
    for _, document in _told(it):
        busy = always(Told(429, headers={"retry-after": "7"}))
        with it.partner(busy) as (_, parts):
            try:
                parts.send(document, "key-1")
            except TryLater as later:
                same(later.retry_after, 7, "seconds until the next try")
            else:
                raise AssertionError("a 429 must raise TryLater, raised nothing")


def an_expired_token_is_said_and_nothing_is_told(it: Conformance) -> None:
    for kind, document in _told(it):
        with it.partner(always(Told(401))) as (_, parts), fails(NotAuthorised, what=kind):
            parts.send(document, "key-1")


def an_answer_that_is_late_lost_or_garbage_leaves_the_outcome_unknown(it: Conformance) -> None:
    answers = {"late": Told(pause_s=_SLOW_S), **_LOST, **(_GARBAGE if it.reads_answers else {})}
    for kind, document in _told(it):
        for what, answer in answers.items():
            limit = _PATIENCE_S if what == "late" else 5
            with (
                it.partner(it.spoilt(kind, answer), limit) as (_, parts),
                fails(OutcomeUnknown, what=f"{kind}, answer {what}"),
            ):
                parts.send(document, "key-1")


def after_a_lost_answer_the_partner_is_asked(it: Conformance) -> None:
    documents = dict(_told(it))
    if it.connected().find is cannot_be_asked:
        holds(it.manifest.honours_keys, "the partner honours keys or can be asked")
        raise SkipTest(NOT_ASKED)
    for kind, document in documents.items():
        with it.plays(kind, "has") as (partner, parts):
            known = parts.find(document)
            holds(known is not None and bool(known.reference), f"a {kind} that it has is found")
            with it.plays(kind, "tell") as (_, telling):
                receipt = telling.send(document, "key-1")
            same(known and known.reference, receipt.reference, f"what a {kind} is called there")
        same(it.writes(partner.asked), [], "writes of a question")
        with it.plays(kind, "lacks") as (_, parts):
            same(parts.find(document), None, f"a {kind} that it lacks")
        for status in () if it.files else (500, 503):
            with it.partner(always(Told(status))) as (_, parts), fails(TryLater):
                parts.find(document)


def half_a_batch_has_a_fate_for_each(it: Conformance) -> None:
    documents = dict(_told(it))
    if it.connected().send_many is None:
        raise SkipTest(ONE_BY_ONE)
    for kind, document in documents.items():
        batch = [(document, "key-1"), (document, "key-2")]
        with it.partner(it.spoilt(kind, Told(500))) as (_, parts):
            fates = parts.send_many(batch) if parts.send_many else []
        same(len(fates), 2, "fates of a batch of two")
        kinds = (Receipt, TryLater, OutcomeUnknown, AlreadyDone, NeedsPerson)
        holds(all(isinstance(fate, kinds) for fate in fates), f"{fates} are receipts and fates")
        lost = any(isinstance(fate, OutcomeUnknown) for fate in fates)
        holds(lost, "what was lost is said to be unknown")


def no_secret_is_in_an_error_a_record_or_a_repr(it: Conformance) -> None:
    secrets = [line for value in it.secrets.values() for line in value.splitlines()]
    echo, shown = Told(400, " ".join(secrets).encode()), list[str]()
    for kind, document in _told(it):
        for script in (always(echo), it.spoilt(kind, echo)):
            with recording() as exchanges, it.partner(script) as (_, parts):
                shown += [_said(parts, document), repr(parts)]
            shown += [record(exchange) for exchange in exchanges]
        with recording() as exchanges, it.plays(kind, "tell") as (_, parts):
            parts.send(document, "key-1")
        shown += [record(exchange) for exchange in exchanges]
    for secret in secrets:
        holds(not any(secret in text for text in shown), "no secret is shown")


def _told(it: Conformance) -> Iterator[tuple[str, Document]]:
    if not it.manifest.takes:
        raise SkipTest(NOTHING_TOLD)
    yield from it.documents.items()


def _again(parts: Parts, document: Document) -> Receipt:
    try:
        return parts.send(document, "key-1")
    except AlreadyDone as done:
        return Receipt(str(done.reference))


def _said(parts: Parts, document: Document) -> str:
    try:
        return repr(parts.send(document, "key-1"))
    except (NeedsPerson, AlreadyDone, TryLater, OutcomeUnknown) as fate:
        return f"{fate} {fate!r}"


CHECKS = (
    a_check_of_the_connection_changes_nothing,
    every_document_taken_is_told_and_a_repeat_tells_it_once,
    each_status_of_a_write_has_its_fate,
    a_partner_that_is_busy_says_when_to_come_again,
    an_expired_token_is_said_and_nothing_is_told,
    an_answer_that_is_late_lost_or_garbage_leaves_the_outcome_unknown,
    after_a_lost_answer_the_partner_is_asked,
    half_a_batch_has_a_fate_for_each,
    no_secret_is_in_an_error_a_record_or_a_repr,
)
