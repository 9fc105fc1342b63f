"""What providers report is matched with what is expected, and what is left is said why."""

from decimal import Decimal

from tests.flows.reconciliation.till import Till, line, report

DONE = ("done", "")


def test_a_payment_is_matched_by_its_reference(till: Till) -> None:
    till.sold(1, ("ch_1", "30.00"))
    assert till.report("R1", line("ch_1", "30.00", "0.90")) == DONE
    assert till.theirs() == [("ch_1", "matched", None)]
    assert till.ours() == [("ch_1", "matched", Decimal(30))]
    assert till.rules() == ["reference"]
    assert till.ours("payout") == [("PAY-R1", "open", Decimal("29.1"))]


def test_an_order_is_found_by_its_number_or_the_channels_id(till: Till) -> None:
    till.sold(1, (None, "30.00"))
    till.sold(2, (None, "30.00"))
    lines = (line("x", "30.00", channel_order_id="1"), line("y", "30.00", channel_order_id="#2"))
    assert till.report("R1", *lines) == DONE
    assert {state for _, state, _ in till.theirs()} == {"matched"}


def test_many_lines_of_an_order_are_one_payment_and_its_fees_are_attached(till: Till) -> None:
    till.sold(1, ("p", "30.00"))
    lines = [line(f"l{n}", "10.00", channel_order_id="1") for n in range(3)]
    fee = line("f", "0", "1.20", kind="fee", channel_order_id="1")
    assert till.report("R1", *lines, fee) == DONE
    assert [state for _, state, _ in till.theirs()] == ["matched"] * 3 + ["attached"]
    assert till.rules() == ["order_sum"]


def test_partial_captures_are_matched_one_by_one_and_a_later_report_brings_the_rest(
    till: Till,
) -> None:
    till.sold(1, ("c1", "10.00"), ("c2", "20.00"))
    till.report("R1", line("c1", "10.00"))
    assert [state for _, state, _ in till.ours()] == ["matched", "open"]
    till.report("R2", line("c2", "20.00"))
    assert till.rules() == ["reference", "reference"]


def test_one_capture_may_pay_several_orders(till: Till) -> None:
    till.sold(1, ("cart", "30.00"))
    till.sold(2, ("cart", "30.00"))
    till.report("R1", line("cart", "60.00"))
    assert [state for _, state, _ in till.ours()] == ["matched", "matched"]
    assert till.rules() == ["reference_sum"]


def test_without_any_name_the_only_one_of_its_amount_near_in_time_is_meant(till: Till) -> None:
    till.sold(1, (None, "30.00"))
    till.report("R1", line("zz", "30.00"))
    assert till.rules() == ["amount_and_date"]
    till.sold(2, (None, "30.00"))
    till.sold(3, (None, "30.00"))
    till.report("R2", line("yy", "30.00"))
    assert till.theirs()[1] == ("yy", "open", "unknown")


def test_a_payout_reaches_the_bank(till: Till) -> None:
    till.sold(1, ("ch_1", "30.00"))
    till.report("R1", line("ch_1", "30.00", "0.90"))
    payout = line("PAY-R1", "29.10", kind="payout")
    bank = {"provider": "bank", "payout": None}
    assert till.report("B1", payout, **bank) == DONE
    assert till.ours("payout") == [("PAY-R1", "matched", Decimal("29.1"))]


def test_what_is_left_is_said_why(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.sold(2, ("b", "30.00"), currency="USD")
    till.sold(3, ("c", "30.00"))
    rows = {
        "a": (line("a", "29.00"), "amount_differs"),
        "b": (line("b", "28.00"), "currency"),
        "sub": (line("sub", "0", "39.00", kind="fee"), "fee_without_order"),
        "who": (line("who", "5.00", channel_order_id="nobody"), "unknown"),
        "old": (line("old", "5.00", channel_order_id="x", at="2026-10-01T00:00:00Z"), "late"),
        "cb": (line("cb", "-30.00", kind="chargeback", channel_order_id="3"), "chargeback"),
    }
    assert till.report("R1", *(it for it, _ in rows.values())) == DONE
    left = {reference: reason for reference, state, reason in till.theirs() if state == "open"}
    assert left == {reference: reason for reference, (_, reason) in rows.items()}
    assert [state for _, state, _ in till.ours()] == ["open"] * 3


def test_a_report_is_kept_once_and_a_changed_repeat_goes_to_a_person(till: Till) -> None:
    till.sold(1, ("ch_1", "30.00"))
    assert till.report("R1", line("ch_1", "30.00")) == DONE
    assert till.report("R1", line("ch_1", "30.00")) == ("ignored", "repeated")
    assert till.report("R1", line("ch_1", "31.00")) == ("ignored", "contradiction")
    assert len(till.theirs()) == 1
    (incident,) = till.acme.rows("SELECT kind FROM incident WHERE merchant_id = :merchant")
    assert incident.kind == "contradiction"


def test_totals_that_lie_book_nothing(till: Till) -> None:
    lines = (line("a", "10.00"), line("b", "10.00"))
    for wrong in (
        report("R1", *lines, payout={"reference": "P", "amount": "30.00"}),
        report("R1", *lines, line("b", "10.00"), payout={"reference": "P", "amount": "20.00"}),
        report("R1", *lines, opening="1.00"),
        report("R1", {**line("a", "10.00", "1.00"), "net": "10.00"}),
        report("R1", *lines, payout=None, opening="5.00", closing="20.00"),
    ):
        assert till.take(wrong) == ("parked", "totals_mismatch")
    assert till.theirs() == []


def test_a_period_that_overlaps_tells_nothing_twice(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    fee = line("f", "0", "1.00", kind="fee", channel_order_id="1")
    till.report("R1", line("a", "30.00"), fee)
    till.report("R2", line("a", "30.00"), fee, line("b", "7.00", channel_order_id="9"))
    assert till.theirs()[2:] == [
        ("a", "open", "duplicate"),
        ("f", "open", "duplicate"),
        ("b", "open", "unknown"),
    ]


def test_reports_of_one_transaction_are_kept_whole_and_tell_nothing_twice(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    told = till.take_all(
        report("R1", line("a", "30.00")),
        report("R2", line("a", "30.00"), line("b", "7.00", channel_order_id="9")),
        report("R1", line("a", "30.00")),
    )
    assert told == [("done", ""), ("done", ""), ("ignored", "repeated")]
    assert sorted(till.theirs(), key=str) == [
        ("a", "matched", None),
        ("a", "open", "duplicate"),
        ("b", "open", "unknown"),
    ]
    rows = till.acme.rows(
        "SELECT line_no, gross, net, currency, report_id IS NOT NULL AS of_report"
        " FROM provider_row WHERE merchant_id = :merchant AND reference = 'b'"
    )
    assert [tuple(row) for row in rows] == [(2, 7, 7, "EUR", True)]


def test_a_line_that_is_doubled_within_true_totals_is_named(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.report("R1", line("a", "30.00"), line("a", "30.00"))
    assert sorted(state for _, state, _ in till.theirs()) == ["matched", "open"]
    assert [reason for _, state, reason in till.theirs() if state == "open"] == ["duplicate"]


def test_a_refund_may_come_before_its_sale(till: Till) -> None:
    back = line("re_1", "-5.00", kind="refund", channel_order_id="1")
    till.report("R1", back)
    assert till.theirs() == [("re_1", "open", "unknown")]
    till.sold(1, ("a", "30.00"))
    till.refunded("r1", 1, "5.00", "re_1")
    till.report("R2", line("a", "30.00"))
    assert [state for _, state, _ in till.theirs()] == ["matched", "matched"]


def test_mixed_currencies_are_summed_apart(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.sold(2, ("b", "30.00"), currency="USD")
    assert till.report("R1", line("a", "30.00"), line("b", "30.00", currency="USD")) == DONE
    assert [state for _, state, _ in till.theirs()] == ["matched", "matched"]


def test_an_order_that_is_told_anew_expects_what_is_left(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.sold(1, ("a", "20.00"), ("b", "10.00"), minute=5)
    assert till.ours() == [("a", "open", Decimal(20)), ("b", "open", Decimal(10))]
    till.report("R1", line("a", "20.00"))
    till.sold(1, ("a", "20.00"), ("c", "10.00"), minute=6)
    assert till.ours() == [("a", "matched", Decimal(20)), ("c", "open", Decimal(10))]
    till.sold(1, ("a", "30.00"), minute=7)
    assert till.ours()[1:] == [(None, "open", Decimal(10))]


def test_a_chargeback_is_a_case_and_its_reversal_wins_it(till: Till) -> None:
    till.sold(1, ("a", "30.00"))
    till.report("R1", line("a", "30.00"))
    till.report("R2", line("cb", "-30.00", "15.00", kind="chargeback", channel_order_id="1"))
    assert [(it.status, it.amount) for it in till.cases()] == [("open", Decimal(-30))]
    till.report("R3", line("cr", "30.00", kind="chargeback", channel_order_id="1"))
    assert [it.status for it in till.cases()] == ["won"]
    assert {state for _, state, _ in till.theirs()} == {"matched"}


def test_a_payment_is_known_by_what_the_provider_calls_it_or_by_what_is_given_back(
    till: Till,
) -> None:
    till.sold(1, ("ch_1", "30.00"))
    till.refunded("r1", 1, "5.00", None)
    sale = line("txn_1", "30.00", transaction="ch_1")
    back = line("txn_2", "-5.00", kind="refund", transaction="re_9", original="ch_1")
    changed = line("txn_3", "1.00", kind="conversion")
    till.report("R1", sale, back, changed)
    assert [state for _, state, _ in till.theirs()] == ["matched", "matched", "attached"]


def test_a_payout_that_was_told_in_one_form_is_not_told_again_in_another(till: Till) -> None:
    till.sold(1, ("ch_1", "30.00"))
    whole = {"accounts_for": "P1", "form": "payouts"}
    assert till.report("P1", line("ch_1", "30.00"), **whole) == DONE
    parts = {"accounts_for": "P1", "form": "actions", "payout": None}
    assert till.report("P1-a", line("act_1", "30.00"), **parts) == ("ignored", "contradiction")
    assert till.report("P2-a", line("act_2", "5.00"), **{**parts, "accounts_for": "P2"}) == DONE
    assert till.report("P2-b", line("act_3", "6.00"), **{**parts, "accounts_for": "P2"}) == DONE
    assert till.report("P1", line("ch_1", "30.00"), **whole) == ("ignored", "repeated")
    assert [name for name, _, _ in till.theirs()] == ["ch_1", "act_2", "act_3"]
