"""The machine that reads life cycles, on a small table of its own."""

from enum import StrEnum

import pytest

from hub.model.errors import IllegalTransition
from hub.states.machine import Row, Step, Table, Verdict, allowed, faults, mermaid, step


class S(StrEnum):
    NEW = "new"
    SENT = "sent"
    SEEN = "seen"
    GONE = "gone"


class E(StrEnum):
    SEND = "send"
    SEE = "see"
    WARN = "warn"
    DROP = "drop"


def table(**changes):
    rows = (
        Row(S.NEW, E.SEND, S.SENT, ("post",)),
        Row(S.SENT, E.SEE, S.SEEN),
        Row(S.SENT, E.WARN, S.SENT, ("alert",)),
        Row(S.SENT, E.DROP, S.GONE),
        Row(S.SEEN, E.WARN, S.SEEN),
    )
    given = {
        "document": "letter",
        "start": S.NEW,
        "final": frozenset({S.SEEN, S.GONE}),
        "facts": frozenset({E.SEE, E.WARN}),
        "people": frozenset({E.DROP}),
        "rows": rows,
    }
    return Table(**{**given, **changes})


def test_a_row_moves_and_names_its_effects():
    assert step(table(), S.NEW, E.SEND) == Step(S.SENT, ("post",), Verdict.MOVED)


def test_a_fact_told_twice_is_repeated():
    assert step(table(), S.SEEN, E.SEE) == Step(S.SEEN, (), Verdict.REPEATED)


def test_a_fact_overtaken_is_late():
    assert step(table(), S.GONE, E.WARN) == Step(S.GONE, (), Verdict.LATE)


def test_a_row_that_stays_with_an_effect_moves_and_without_one_repeats():
    assert step(table(), S.SENT, E.WARN) == Step(S.SENT, ("alert",), Verdict.MOVED)
    assert step(table(), S.SEEN, E.WARN) == Step(S.SEEN, (), Verdict.REPEATED)


def test_a_late_request_is_refused_and_says_so():
    with pytest.raises(IllegalTransition, match="letter is sent: send is not possible") as refused:
        step(table(), S.SENT, E.SEND)
    assert (refused.value.state, refused.value.event) == ("sent", "send")


def test_a_fact_before_its_time_is_refused():
    with pytest.raises(IllegalTransition):
        step(table(), S.NEW, E.SEE)


def test_a_contradiction_is_refused_although_the_graph_calls_it_late():
    with pytest.raises(IllegalTransition):
        step(table(contradicts=frozenset({(S.GONE, E.WARN)})), S.GONE, E.WARN)


def test_only_what_people_may_ask_for_is_a_button():
    assert allowed(table(), S.SENT) == (E.DROP,)
    assert allowed(table(), S.NEW) == ()


def test_a_sound_table_has_no_faults():
    assert faults(table()) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"rows": (*table().rows, Row(S.NEW, E.SEND, S.GONE))},
            ["two rows for new and send"],
        ),
        (
            {"rows": tuple(row for row in table().rows if row.then != S.GONE)},
            ["gone is never reached", "drop is named but has no row", "drop has no row"],
        ),
        ({"final": frozenset({S.SEEN})}, ["gone leads to no end"]),
        (
            {"contradicts": frozenset({(S.SENT, E.SEE)})},
            ["sent and see have a row and contradict"],
        ),
    ],
)
def test_a_fault_is_named(changes, found):
    assert faults(table(**changes)) == found


def test_the_diagram_shows_every_row_and_end():
    assert mermaid(table()).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> new",
        "    new --> sent: send",
        "    sent --> seen: see",
        "    sent --> sent: warn",
        "    sent --> gone: drop",
        "    seen --> seen: warn",
        "    gone --> [*]",
        "    seen --> [*]",
    ]
