"""A month of orders, returns, exchanges, credit notes and entries in a real Tryton: what its posted
moves come to, account by account, is what the documents come to, to the cent.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random

import pytest

from adapters.kit.samples import sample
from adapters.ports import Parts
from hub.model.document import Document, Source
from hub.model.money import round_to
from hub.model.order import Refund, SalesOrder
from tests.adapters.tryton.builders import back, line, order, refund, shipment
from tests.adapters.tryton.conftest import Books, adapter
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.slow]
D = Decimal
ORDERS = 4
Sums = dict[str, Decimal]


def told(random: Random) -> Iterator[Document]:
    """A month: what is sold leaves; of some a piece comes back, is exchanged, or is forgiven."""
    for number in range(ORDERS):
        name, price = f"month-{number}", D(random.randrange(100, 20_000)) / 100
        lines = [line("SKU-0003", random.randrange(1, 5), str(price))]
        if number % 3 == 0:
            lines.append(line("SKU-0004", 2, f"{random.randrange(1, 50) * 2}.00", "0.055"))
        sold = order(name, *lines)
        yield sold
        yield shipment(sold, f"{name}-s")
        if number % 4 == 1:
            yield _one_back(sold, "R1")
            yield _arrived(sold)
        if number % 4 == 2:  # an exchange: the piece is credited, another is sold
            yield _one_back(sold, "X1")
            other = order(f"{name}-exchange", line("SKU-0005", 1, str(price)))
            yield other
            yield shipment(other, f"{name}-x")
        if number % 5 == 3:
            yield refund(sold, "G1", "1.23")


def _one_back(sold: SalesOrder, name: str) -> Refund:
    price = sold.lines[0].unit_price
    tax = round_to(price * D("0.20"), "EUR")
    returned = back("SKU-0003", 1, str(price), str(tax), restock=True)
    return refund(sold, name, str(price + tax), returned, tax=tax)


def _arrived(sold: SalesOrder) -> Document:
    return sample(
        "return_receipt",
        receipt_id=f"{sold.channel_order_id}-back",
        channel_order_id=sold.channel_order_id,
        lines=[{"sku": "SKU-0003", "quantity": 1}],
    )


def _entry(name: str, lines: list[tuple[str, str, str]]) -> Document:
    sides = [{"account": code, "debit": debit, "credit": credit} for code, debit, credit in lines]
    source = Source(connection="hub", id=f"month-{name}").model_dump()
    return sample("journal_entry", source=source, entry_id=f"month-{name}", lines=sides)


def ours(documents: list[Document]) -> Sums:
    """What the documents come to: receivable, revenue and tax, and the entries' own accounts."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for document in documents:
        match document:
            case SalesOrder(totals=totals):
                sums["receivable"] += totals.grand_total
                sums["revenue"] -= totals.grand_total - totals.tax
                sums["tax"] -= totals.tax
            case Refund():
                sums["receivable"] -= document.amount
                sums["revenue"] += document.amount - document.tax
                sums["tax"] += document.tax
    return dict(sums)


def theirs(books: Books) -> Sums:
    """Debits less credits of all posted lines, by account."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    posted = [["move.state", "=", "posted"]]
    for row in books.read("account.move.line", posted, "account", "debit", "credit"):
        sums[str(row["account"])] += row["debit"] - row["credit"]
    return dict(sums)


def test_the_books_of_a_month_are_equal_to_the_cent(
    tryton_server: TrytonServer, books: Books
) -> None:
    named = accounts(books)
    erp: Parts = adapter(tryton_server, invoice_on="shipment", entry_party="OH-MONTH")
    books.rpc.call("party.party", "create", [{"name": "A marketplace", "code": "OH-MONTH"}])
    before = theirs(books)
    documents = list(told(Random(7)))  # noqa: S311  # a month that is the same each time
    payout = _entry(
        "payout", [(named["cash"][1], "95.10", "0"), (named["receivable"][1], "0", "95.10")]
    )
    for document in [*documents, payout]:
        erp.send(document, "k")
    after = theirs(books)
    moved = {
        role: after.get(number, D(0)) - before.get(number, D(0))
        for role, (number, _) in named.items()
    }
    expected = ours(documents) | {"cash": D("95.10")}
    expected["receivable"] -= D("95.10")
    assert moved == expected
    others = {
        number: amount - before.get(number, D(0))
        for number, amount in after.items()
        if number not in {number for number, _ in named.values()}
    }
    assert not any(others.values())
    assert sum(moved.values()) == 0
    assert all(erp.find(document) is not None for document in documents[:6])


def accounts(books: Books) -> dict[str, tuple[str, str]]:
    """Number and code of the accounts that sales, taxes and the bank are booked to."""
    (root,) = books.read("account.configuration", [], "id")
    fields = ["default_account_receivable", "default_category_account_revenue"]
    row = books.rpc.call("account.configuration", "read", [root["id"]], fields)[0]
    rows = books.read("account.account", [["type", "!=", None]], "code")
    codes = {str(it["id"]): str(it["code"]) for it in rows}
    by_code = {code: number for number, code in codes.items()}
    receivable, revenue = (str(row[field]) for field in fields)
    return {
        "receivable": (receivable, codes[receivable]),
        "revenue": (revenue, codes[revenue]),
        "tax": (by_code["6.3.6"], "6.3.6"),
        "cash": (by_code["1.1.1"], "1.1.1"),
    }
