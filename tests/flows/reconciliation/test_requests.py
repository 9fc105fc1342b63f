"""What people decide about the remainder holds, is written down, and can be undone."""

from decimal import Decimal

import pytest

from hub.flows.reconciliation import cases, requests
from hub.model.errors import BadData, IllegalTransition
from hub.states.chargeback import Event
from tests.flows.reconciliation.till import Till, line


def decide(till: Till, reference: str, decision: str, note: str = "") -> None:
    (row,) = till.ids("provider_row", reference)
    with till.world.unit() as unit:
        requests.decide(unit, "theirs", row, decision, "ann", note)


def undo(till: Till, reference: str) -> None:
    (row,) = till.ids("provider_row", reference)
    with till.world.unit() as unit:
        requests.undo(unit, "theirs", row, "ann")


def ledger(till: Till) -> dict[str, Decimal]:
    """Account -> debits less credits of lost chargebacks."""
    rows = till.acme.rows(
        """SELECT line.account, sum(line.debit - line.credit) AS amount
        FROM entry JOIN entry_line AS line ON line.entry_id = entry.id
        WHERE entry.merchant_id = :merchant AND entry.reason = 'chargeback' GROUP BY 1"""
    )
    return {row.account: row.amount for row in rows}


def audited(till: Till) -> list[str]:
    return [
        row.action
        for row in till.acme.rows(
            "SELECT action FROM audit WHERE chain = :merchant ORDER BY number"
        )
    ]


def test_each_decision_is_audited_and_undone(till: Till) -> None:
    till.report("R1", line("sub", "0", "39.00", kind="fee"))
    decide(till, "sub", "accept")
    assert till.theirs() == [("sub", "accepted", "fee_without_order")]
    with pytest.raises(IllegalTransition):
        decide(till, "sub", "accept")
    undo(till, "sub")
    assert till.theirs() == [("sub", "open", "fee_without_order")]
    with pytest.raises(IllegalTransition):
        undo(till, "sub")
    assert audited(till) == ["reconciliation.accept", "reconciliation.undo"]


def test_only_little_is_written_off_and_what_is_explained_has_words(till: Till) -> None:
    till.report("R1", line("big", "0", "39.00", kind="fee"), line("x", "3.00"))
    with pytest.raises(BadData) as above:
        decide(till, "big", "write_off")
    assert above.value.code == "above_the_limit"
    with pytest.raises(BadData):
        decide(till, "x", "explain")
    decide(till, "x", "write_off")
    decide(till, "big", "explain", "the yearly fee")
    assert [state for _, state, _ in till.theirs()] == ["explained", "written_off"]


def test_a_match_by_hand_may_differ_a_little_and_is_undone_whole(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.report("R1", line("t1", "20.00", channel_order_id="1"), line("t2", "9.00"))
    till.by_hand(["a"], ["t1", "t2"], "rounded by them")
    assert [state for _, state, _ in till.theirs()] == ["matched", "matched"]
    till.check()
    with pytest.raises(BadData):
        till.by_hand(["a"], ["t1"])
    undo(till, "t2")
    assert {state for _, state, _ in till.theirs()} == {"open"}
    assert [state for _, state, _ in till.ours()] == ["open"]
    till.report("R2", line("t3", "1.00"))
    assert till.rules() == []


def test_what_differs_too_much_is_not_matched_by_hand(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.report("R1", line("t", "10.00", channel_order_id="1"))
    with pytest.raises(BadData) as refused:
        till.by_hand(["a"], ["t"])
    assert refused.value.code == "amount_differs"


def test_an_undone_match_is_left_to_people(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.report("R1", line("a", "30.00"))
    undo(till, "a")
    with till.world.unit() as unit:
        assert requests.match_again(unit, till.acme.code, "ann") == 0
    till.by_hand(["a"], ["a"])
    assert till.rules() == ["by_hand"]


def test_a_case_that_is_lost_is_a_loss(till: Till) -> None:
    till.report("R1", line("cb", "-30.00", kind="chargeback"))
    (case,) = till.cases()
    with till.world.unit() as unit:
        assert cases.ask(unit, case.id, Event.SEND_EVIDENCE, "ann", "signed for") == "evidence"
    with till.world.unit() as unit:
        assert cases.ask(unit, case.id, Event.LOSE, "ann", "") == "lost"
    assert till.theirs() == [("cb", "accepted", "chargeback")]
    with till.world.unit() as unit, pytest.raises(IllegalTransition):
        cases.ask(unit, case.id, Event.SEND_EVIDENCE, "ann", "")
    assert ledger(till) == {
        "merchant.chargebacks": Decimal(30),
        "merchant.receivable": Decimal(-30),
        "operator.payable": Decimal(30),
        "operator.receivable": Decimal(-30),
    }


def test_what_was_never_earned_is_not_lost(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.report("R1", line("cb", "-30.00", kind="chargeback", channel_order_id="1"))
    (case,) = till.cases()
    with till.world.unit() as unit:
        assert cases.ask(unit, case.id, Event.LOSE, "ann", "") == "lost"
    assert ledger(till) == {}
