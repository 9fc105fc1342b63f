"""Money of kits that come back as their parts: over any refunds of any parts the sum is what the
line cost, and each kit counts once.
"""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.model.money import split
from hub.model.order import Refund, SalesOrder
from hub.model.product import Kit
from hub.rules.returns import kits, money
from hub.rules.returns.kits import Asked, Paid
from hub.rules.returns.money import Ask
from tests.rules.returns.test_money import CENTS, bought, refunded

ONE, ZERO = Decimal(1), Decimal(0)
PRICE = st.none() | st.integers(0, 5000).map(lambda cents: Decimal(cents) / 100)


def kit_of(parts: dict[str, int], inner: dict[str, int]) -> Kit:
    """A kit; where it holds a K, this is a kit as well."""
    of = {"A": {sku: Decimal(n) for sku, n in parts.items()}}
    if "K" in parts:
        of["K"] = {sku: Decimal(n) for sku, n in inner.items()}
    return Kit("A", of)


class Line:
    """An order's line of kits, paid back bit by bit."""

    def __init__(self, order: SalesOrder, kit: Kit, prices: dict[str, Decimal | None]) -> None:
        self.order, self.kit, self.prices = order, kit, prices
        self.refunds: list[Refund] = []
        self.paid: list[Paid] = []

    def back(self, **parts: int) -> money.Priced:
        asked = [Asked(sku, Decimal(n)) for sku, n in parts.items()]
        wishes = kits.wishes(1, self.kit, asked, self.paid, self.prices)
        priced = refunded(self.order, self.refunds, Ask(wishes))
        if not priced.faults:
            self.paid += [Paid(part.parts, part.pieces) for part in priced.parts]
        return priced


KITS = st.builds(
    kit_of,
    st.dictionaries(st.sampled_from(["P", "Q", "R", "K"]), st.integers(1, 4), min_size=1),
    st.dictionaries(st.sampled_from(["P", "S", "T"]), st.integers(1, 3), min_size=1),
)


@settings(max_examples=150)
@given(
    data=st.data(),
    kit=KITS,
    number=st.integers(1, 5),
    gross=CENTS,
    tax=CENTS,
    with_tax=st.booleans(),
    prices=st.fixed_dictionaries(dict.fromkeys("PQRST", PRICE)),
)
def test_all_parts_are_the_line_to_the_cent_however_they_come(
    *,
    data: st.DataObject,
    kit: Kit,
    number: int,
    gross: Decimal,
    tax: Decimal,
    with_tax: bool,
    prices: dict[str, Decimal | None],
) -> None:
    order = bought(number, gross, min(tax, gross), with_tax=with_tax)
    line, left = Line(order, kit, prices), dict[str, int]()
    ready = data.draw(st.integers(0, number), label="left as kits")
    sent = {**kits.kits.expand("A", Decimal(number - ready), kit.of), "A": Decimal(ready)}
    left = {sku: int(n) for sku, n in sent.items() if n}
    whole, steps = dict(left), 0
    while left:
        some = {sku: data.draw(st.integers(0, n), label=sku) for sku, n in sorted(left.items())}
        some = {sku: n for sku, n in some.items() if n} or {min(left): 1}
        priced = line.back(**some)
        assert not priced.faults
        assert all(part.amount >= 0 and 0 <= part.tax <= part.amount for part in priced.parts)
        left = {sku: n - some.get(sku, 0) for sku, n in left.items() if n > some.get(sku, 0)}
        steps += 1
        back = sum((one.amount for one in line.refunds), ZERO)
        counted = sum((it.kits for it in line.paid), ZERO)
        assert back <= gross
        assert abs(back - gross * _share(line, whole, left)) <= steps * Decimal("0.01")
        assert counted <= _kits_in(kit, whole, left)
    assert sum((one.amount for one in line.refunds), ZERO) == gross
    assert sum((one.tax for one in line.refunds), ZERO) == min(tax, gross)
    assert sum((it.kits for it in line.paid), ZERO) == number
    again = line.back(**{min(whole): 1})  # refused, or of a part that is worth nothing
    assert again.faults or not any(part.amount for part in again.parts)


def _share(line: Line, whole: dict[str, int], left: dict[str, int]) -> Decimal:
    """The exact share of all that is back."""
    worth = {sku: line.prices[sku] for sku in kits.articles(line.kit)}
    by_price = None not in worth.values() and any(worth.values())

    def weight(parts: dict[str, int]) -> Decimal:
        made: dict[str, Decimal] = {}
        for sku, n in parts.items():
            for part, pieces in kits.kits.expand(sku, Decimal(n), line.kit.of).items():
                made[part] = made.get(part, ZERO) + pieces
        each = ((worth[sku] or ZERO) if by_price else ONE for sku in made)
        return sum((n * w for n, w in zip(made.values(), each, strict=True)), ZERO)

    return 1 - weight(left) / weight(whole)


def _kits_in(kit: Kit, whole: dict[str, int], left: dict[str, int]) -> Decimal:
    back = {sku: Decimal(n - left.get(sku, 0)) for sku, n in whole.items()}
    return kits.kits.available("A", kit.of, back)


@settings(max_examples=60)
@given(kit=KITS, number=st.integers(1, 5), gross=CENTS, back=st.integers(1, 5))
def test_whole_kits_are_worth_their_share_of_the_line(
    kit: Kit, number: int, gross: Decimal, back: int
) -> None:
    back = min(back, number)
    line = Line(bought(number, gross, ZERO, with_tax=True), kit, {})
    parts = {sku: int(n) for sku, n in kits.kits.expand("A", Decimal(back), kit.of).items()}
    share = split(gross, [Decimal(back), Decimal(number - back)], "EUR")[0]
    assert line.back(**parts).amount == share
    assert sum((it.kits for it in line.paid), ZERO) == (back if share or line.paid else 0)
