"""What warehouses received is booked once, in any order, and how it differs is flagged."""

from collections.abc import Callable
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from tests.flows.inbound.goods import Dock
from tests.kit.catalogue import goods_receipt

DONE, KNOWN = ("done", ""), ("ignored", "repeated")


def test_a_notice_is_told_to_its_warehouse_and_its_pieces_are_expected(dock: Dock) -> None:
    assert dock.announce() == [DONE]
    assert (dock.status(), dock.open()) == ("notified", {"A": 10, "B": 5})
    assert dock.told() == [(dock.wh, "inbound_notice")]
    dock.world.run()
    ((kind, _, document),) = dock.acme.at_wh.told
    assert (kind, document.business_id) == ("inbound_notice", "PO-1")
    assert dock.stock() == {}
    dock.check()


def test_staged_receipts_add_up_and_the_last_one_ends_it(dock: Dock) -> None:
    dock.announce()
    assert dock.receive("g1", pieces={"A": 4}, complete=False) == [DONE]
    assert (dock.status(), dock.stock(), dock.open()) == ("receiving", {"A": 4}, {"A": 6, "B": 5})
    assert dock.receive("g2", pieces={"A": 6, "B": 5}) == [DONE]
    assert (dock.status(), dock.stock(), dock.open()) == ("received", {"A": 10, "B": 5}, {})
    assert dock.booked() == [("A", Decimal(4)), ("A", Decimal(6)), ("B", Decimal(5))]
    assert dock.differences() == []
    assert dock.told()[1:] == [(dock.acme.at_erp.code, "goods_receipt")] * 2
    dock.check()


def test_a_part_that_leaves_nothing_open_is_the_last_one(dock: Dock) -> None:
    dock.announce()
    dock.receive("g1", pieces={"A": 10, "B": 5}, complete=False)
    assert (dock.status(), dock.differences()) == ("received", [])
    dock.check()


def test_the_same_receipt_again_is_booked_once_also_within_a_batch(dock: Dock) -> None:
    dock.announce()
    one = goods_receipt("PO-1", "g1", pieces={"A": 4}, complete=False)
    assert dock.take(one, one) == [DONE, KNOWN]
    later = {**one, "received_at": "2026-11-25T12:00:00Z"}
    assert dock.take(one, later) == [KNOWN, KNOWN]
    assert dock.stock() == {"A": 4}
    dock.check()


def test_one_id_with_other_lines_is_another_receipt(dock: Dock) -> None:
    dock.announce()
    dock.receive("g1", pieces={"A": 4}, complete=False)
    assert dock.receive("g1", pieces={"A": 6}, complete=False) == [DONE]
    assert dock.stock() == {"A": 10}
    dock.check()


RECEIPTS = [
    {"number": "g1", "pieces": {"A": 4}, "complete": False},
    {"number": "g2", "lines": [{"sku": "A", "quantity": "2", "quality": "defective"}]},
    {"number": "g3", "pieces": {"B": 7, "C": 1}, "complete": False},
]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_receipts_in_any_order_end_alike(dock: Dock, order: tuple[int, ...]) -> None:
    dock.announce()
    for at in (*order, *reversed(order)):
        dock.receive(**RECEIPTS[at])
    assert (dock.status(), dock.open()) == ("received", {})
    assert dock.levels() == {
        (dock.wh, "A", "good"): 4,
        (dock.wh, "A", "defective"): 2,
        (dock.wh, "B", "good"): 7,
        (dock.wh, "C", "good"): 1,
    }
    assert dock.differences() == [
        ("damaged", "A", 2),
        ("over", "B", 2),
        ("short", "A", 4),
        ("wrong_sku", "C", 1),
    ]
    dock.check()


def test_a_correction_after_the_last_one_is_booked_and_heals_what_was_short(dock: Dock) -> None:
    dock.announce()
    dock.receive("g1", pieces={"A": 7, "B": 5})
    assert dock.differences() == [("short", "A", 3)]
    assert dock.receive("g2", pieces={"A": 3}, complete=False) == [DONE]
    assert (dock.status(), dock.stock()["A"], dock.differences()) == ("received", 10, [])
    dock.check()


def test_an_unknown_article_is_flagged_and_the_rest_is_booked(dock: Dock) -> None:
    dock.announce()
    assert dock.receive("g1", pieces={"A": 10, "B": 5, "NOBODYS": 2}) == [DONE]
    assert dock.stock() == {"A": 10, "B": 5}
    assert dock.differences() == [("unknown_sku", "NOBODYS", 2)]
    dock.check()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{"sku": "A", "quantity": "-1"}], "bad_quantity"),
        ([{"quantity": "1"}], "missing_field"),
        ([{"sku": "A", "quantity": "1"}, {"sku": "B", "quantity": "-5"}], "bad_quantity"),
    ],
)
def test_what_cannot_be_read_is_parked_and_changes_nothing(
    dock: Dock, lines: list[dict[str, Any]], code: str
) -> None:
    dock.announce()
    assert dock.receive(lines=lines) == [("parked", code)]
    assert (dock.status(), dock.levels()) == ("notified", {})
    assert dock.acme.rows("SELECT 1 FROM goods_receipt WHERE merchant_id = :merchant") == []


def test_an_absurd_number_is_booked_and_flagged_for_a_person(dock: Dock) -> None:
    dock.announce()
    dock.receive(pieces={"A": 1_000_000, "B": 5})
    assert dock.differences() == [("over", "A", 999_990)]
    dock.check()


def test_goods_that_nobody_announced_are_booked_where_they_are_known(dock: Dock) -> None:
    assert dock.receive("g1", "PO-9", pieces={"A": 3, "NOBODYS": 1}) == [DONE]
    assert dock.receive("g1", "PO-9", pieces={"A": 3, "NOBODYS": 1}) == [KNOWN]
    assert dock.stock() == {"A": 3}
    assert dock.differences() == [("unannounced", "A", 3), ("unknown_sku", "NOBODYS", 1)]
    assert dock.acme.incidents() == ["unannounced_receipt"]
    dock.check()


def test_a_receipt_before_its_notice_goes_under_it_and_is_booked_once(dock: Dock) -> None:
    dock.receive("g1", pieces={"A": 4, "C": 1}, complete=False)
    assert dock.announce() == [DONE]
    assert (dock.status(), dock.open()) == ("receiving", {"A": 6, "B": 5})
    assert dock.stock() == {"A": 4, "C": 1}
    assert dock.differences() == [("wrong_sku", "C", 1)]
    assert dock.receive("g1", pieces={"A": 4, "C": 1}, complete=False) == [KNOWN]
    dock.receive("g2", pieces={"A": 6, "B": 5})
    assert (dock.status(), dock.stock()) == ("received", {"A": 10, "B": 5, "C": 1})
    dock.check()


@pytest.mark.parametrize("status", ["draft", "closed", "cancelled"])
def test_goods_for_a_notice_that_takes_none_are_kept_and_a_person_decides(
    dock: Dock, status: str
) -> None:
    dock.announce()
    dock.acme.rows(
        "UPDATE inbound_notice SET status = :s WHERE merchant_id = :merchant RETURNING 1", s=status
    )
    dock.acme.rows("UPDATE inbound_line SET open = 0 WHERE merchant_id = :merchant RETURNING 1")
    assert dock.receive(pieces={"A": 3}) == [("ignored", "contradiction")]
    assert dock.receive(pieces={"A": 3}) == [KNOWN]
    assert (dock.status(), dock.levels()) == (status, {})
    assert dock.differences() == [("not_booked", "A", 3)]
    assert dock.acme.incidents() == ["contradiction"]
    dock.check()


def test_goods_of_another_merchant_are_not_touched(new_dock: Callable[..., Dock]) -> None:
    dock, other = new_dock(), new_dock(THEIRS=0)
    dock.announce()
    assert other.receive("g1", "PO-1", pieces={"A": 3}) == [DONE]  # A is none of theirs
    assert (dock.status(), dock.levels(), other.levels()) == ("notified", {}, {})
    assert other.differences() == [("unknown_sku", "A", 3)]
    stolen = dock.notice("PO-2", merchant=dock.acme.code)
    assert dock.take(stolen, by=other.acme.at_erp.code) == [("parked", "wrong_merchant")]


def test_who_is_no_warehouse_received_nothing(dock: Dock) -> None:
    dock.announce()
    receipt = goods_receipt("PO-1", "g1", pieces={"A": 3})
    assert dock.take(receipt, by=dock.acme.at_erp.code) == [("parked", "contradiction")]
    assert dock.levels() == {}


def test_a_batch_of_many_notices_and_receipts_asks_as_much_as_one(dock: Dock) -> None:
    many = [dock.notice(f"PO-{n}", lines=[("A", 2)]) for n in range(40)]
    assert dock.take(*many) == [DONE] * 40
    receipts = [goods_receipt(f"PO-{n}", f"g{n}", pieces={"A": 2}) for n in range(40)]
    assert dock.take(*receipts) == [DONE] * 40
    assert dock.stock() == {"A": 80}
    dock.check()
