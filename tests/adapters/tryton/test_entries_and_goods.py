"""Entries and goods in a real Tryton: booked once, found again, refused with its reasons."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.kit.samples import sample
from adapters.ports import Parts, Receipt
from hub.model.document import Document
from hub.model.errors import AlreadyDone, NeedsPerson, Rejected
from tests.adapters.tryton.builders import back, line, order, refund, shipment
from tests.adapters.tryton.conftest import Books, adapter
from tests.peers.tryton import TrytonServer

pytestmark = pytest.mark.peer("tryton")
D = Decimal
CASH = "1.1.1"


@pytest.fixture(scope="module")
def clerk(tryton_server: TrytonServer, books: Books) -> Parts:
    """A connection that books entries for one party, and returns when goods arrive."""
    books.rpc.call("party.party", "create", [{"name": "Marketplace", "code": "MARKET"}])
    return adapter(tryton_server, entry_party="MARKET", returns="receipt")


@pytest.fixture(scope="module")
def accounts(books: Books) -> dict[str, str]:
    """Codes of a receivable and of a revenue account."""
    rows = books.read("account.account", [["code", "!=", None]], "code", "party_required")
    return {
        "receivable": next(str(row["code"]) for row in rows if row["party_required"]),
        "cash": CASH,
    }


def entry(name: str, *lines: tuple[str, str, str], **changes: Any) -> Document:
    sides = [{"account": code, "debit": debit, "credit": credit} for code, debit, credit in lines]
    source = {"connection": "hub", "id": name}
    return sample(
        "journal_entry",
        source=source,
        entry_id=name,
        lines=sides,
        **{"date": "2026-11-20T09:30:00Z", **changes},
    )


def test_an_entry_is_posted_once(clerk: Parts, books: Books, accounts: dict[str, str]) -> None:
    told = entry("once", (CASH, "95.10", "0"), (accounts["receivable"], "0", "95.10"))
    assert clerk.find(told) is None
    receipt = clerk.send(told, "k")
    (move,) = books.read("account.move", [["description", "=", "hub/entry/once"]], "state", "lines")
    rows = books.read("account.move.line", [["move", "=", move["id"]]], "debit", "credit", "party")
    assert move["state"] == "posted"
    assert [(row["debit"], row["credit"], bool(row["party"])) for row in rows] == [
        (D("95.10"), D(0), False),
        (D(0), D("95.10"), True),
    ]
    assert clerk.find(told) == receipt
    with pytest.raises(AlreadyDone) as again:
        clerk.send(told, "k")
    assert again.value.reference == receipt.reference


def test_an_entry_that_was_left_as_a_draft_is_posted(clerk: Parts, books: Books) -> None:
    told = entry("draft", (CASH, "1.00", "0"), (CASH, "0", "1.00"))
    clerk.send(told, "k")
    (move,) = books.read("account.move", [["description", "=", "hub/entry/draft"]], "period")
    lines = [["create", [{"account": _cash(books), "debit": D("2.00"), "credit": D(0)}]]]
    values = {"company": 1, "journal": _journal(books), "period": move["period"]}
    moved = {**values, "date": told.date.date(), "description": "hub/entry/left"}
    other = {"account": _cash(books), "debit": D(0), "credit": D("2.00")}
    lines[0][1].append(other)  # type: ignore[union-attr]  # a list of lines
    books.rpc.call("account.move", "create", [{**moved, "lines": lines}])
    left = entry("left", (CASH, "2.00", "0"), (CASH, "0", "2.00"))
    assert clerk.find(left) is None
    clerk.send(left, "k")
    (now,) = books.read("account.move", [["description", "=", "hub/entry/left"]], "state")
    assert now["state"] == "posted"


@pytest.mark.parametrize(
    ("changes", "kind", "path"),
    [
        ({"date": "2031-01-01T00:00:00Z"}, NeedsPerson, "date"),
        ({"currency": "USD"}, Rejected, "currency"),
        ({"account": "no such"}, NeedsPerson, "lines.0"),
    ],
)
def test_what_cannot_be_booked_is_said_and_nothing_is_made(
    clerk: Parts, books: Books, changes: dict[str, Any], kind: type[Exception], path: str
) -> None:
    account = changes.pop("account", CASH)
    told = entry("never", (account, "1.00", "0"), (CASH, "0", "1.00"), **changes)
    with pytest.raises(kind) as raised:
        clerk.send(told, "k")
    assert getattr(raised.value, "path", "") == path
    assert books.read("account.move", [["description", "=", "hub/entry/never"]]) == []


GOODS = {
    "a purchase": ("goods_receipt", {"lines": [{"sku": "SKU-0001", "quantity": 4}]}, 4),
    "a return": (
        "return_receipt",
        {
            "lines": [
                {"sku": "SKU-0001", "quantity": 2},
                {"sku": "SKU-0001", "quantity": 1, "quality": "defective"},
            ]
        },
        2,
    ),
    "a count of more": ("stock_change", {"lines": [{"sku": "SKU-0001", "delta": 3}]}, 3),
    "a count of fewer": ("stock_change", {"lines": [{"sku": "SKU-0001", "delta": -2}]}, -2),
}


@pytest.mark.parametrize("name", list(GOODS))
def test_goods_are_booked_once(clerk: Parts, books: Books, name: str) -> None:
    kind, changes, expected = GOODS[name]
    own = {"change_id": name} if kind == "stock_change" else {"receipt_id": name}
    told = sample(kind, **own, **changes)
    before = _on_hand(books)
    assert clerk.find(told) is None
    receipt = clerk.send(told, "k")
    assert _on_hand(books) - before == expected
    assert clerk.find(told) == receipt
    with pytest.raises(AlreadyDone):
        clerk.send(told, "k")
    assert _on_hand(books) - before == expected


def test_a_return_that_waits_since_the_refund_is_received(
    tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server)
    sold = order("waits", line("SKU-0002", 2, "10.00"))
    erp.send(sold, "k")
    erp.send(shipment(sold, "waits-1"), "k")
    arrived = {"receipt_id": "w-1", "lines": [{"sku": "SKU-0002", "quantity": 1}]}
    early = sample("return_receipt", **arrived, channel_order_id="waits")
    nothing = Receipt("not told: the refund brings these goods back")
    assert erp.send(early, "k") == nothing
    erp.send(refund(sold, "W1", "12.00", back("SKU-0002", 1, "10.00", "2.00", restock=True)), "k")
    before = _on_hand(books, "SKU-0002")
    receipt = erp.send(early, "k")
    assert _on_hand(books, "SKU-0002") - before == 1
    assert erp.find(early) == receipt != nothing


def _on_hand(books: Books, sku: str = "SKU-0001") -> Decimal:
    """Pieces in the warehouse: what went in less what went out."""
    (place,) = books.read("stock.location", [["code", "=", "WH"]], "id")
    (product,) = books.read("product.product", [["code", "=", sku]], "id")
    within = [["parent", "child_of", [place["id"]]]]
    inside = {row["id"] for row in books.read("stock.location", within)}
    done = [["product", "=", product["id"]], ["state", "=", "done"]]
    rows = books.read("stock.move", done, "quantity", "from_location", "to_location")
    return sum(
        (
            row["quantity"] * ((row["to_location"] in inside) - (row["from_location"] in inside))
            for row in rows
        ),
        D(0),
    )


def _cash(books: Books) -> int:
    return int(books.read("account.account", [["code", "=", CASH]])[0]["id"])


def _journal(books: Books) -> int:
    return int(books.read("account.journal", [["code", "=", "MISC"]])[0]["id"])
