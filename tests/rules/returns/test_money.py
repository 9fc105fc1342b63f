"""Money of returns to the cent: over any partial refunds the sum is what the line cost."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.catalogue import read
from hub.model.order import Refund, SalesOrder
from hub.model.returns import ExchangeLine, Return
from hub.rules.orders import order_totals
from hub.rules.returns import money, papers
from hub.rules.returns.money import Ask, Part, Wish
from hub.rules.returns.papers import Terms
from tests.kit.catalogue import DAY, sales_order

CENTS = st.integers(0, 99_999).map(lambda cents: Decimal(cents) / 100)


def bought(
    pieces: int, gross: Decimal, tax: Decimal, *, with_tax: bool, shipping: Decimal = Decimal(0)
) -> SalesOrder:
    """An order of one line that cost so much, whatever a piece's share of it is."""
    goods = gross if with_tax else gross - tax
    line = {
        "line_no": 1, "channel_line_id": "L1", "sku": "A", "quantity": str(pieces),
        "unit_price": str(goods), "discount": str(goods * (pieces - 1)), "tax": str(tax),
        "total": str(gross),
    }  # fmt: skip
    sent = {"price": str(shipping), "total": str(shipping)}
    total = str(gross + shipping)
    sums = {"items": str(goods * pieces), "tax": str(tax), "grand_total": total, "paid": total}
    tree = sales_order(1, lines=[line], shipping=[sent], totals=sums, prices_include_tax=with_tax)
    order = read("sales_order", tree)
    assert isinstance(order, SalesOrder)
    return order


def back() -> Return:
    document = read("return", {
        "type": "return", "source": {"connection": "shop", "id": "r"}, "return_id": "R1",
        "channel_order_id": "1", "requested_at": f"{DAY}T10:00:00Z",
        "lines": [{"sku": "A", "quantity": "1"}],
    })  # fmt: skip
    assert isinstance(document, Return)
    return document


def refunded(order: SalesOrder, refunds: list[Refund], ask: Ask) -> money.Priced:
    priced = money.price(order, money.account(order, refunds), ask)
    if priced.parts and not priced.faults:
        terms = Terms("R1", len(refunds) + 1, order.placed_at)
        refunds.append(papers.refund(back(), order, priced.parts, terms))
    return priced


@settings(max_examples=60)
@given(
    pieces=st.integers(1, 40),
    gross=CENTS,
    percent=st.integers(0, 30),
    parts=st.lists(st.integers(1, 7), min_size=1, max_size=40),
    with_tax=st.booleans(),
)
def test_over_any_partial_refunds_a_line_gives_back_what_it_cost(
    pieces: int, gross: Decimal, percent: int, parts: list[int], *, with_tax: bool
) -> None:
    tax = (gross * percent / 130).quantize(Decimal("0.01"))
    order, refunds = bought(pieces, gross, tax, with_tax=with_tax), list[Refund]()
    left = pieces
    for part in [*parts, pieces]:
        take = min(part, left)
        if take:
            priced = refunded(order, refunds, Ask([Wish(1, Decimal(take))]))
            assert not priced.faults
            left -= take
    assert left == 0 or refunds
    if not left:
        assert sum((it.amount for it in refunds), Decimal(0)) == gross
        assert sum((it.tax for it in refunds), Decimal(0)) == tax
    assert money.account(order, refunds).whole == (0 if not left else gross - _sum(refunds))


def _sum(refunds: list[Refund]) -> Decimal:
    return sum((it.amount for it in refunds), Decimal(0))


def test_a_piece_and_a_cent_more_than_is_left_are_faults() -> None:
    order = bought(3, Decimal("10.00"), Decimal("1.60"), with_tax=True, shipping=Decimal("4.90"))
    refunds: list[Refund] = []
    first = refunded(order, refunds, Ask([Wish(1, Decimal(1))]))
    assert (first.amount, first.tax) == (Decimal("3.33"), Decimal("0.53"))
    wrong: dict[str, Ask] = {
        "lines.0.quantity": Ask([Wish(1, Decimal(3))]),
        "lines.0.amount": Ask([Wish(1, amount=Decimal("6.68"))]),
        "lines.0.order_line_no": Ask([Wish(2, Decimal(1))]),
        "shipping": Ask(shipping=Decimal("4.91")),
        "goodwill": Ask(goodwill=Decimal("11.58")),
        "restocking_fee": Ask([Wish(1, Decimal(1))], restocking=Decimal("3.35")),
    }
    for path, ask in wrong.items():
        assert [it.path for it in refunded(order, refunds, ask).faults] == [path]
    whole = refunded(order, refunds, Ask([Wish(1, Decimal(2))], shipping=Decimal("4.90")))
    assert (whole.amount, _sum(refunds)) == (Decimal("11.57"), Decimal("14.90"))


@settings(max_examples=60)
@given(st.lists(CENTS, min_size=1, max_size=5), st.integers(0, 100))
def test_a_sum_of_two_keeps_every_cent_of_each_part(amounts: list[Decimal], percent: int) -> None:
    parts = [Part("line", it, it / 5, at, Decimal(1)) for at, it in enumerate(amounts)]
    parts = [Part(it.part, it.amount, it.tax.quantize(Decimal("0.01")), it.order_line, it.pieces)
             for it in parts]  # fmt: skip
    whole = sum(amounts, Decimal(0))
    first = (whole * percent / 100).quantize(Decimal("0.01"))
    goods, rest = papers.shared(parts, first, "EUR")
    assert sum((it.amount for it in goods), Decimal(0)) == (first if whole else 0)
    for part in parts:
        mine = [it for it in [*goods, *rest] if it.order_line == part.order_line]
        assert sum((it.amount for it in mine), Decimal(0)) == part.amount
        assert sum((it.tax for it in mine), Decimal(0)) == part.tax


def test_what_a_linked_order_costs_adds_up() -> None:
    order = bought(3, Decimal("10.00"), Decimal("1.60"), with_tax=False)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"sku": "A", "quantity": "2"}, "6.67"),
        ({"sku": "B", "quantity": "3", "unit_price": "3.33"}, "11.89"),
    ]
    for tree, total in cases:
        sent = papers.priced([ExchangeLine.model_validate(tree)], order, [None])
        assert sent[0] is not None
        linked = papers.linked(back(), order, [sent[0]], Decimal("5.00"), order.placed_at)
        assert list(order_totals.mismatches(linked)) == []
        assert (linked.totals.grand_total, linked.totals.paid) == (Decimal(total), Decimal("5.00"))
