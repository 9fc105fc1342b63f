"""A partner answers in a form that nobody expects: what it was called for may have happened, so it
is asked, and the fault is told where it can be looked into.
"""

from collections.abc import Callable
from typing import Any

import pytest

from adapters.kit.http import wire_tap
from adapters.ports import Receipt
from hub.model.errors import AlreadyDone
from tests.kit.world import Merchant


def stumbles(error: Exception, *, answered: bool = True) -> Callable[..., Receipt]:
    """An adapter that made a call and falls over the answer."""

    def send(*_: Any) -> Receipt:
        wire_tap.feed(
            wire_tap.Exchange("POST", "http://wh.test/", status=200 if answered else None)
        )
        raise error

    return send


@pytest.mark.parametrize("error", [KeyError("id"), TypeError("x"), ValueError("y"), IndexError()])
def test_G09_it_is_asked_before_anything_is_sent_again(
    acme: Merchant, error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    acme.at_wh.answers = [stumbles(error)]
    acme.at_wh.finds = [Receipt("R-1")]
    acme.notify(1)
    notice = acme.outbound("fulfilment_order")
    assert (acme.status(notice), acme.reason(notice)) == ("unknown", "outcome_unknown")
    acme.world.later(1_000)
    acme.world.run()
    assert (acme.status(notice), acme.at_wh.topics()) == ("delivered", ["fulfilment_order"])
    assert acme.attempts(notice) == ["outcome_unknown", "found"]
    said = "".join(capsys.readouterr())
    assert "answer_not_understood" in said
    assert "test_answers_nobody_expects.py" in said


def test_before_any_answer_the_fault_is_ours(acme: Merchant) -> None:
    acme.at_wh.answers = [stumbles(KeyError("id"), answered=False)]
    acme.notify(1)
    assert acme.reason(acme.outbound("fulfilment_order")) == "internal_error"


def test_it_does_not_count_as_a_partner_that_is_away(acme: Merchant) -> None:
    acme.at_wh.answers = [stumbles(KeyError("id")) for _ in range(6)]
    for number in range(1, 7):
        acme.order(number)
    acme.world.run()
    mode = "SELECT breaker ->> 'mode' FROM partner_state WHERE connection = :wh"
    assert acme.world.sql(mode, wh=acme.at_wh.code) in ([], [("closed",)], [(None,)])


@pytest.mark.parametrize("reference", [{"value": "R-1"}, ["R-1"], 7])
def test_a_reference_that_is_no_text_leaves_the_outcome_unknown(
    acme: Merchant, reference: Any
) -> None:
    def send(*_: Any) -> Receipt:
        wire_tap.feed(wire_tap.Exchange("POST", "http://wh.test/", status=200))
        return Receipt(reference)

    acme.at_wh.answers = [send]
    acme.notify(1)
    assert acme.reason(acme.outbound("fulfilment_order")) == "outcome_unknown"


@pytest.mark.parametrize(("given", "kept"), [("R-1", "R-1"), ({"a": 1}, None), ("x" * 5000, 1000)])
def test_a_reference_of_what_they_had_already_is_kept_as_it_can_be(
    acme: Merchant, given: Any, kept: Any
) -> None:
    acme.at_wh.answers = [AlreadyDone("they have it", reference=given)]
    acme.notify(1)
    notice = acme.outbound("fulfilment_order")
    assert acme.status(notice) == "delivered"
    found = acme.world.one("SELECT reference FROM message WHERE id = :id", id=notice)
    assert (len(found) if isinstance(kept, int) else found) == kept
