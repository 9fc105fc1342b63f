"""What becomes of a message that came in: every fate, and every verdict."""

from inspect import getmembers, isclass
from random import Random
from typing import get_args, get_type_hints

import pytest

from hub.model import errors
from hub.model.errors import (
    AlreadyDone,
    BadData,
    Contradiction,
    CursorExpired,
    EndpointMissing,
    Ignored,
    IllegalTransition,
    NeedsPerson,
    NotAuthentic,
    NotAuthorised,
    NotFound,
    NotUnderstood,
    OutcomeUnknown,
    Overtaken,
    PayloadGone,
    Rejected,
    SeveralConnections,
    TryLater,
    UnknownCode,
)
from hub.rules.messages import receiving
from hub.rules.messages.receiving import Attempt, Decision, HalfApplied, Paused, Verdict, decide
from hub.rules.messages.retry import BUG_SCHEDULE_S, SCHEDULE_S
from hub.states.message import INBOX, In

DONE = Verdict()
IGNORED = Verdict("ignored", "stale", "it is old")
WAITING = Verdict("waiting", "unknown_sku", "no such article", "lines.0.sku", "sku:A")
PARKED = Verdict("parked", "contradiction", "it was cancelled")
OURS = "an error of our own; the attempt says where"


class Middle(Random):
    """Chance without chance: the middle of every range."""

    def uniform(self, a, b):
        return (a + b) / 2


def fate(error, attempts=1):
    return decide(Attempt(error, (), attempts, "shop"), Middle())


def verdict(*verdicts):
    return decide(Attempt(None, verdicts, 1, "shop"), Middle())


def said(code, message, path=""):
    return {"code": code, "path": path, "message": message}


def parked(code, message, path=""):
    return Decision("parked", "parked", said(code, message, path))


def later(message, wait_s=5):
    return Decision("retry", "try_later", said("try_later", message), wait_s=wait_s)


def waiting(fact, fate, error, pause=None):
    return Decision("waiting", fate, error, waits_for=fact, counted=False, pause=pause)


ROWS = {
    Ignored: (Ignored("stale", "old"), Decision("ignored", "ignored", said("stale", "old"))),
    Paused: (
        Paused(),
        waiting(
            "connection:shop", "waiting", said("connection_paused", "connection shop is paused")
        ),
    ),
    UnknownCode: (
        UnknownCode("carriers", "UPS", path="carrier"),
        waiting(
            "code:carriers:UPS:shop",
            "waiting",
            said("unknown_code", "no carriers entry for 'UPS'", "carrier"),
        ),
    ),
    NotAuthorised: (
        NotAuthorised("wrong key"),
        waiting(
            "connection:shop",
            "not_authorised",
            said("not_authorised", "wrong key"),
            "not_authorised",
        ),
    ),
    BadData: (
        BadData("no sku", path="lines.0", code="missing_field"),
        parked("missing_field", "no sku", "lines.0"),
    ),
    Contradiction: (Contradiction("it left"), parked("contradiction", "it left")),
    EndpointMissing: (EndpointMissing("404"), parked("endpoint_missing", "404")),
    CursorExpired: (CursorExpired("too old"), parked("cursor_expired", "too old")),
    Rejected: (Rejected("no"), parked("rejected", "no")),
    Overtaken: (Overtaken("it is over"), parked("overtaken", "it is over")),
    PayloadGone: (PayloadGone("gone"), parked(PayloadGone.code, "gone")),
    SeveralConnections: (
        SeveralConnections(["a", "b"], "choose one"),
        parked("several_connections", str(SeveralConnections(["a", "b"], "choose one"))),
    ),
    NeedsPerson: (NeedsPerson("look", code="sealed"), parked("sealed", "look")),
    IllegalTransition: (
        IllegalTransition("order", "cancelled", "ship"),
        parked("contradiction", "order is cancelled: ship is not possible"),
    ),
    HalfApplied: (HalfApplied("half of it"), parked("contradiction", "half of it")),
    TryLater: (TryLater("busy"), later("busy")),
    NotUnderstood: (NotUnderstood("odd"), later("odd")),
    OutcomeUnknown: (OutcomeUnknown("cut off"), later("cut off")),
    AlreadyDone: (AlreadyDone("had it"), later("had it")),
    NotAuthentic: (
        NotAuthentic(),
        Decision("retry", "internal_error", said("internal_error", OURS), wait_s=10),
    ),
    NotFound: (
        NotFound("none"),
        Decision("retry", "internal_error", said("internal_error", OURS), wait_s=10),
    ),
    Exception: (
        ZeroDivisionError("division by zero"),
        Decision("retry", "internal_error", said("internal_error", OURS), wait_s=10),
    ),
}


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_every_fate_has_its_place(kind):
    error, decided = ROWS[kind]
    assert fate(error) == decided


def test_every_class_of_error_has_a_row_of_its_own():
    kinds = [kind for kind, _ in receiving._FATES]
    known = {one for _, one in getmembers(errors, isclass) if issubclass(one, Exception)}
    ours = {one for one in known if one.__module__ == errors.__name__}
    assert ours | {Paused, HalfApplied, Exception} == set(kinds) == set(ROWS)
    assert len(set(kinds)) == len(kinds)


def test_no_row_stands_behind_one_that_takes_its_errors():
    kinds = [kind for kind, _ in receiving._FATES]
    hidden = [
        (before.__name__, kind.__name__)
        for at, kind in enumerate(kinds)
        for before in kinds[:at]
        if issubclass(kind, before)
    ]
    assert hidden == []


def test_a_failure_is_tried_again_by_the_schedule_then_a_person_must():
    assert [fate(TryLater("busy"), n + 1).wait_s for n in range(len(SCHEDULE_S))] == [*SCHEDULE_S]
    gave_up = fate(TryLater("busy"), len(SCHEDULE_S) + 1)
    assert gave_up == Decision("parked", "gave_up", said("gave_up", "busy"))


def test_the_wait_that_was_asked_for_is_never_undercut():
    assert fate(TryLater("busy", retry_after=77)).wait_s == 77


def test_an_error_of_our_own_is_tried_twice_more_then_a_person_must():
    waits = [fate(KeyError("a"), n + 1).wait_s for n in range(len(BUG_SCHEDULE_S))]
    assert waits == [*BUG_SCHEDULE_S]
    parked = fate(KeyError("a"), len(BUG_SCHEDULE_S) + 1)
    assert parked == Decision("parked", "internal_error", said("internal_error", OURS))


def test_what_an_error_says_is_cut_to_what_is_kept():
    found = fate(TryLater("x" * 3000))
    assert found.error is not None
    assert len(found.error["message"]) == 2000


@pytest.mark.parametrize(
    ("verdicts", "decided"),
    [
        ((), Decision("ignored", "ignored", said("nothing_in_it", "it holds no document"))),
        ((DONE,), Decision("done", "done")),
        ((DONE, DONE), Decision("done", "done")),
        ((IGNORED,), Decision("ignored", "ignored", said("stale", "it is old"))),
        ((IGNORED, DONE), Decision("done", "done")),
        (
            (IGNORED, WAITING),
            waiting("sku:A", "waiting", said("unknown_sku", "no such article", "lines.0.sku")),
        ),
        ((WAITING, PARKED), parked("contradiction", "it was cancelled")),
    ],
)
def test_the_worst_verdict_on_a_document_holds_for_its_message(verdicts, decided):
    assert verdict(*verdicts) == decided


@pytest.mark.parametrize("other", [WAITING, PARKED])
def test_a_message_takes_effect_as_a_whole_or_not_at_all(other):
    with pytest.raises(HalfApplied, match=f"{other.code}: {other.message}") as raised:
        verdict(DONE, other)
    assert fate(raised.value).status == "parked"


def test_every_verdict_a_flow_may_give_is_judged():
    assert {*get_args(get_type_hints(Verdict)["status"])} == {*receiving._RANK}


def test_whatever_follows_is_a_move_of_the_life_cycle():
    follows = {row.then for row in INBOX.rows if row.state is In.PROCESSING}
    decided = {decision.status for _, decision in ROWS.values()} | {"done"}
    assert decided < {str(state) for state in follows}
