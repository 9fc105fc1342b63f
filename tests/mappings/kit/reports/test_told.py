"""What a report says of itself is held against its lines."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hub.model.errors import BadData
from mappings.kit import Context, code_lists
from mappings.kit.reports.told import Total, check, kind_of, line, report

AT = Context("money", codes=code_lists("amazon_settlement"))
DAY = datetime(2026, 11, 24, tzinfo=UTC)


def told(reference="1", kind="sale", gross="10.00", fee="0.30", net="9.70", currency="eur"):
    return line(
        "line 2",
        reference=reference,
        kind=kind,
        gross=Decimal(gross),
        fee=Decimal(fee),
        net=Decimal(net),
        currency=currency,
        at=DAY,
    )


def test_a_total_that_lies_is_named_with_both_figures():
    with pytest.raises(BadData, match=r"says 12\.00, its lines come to 9\.70") as caught:
        check(
            [
                Total("footer.net", Decimal("12.00"), Decimal("9.70")),
                Total("footer.count", Decimal(1), Decimal(1)),
                Total("footer.fee", Decimal(0), Decimal("0.30")),
            ]
        )
    assert [problem.path for problem in caught.value.problems()] == ["footer.net", "footer.fee"]


def test_totals_that_hold_say_nothing():
    check([Total("net", Decimal("9.70"), Decimal("9.7"))])


def test_a_line_must_add_up():
    with pytest.raises(BadData, match=r"says 9\.07, 10\.00 less a fee of 0\.30 is 9\.70") as caught:
        told(net="9.07")
    assert (caught.value.path, caught.value.code) == ("line 2.net", "totals_differ")


@pytest.mark.parametrize(
    ("kind", "gross", "fee", "net", "parts"),
    [
        ("sale", "10.00", "0.30", "9.70", ("10.00", "0.30", "9.70")),
        ("sale", "10.00", "-0.30", "9.70", ("10.00", "0.30", "9.70")),
        ("refund", "-10", "-0.3", "-9.7", ("-10.00", "-0.30", "-9.70")),
        ("fee", "-2.00", "0", "-2.00", ("0.00", "2.00", "-2.00")),
        ("fee", "0", "2.00", "-2.00", ("0.00", "2.00", "-2.00")),
        ("fee", "2.00", "0", "2.00", ("0.00", "-2.00", "2.00")),
    ],
)
def test_fees_of_either_sign_are_what_they_leave(kind, gross, fee, net, parts):
    read = told(kind=kind, gross=gross, fee=fee, net=net)
    assert tuple(map(str, (read.gross, read.fee, read.net))) == parts


def test_each_currency_keeps_its_own_places():
    assert str(told(gross="1200.0", fee="0", net="1200", currency="JPY").net) == "1200"


def test_a_line_stands_once():
    with pytest.raises(BadData) as caught:
        report(AT, "pay", "r", "EUR", [told(), told()])
    assert caught.value.code == "duplicate_line"


def test_without_a_period_a_report_is_of_the_time_of_its_lines():
    read = report(AT, "pay", "r", "EUR", [told()])
    assert (read.period.start, read.period.to) == (DAY, DAY)


def test_a_word_that_no_list_has_counts_as_an_adjustment_and_is_said():
    assert kind_of(AT, "order", "line 2") == "sale"
    before = len(AT.warnings)
    assert kind_of(AT, "Nobody's word", "line 3") == "adjustment"
    assert [it.code for it in AT.warnings[before:]] == ["unknown_kind"]
