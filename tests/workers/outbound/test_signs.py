"""What calls say of a partner's health."""

from types import SimpleNamespace
from typing import Any

from hub.model.errors import OutcomeUnknown
from hub.rules.messages.sending import Decision
from workers.outbound.calls import Outcome
from workers.outbound.fates import _signs

LOST = Decision("unknown", "outcome_unknown", healthy=False)
TOLD = Decision("delivered", "delivered")


def outcome(number: int, exchange: bytes | None, error: Exception | None = None) -> Outcome:
    message: Any = SimpleNamespace(id=number)
    return Outcome(message, None, error=error, exchange=exchange)


def test_a_call_about_fourteen_orders_that_was_lost_is_one_failure() -> None:
    shown, lost = b"one exchange", OutcomeUnknown("cut off")
    found = [(outcome(n, shown, lost), LOST) for n in range(14)]
    assert [one.healthy for one in _signs(found)] == [False]


def test_calls_of_their_own_speak_for_themselves() -> None:
    found = [(outcome(n, bytes([n]) * 3), TOLD) for n in range(3)]
    found += [(outcome(9, None, OutcomeUnknown("cut off")), LOST)]
    assert [one.healthy for one in _signs(found)] == [True, True, True, False]
