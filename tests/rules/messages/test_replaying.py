"""Which messages may be worked again: from their life cycles, and by what they tell."""

import pytest

from hub.rules.messages import replaying
from hub.rules.messages.replaying import DISCARDABLE, REPLAYABLE, Refusal, Standing, refusal


def test_what_may_be_asked_for_follows_from_the_life_cycles() -> None:
    assert {
        "in": {"parked", "waiting", "done", "ignored"},
        "out": {"parked", "waiting", "delivered"},
    } == REPLAYABLE
    assert {
        "in": {"parked", "waiting", "received", "retry"},
        "out": {"parked", "waiting", "pending", "retry"},
    } == DISCARDABLE


@pytest.mark.parametrize(
    ("message", "selected", "named"),
    [
        (Standing("in", "parked", "bad_json"), None, None),
        (Standing("in", "done"), None, None),
        (Standing("in", "processing"), Refusal.AT_WORK, Refusal.AT_WORK),
        (Standing("in", "discarded"), Refusal.ENDED, Refusal.ENDED),
        (Standing("in", "done", is_held=False), Refusal.PAYLOAD_GONE, Refusal.PAYLOAD_GONE),
        (Standing("out", "parked", "rejected"), None, None),
        (Standing("out", "delivered"), Refusal.TOLD, None),
        (Standing("out", "parked", "unknown_outcome"), Refusal.UNKNOWN_OUTCOME, None),
        (Standing("out", "sending"), Refusal.AT_WORK, Refusal.AT_WORK),
        (
            Standing("out", "delivered", is_overtaken=True),
            Refusal.OVERTAKEN,
            Refusal.OVERTAKEN,
        ),
    ],
)
def test_why_a_message_is_not_worked_again(
    message: Standing, selected: Refusal | None, named: Refusal | None
) -> None:
    assert refusal(message, is_named=False) == selected
    assert refusal(message, is_named=True) == named


def test_what_may_have_arrived_is_settled_and_not_replayed_by_a_button() -> None:
    known = replaying.offered(Standing("out", "parked", "rejected"))
    unknown = replaying.offered(Standing("out", "parked", "unknown_outcome"))
    assert known == {"replay", "discard"}
    assert unknown == {"it_arrived", "it_did_not", "discard"}
