"""Documents in the books of an ERP that runs and reckons by itself, and what it says changed."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.kit.samples import sample
from adapters.ports import Cursor
from adapters.soap_erp.telling import NO_VALUE, NOT_BILLED, NOT_TOLD
from hub.model.catalogue import read
from hub.model.errors import (
    AlreadyDone,
    BadData,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from hub.model.order import RefundLine, TaxLine
from tests.adapters.soap_erp.erp import NS, Refused, summed, text
from tests.adapters.tryton.builders import fee, line, order, refund, shipment, shipping

PAIRS = Path(__file__).parents[2] / "mappings" / "tryton" / "cases"
ORDERS = [json.loads(path.read_text("utf-8")) for path in sorted(PAIRS.glob("sale_*.in.json"))]
BACK = RefundLine(sku="CUP", quantity=1, amount=Decimal(10), tax=Decimal(2), restock=True)
YEN = line("CUP", 3, "333") | {
    "tax": Decimal(91),
    "total": Decimal(999),
    "tax_lines": (TaxLine(rate=Decimal("0.10"), amount=Decimal(91)),),
}


def small(number="1001", **changes):
    return order(number, line("CUP", 2, "10.00"), shipping=(shipping("4.90"),), **changes)


@pytest.mark.parametrize(
    "given",
    [
        small(fees=(fee("2.00", "0.40"),), rounding="-0.03"),
        order("8", YEN, currency="JPY", prices_include_tax=True),
        order("5", line("CUP", 3, "3.33", cancelled_quantity=1)),
        order("big", *(line(f"S-{n}", n % 7 + 1, f"{n}.99", discount="0.07") for n in range(500))),
        *(read(tree["type"], tree | {"test": False}) for tree in ORDERS),
    ],
    ids=["EUR", "JPY", "cancelled pieces", "500 lines", *"abcd"],
)
def test_the_erps_own_sum_of_lines_is_the_total(erp, books, given):
    assert books.send(given, "key").reference == "SO-1"
    (kept,) = erp.kept.values()
    assert summed(kept) == Decimal(text(kept, "total")) == given.totals.grand_total
    assert (text(kept, "currency"), Decimal(text(kept, "tax"))) == (
        given.currency,
        given.totals.tax,
    )
    assert [operation for operation, _ in erp.calls] == ["PutSalesOrder"]


def test_each_answer_is_lost_and_what_was_told_is_there_and_known(erp, books):
    given = small()
    money = refund(given, "9", "17.88", BACK, tax=Decimal("2.98"), shipping_amount=Decimal("4.90"))
    documents = {"PutSalesOrder": given, "PutShipment": shipment(given, "c-1"), "PutRefund": money}
    for operation, document in documents.items():
        assert books.find(document) is None
        erp.lose = [operation]
        with pytest.raises(OutcomeUnknown):
            books.send(document, "key")
        with pytest.raises(AlreadyDone) as done:
            books.send(document, "key")
        assert done.value.reference == books.find(document).reference
    numbers = [
        (document.get("number"), text(document, "reference")) for document in erp.kept.values()
    ]
    assert numbers == [
        ("SO-1", "shop-eu/1001"),
        ("SH-2", "wh-ams/c-1"),
        ("CN-3", "shop-eu/1001/refund/9"),
    ]
    _, left, credit = erp.kept.values()
    assert (text(left, "orderReference"), text(left, "orderComplete")) == ("shop-eu/1001", "true")
    assert left.findtext(f".//{{{NS}}}trackingNumber") == "TRACK-c-1"
    assert [text(it, "moves") for it in credit.iterfind(f"{{{NS}}}line")] == ["true", "false"]
    assert summed(credit) == Decimal("17.88")


def test_what_stands_there_otherwise_is_refused_and_named(erp, books):
    given, other = small(), small(fees=(fee("1.00", "0.20"),))
    books.send(given, "key")
    books.send(shipment(given, "c-1"), "key")
    for ask, words in (
        (lambda: books.find(other), "SO-1 is there with 29.88, told is 31.08"),
        (lambda: books.send(other, "key"), "SO-1 is there with 29.88, told is 31.08"),
        (
            lambda: books.find(shipment(given, "c-1", {"CUP": 1})),
            "SH-2 is there with 2 of CUP, told is 1 of CUP",
        ),
    ):
        with pytest.raises(Rejected) as refused:
            ask()
        assert (refused.value.code, str(refused.value)) == ("differs_at_partner", words)


def test_an_order_is_cancelled_there_and_nothing_is_credited_for_it(erp, books):
    given, gone = small(), small(state="cancelled")
    books.send(given, "key")
    assert books.find(gone) is None
    assert books.send(gone, "key").reference == books.find(gone).reference == "SO-1"
    with pytest.raises(Rejected):
        books.find(given)
    assert books.send(refund(given, "9", "29.88"), "key").reference == NOT_BILLED


def test_what_has_no_place_in_the_books_is_not_told(erp, books):
    assert books.send(small(test=True), "key").reference == NOT_TOLD
    nothing = refund(small(), "9", "0.00")
    assert books.send(nothing, "key") == books.find(nothing)
    assert books.find(nothing).reference == NO_VALUE
    assert erp.calls == []
    with pytest.raises(TryLater) as later:
        books.send(refund(small(), "9", "5.00"), "key")
    assert str(later.value) == "the ERP has no order shop-eu/1001 yet"


@pytest.mark.parametrize(
    ("code", "fate"),
    [("Busy", TryLater), ("Throttled", TryLater), ("BadData", BadData), ("Refused", Rejected)],
)
def test_each_refusal_has_its_fate(erp, books, code, fate):
    erp.fails = [Refused("s:Server", "no", code)]
    with pytest.raises(fate) as raised:
        books.send(small(), "key")
    assert (type(raised.value), erp.kept) == (fate, {})


def test_a_duplicate_that_is_not_shown_is_refused(erp, books):
    erp.fails = [Refused("s:Client", "here", "Duplicate")]
    with pytest.raises(Rejected, match="has shop-eu/1001 already, and shows it otherwise"):
        books.send(small(), "key")


@pytest.mark.parametrize("security", ["basic", "username_token", "username_digest"])
def test_the_hub_proves_itself_in_three_ways(erp, connected, security):
    books = connected(security=security)
    books.check()
    assert books.send(small(), "key").reference == "SO-1"
    with pytest.raises(NotAuthorised) as refused:
        connected(security=security, password="other-hush").send(small("1002"), "key")
    assert "hush" not in str(refused.value)
    assert len(erp.kept) == 1


HOURS = ("09:00:00Z", "11:00:00+01:00", "10:00:00Z", "10:00:00Z", "12:30:00Z")


@pytest.mark.parametrize(
    ("topic", "name", "fields", "expected"),
    [
        (
            "items",
            "item",
            {"title": "A cup", "active": "false", "weightGrams": "340"},
            {"sku": "CUP-0", "status": "archived", "weight_g": 340},
        ),
        (
            "stock",
            "stock",
            {"warehouse": "wh-ams", "onHand": "7"},
            {"warehouse": "wh-ams", "report_id": "wh-ams/CUP-0/2026-11-24T09:00:00Z/7"},
        ),
    ],
)
def test_what_changed_is_listed_once_by_time_and_page(erp, books, topic, name, fields, expected):
    for number, hour in enumerate(HOURS):
        changed = {"changedAt": f"2026-11-24T{hour}", "sku": f"CUP-{number}"}
        erp.changes[name].append(changed | fields)
    pages = list(books.list(topic, Cursor()))
    listed = [change for page in pages for change in page.changes]
    keys = [change.delivery.key.rpartition("/")[2] for change in listed]
    assert keys == [f"CUP-{number}" for number in range(5)]
    documents = [books.decode(name, change.raw)[0] for change in listed]
    assert [it.source.occurred_at.hour for it in documents] == [9, 10, 10, 10, 12]
    shown = documents[0].model_dump()
    assert {field: shown[field] for field in expected} == expected
    assert next(books.list(topic, pages[-1].after)).changes == listed[-1:]


ENTRY = {"lines": [{"account": "1000", "debit": "10.00"}, {"account": "4000", "credit": "10.00"}]}
GONE = {"lines": [{"sku": "CUP", "delta": -2}, {"sku": "TEA", "delta": 1}]}
RETURNED = {
    "lines": [{"sku": "CUP", "quantity": 1}, {"sku": "CUP", "quantity": 2, "quality": "second"}]
}


@pytest.mark.parametrize(
    ("kind", "changes", "number"),
    [
        ("journal_entry", ENTRY, "JE-1"),
        ("goods_receipt", {}, "GR-1"),
        ("return_receipt", RETURNED, "GR-1"),
        ("stock_change", GONE, "GR-1"),
    ],
)
def test_an_entry_and_goods_are_booked_once_though_the_answer_is_lost(
    erp, books, kind, changes, number
):
    told = sample(kind, **changes)
    assert books.find(told) is None
    erp.lose = ["PutJournalEntry" if kind == "journal_entry" else "PutGoods"]
    with pytest.raises(OutcomeUnknown):
        books.send(told, "key")
    assert books.find(told).reference == number
    with pytest.raises(AlreadyDone) as again:
        books.send(told, "key")
    assert (again.value.reference, len(erp.kept)) == (number, 1)


def test_what_is_there_otherwise_is_a_persons(erp, books):
    books.send(sample("journal_entry"), "key")
    twice = [{"account": "1000", "debit": "20.00"}, {"account": "4000", "credit": "20.00"}]
    with pytest.raises(Rejected, match="20"):
        books.find(sample("journal_entry", lines=twice))
    books.send(sample("goods_receipt"), "key")
    with pytest.raises(Rejected, match="7 of CUP"):
        books.find(sample("goods_receipt", lines=[{"sku": "CUP", "quantity": 7}]))


def test_pieces_that_are_missing_are_not_told(books):
    missing = [{"sku": "CUP", "quantity": 1, "quality": "missing"}]
    told = sample("return_receipt", lines=missing)
    assert books.send(told, "key").reference == "nothing to book: no pieces moved"
