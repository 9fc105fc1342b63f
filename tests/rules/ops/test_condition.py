"""How a connection does: the worst of what is known, and what to do about it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.rules.ops import condition
from hub.rules.ops.condition import ACTIONS, SENTENCES, Action, State
from hub.store.views.connection_health import Deliveries, Hindered

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
LACKING = Hindered("shop", ("out",), "env", "TOKEN", "worker h:41", AT)
REFUSED = Deliveries(
    AT - timedelta(hours=3), AT, "bad_signature", 5, "bad_signature", "hook", {"bad_signature": 5}
)


@dataclass
class Known:
    """What is known of a connection; all is well unless said."""

    status: str = "active"
    paused_because: str | None = None
    breaker: dict[str, Any] = field(default_factory=dict)
    hindered: tuple[Hindered, ...] = ()
    deliveries: Deliveries = field(default_factory=Deliveries)


def state(**known: Any) -> State:
    return condition.of(Known(**known), AT).state


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, State.WORKS),
        ({"breaker": {"mode": "open"}}, State.AWAY),
        ({"breaker": {"mode": "half_open"}}, State.RETURNING),
        ({"hindered": (LACKING,)}, State.UNUSABLE),
        ({"deliveries": REFUSED}, State.DELIVERIES_REFUSED),
        ({"status": "paused", "paused_because": "they move house"}, State.PAUSED),
        ({"status": "paused", "paused_because": "not_authorised"}, State.CREDENTIALS_REFUSED),
        ({"status": "paused", "paused_because": "endpoint_missing"}, State.ADDRESS_GONE),
        ({"status": "paused", "paused_because": "away"}, State.GIVEN_UP),
    ],
)
def test_each_trouble_is_a_state_of_its_own(known: dict[str, Any], expected: State) -> None:
    assert state(**known) is expected


def test_the_worst_is_said_first() -> None:
    everything: dict[str, Any] = {
        "status": "paused",
        "paused_because": "not_authorised",
        "hindered": (LACKING,),
        "breaker": {"mode": "open"},
        "deliveries": REFUSED,
    }
    order = []
    for gone in ("status", "hindered", "breaker", "deliveries", None):
        order.append(state(**everything))
        everything.pop(gone or "", None)
    assert order == [
        State.CREDENTIALS_REFUSED,
        State.UNUSABLE,
        State.AWAY,
        State.DELIVERIES_REFUSED,
        State.WORKS,
    ]


@pytest.mark.parametrize(
    "deliveries",
    [
        Deliveries(AT, AT, "bad_signature", 2, "bad_signature", "hook", {"bad_signature": 2}),
        Deliveries(AT, AT, "missing_signature", 0, None, "", {"missing_signature": 50}),
        Deliveries(AT, AT - timedelta(hours=2), "bad_signature", 9, "bad_signature", "hook"),
        Deliveries(None, AT, "bad_signature", 1, "bad_signature", "hook", {"bad_signature": 1}),
    ],
    ids=["two", "only strangers", "two hours ago", "the first one"],
)
def test_a_few_refusals_long_ago_ones_and_strangers_are_no_trouble(deliveries: Deliveries) -> None:
    assert state(deliveries=deliveries) is State.WORKS


def test_one_that_never_worked_is_refused_whatever_the_reason() -> None:
    never = Deliveries(None, AT, "missing_signature", 0, None, "", {"missing_signature": 3})
    found = condition.of(Known(deliveries=never), AT)
    assert found.says == "Its deliveries are refused as missing_signature: see -."


def test_every_state_has_a_sentence_and_an_action() -> None:
    assert set(SENTENCES) == set(ACTIONS) == set(State)
    assert {one for one, action in ACTIONS.items() if action is Action.NOTHING} == {State.WORKS}


def test_the_sentence_names_what_is_missing_and_where() -> None:
    said = condition.of(Known(hindered=(LACKING,)), AT).says
    assert said == "Cannot be used by worker h:41, for want of the environment variable TOKEN."
