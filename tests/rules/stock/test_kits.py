"""What kits take, how many there are of them, and which may not be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.stock import kits
from hub.rules.stock.availability import Ingredient, Level, Part, pool, publish
from hub.rules.stock.sharing import Place, Share

D = Decimal
SETS = {"SET": {"PAIR": D(2), "BOX": D(1)}, "PAIR": {"CUP": D(2)}}
"""A box with two pairs of cups."""


def test_a_kit_in_a_kit_is_taken_apart():
    assert kits.expand("SET", D(3), SETS) == {"CUP": 12, "BOX": 3}
    assert kits.expand("CUP", D(3), SETS) == {"CUP": 3}


def test_what_lies_there_ready_is_picked_first():
    free = {"SET": D(1), "PAIR": D(3), "CUP": D(9), "BOX": D(9)}
    assert kits.picked("SET", D(1), SETS, free) == {"SET": 1}
    assert kits.picked("SET", D(3), SETS, free) == {"SET": 1, "PAIR": 3, "CUP": 2, "BOX": 2}
    assert kits.available("SET", SETS, free) == 4
    assert kits.picked("SET", D(4), SETS, free) == {"SET": 1, "PAIR": 3, "CUP": 6, "BOX": 3}
    assert kits.picked("SET", D(5), SETS, free) is None


def test_a_part_that_two_parts_take_is_not_counted_twice():
    shared = {"SET": {"PAIR": D(1), "CUP": D(1)}, "PAIR": {"CUP": D(2)}}
    assert kits.available("SET", shared, {"CUP": D(8)}) == 2
    assert kits.expand("SET", D(2), shared) == {"CUP": 6}


def test_a_kit_is_picked_in_one_warehouse():
    levels = {"PAIR": [Level("ams", D(1))], "CUP": [Level("ams", D(7)), Level("ber", D(3))]}
    stock = pool(levels["PAIR"], made=kits.made("PAIR", SETS, levels))
    assert (stock.fresh, stock.whole) == (5, 5)
    assert [part for part in stock.parts if part.quantity] == [
        Part("on_hand", D(1), "ams"),
        Part("of_parts", D(3), "ams", (Ingredient("CUP", D(7), D(2)),)),
        Part("of_parts", D(1), "ber", (Ingredient("CUP", D(3), D(2)),)),
    ]


def test_parts_that_are_owed_in_another_warehouse_make_no_kits():
    levels = {"CUP": [Level("ams", D(8)), Level("ber", D(0), reserved=D(5))]}
    stock = pool([], made=kits.made("PAIR", SETS, levels))
    assert (stock.fresh, stock.parts[-1]) == (1, Part("parts_owed", D(-3)))


def test_what_is_not_fresh_is_made_of_nothing_beyond_the_floor():
    levels = {"CUP": [Level("ams", D(8), fresh=False)]}
    stock = pool([], made=kits.made("PAIR", SETS, levels))
    assert (stock.fresh, stock.whole, stock.stale) == (0, 4, ("ams",))
    assert publish(stock, Place(Share(floor=D(3)))).available == 3


def test_a_kit_that_is_not_made_to_order_is_sold_as_it_lies_there_ready():
    levels = {"PAIR": [Level("ams", D(1))], "CUP": [Level("ams", D(7), fresh=False)]}
    made = kits.not_to_order(kits.made("PAIR", SETS, levels))
    stock = pool(levels["PAIR"], made=made)
    assert (stock.fresh, stock.whole, stock.stale) == (1, 1, ())
    levels["CUP"] = [Level("ams", D(7))]
    said = publish(pool(levels["PAIR"], made=kits.not_to_order(kits.made("PAIR", SETS, levels))))
    assert said.available == 1
    assert said.parts[1:] == (
        Part("of_parts", D(3), "ams", (Ingredient("CUP", D(7), D(2)),)),
        Part("not_to_order", D(-3)),
    )


@pytest.mark.parametrize(("waiting", "left"), [(0, 4), (2, 2), (3, 1), (9, 1)])
def test_kits_that_orders_wait_for_are_not_sold_again(waiting, left):
    levels = {"PAIR": [Level("ams", D(1))], "CUP": [Level("ams", D(7))]}
    made = kits.to_order(kits.made("PAIR", SETS, levels), D(waiting))
    stock = pool(levels["PAIR"], made=made)
    assert (stock.fresh, stock.whole) == (left, left)


def test_none_to_be_made_says_why():
    levels = {"BOX": [Level("ams", D(4))]}
    said = publish(pool([], made=kits.made("SET", SETS, levels)))
    assert said.available == 0
    assert said.parts == (
        Part("of_parts", D(0), "ams",
             (Ingredient("PAIR", D(0), D(2)), Ingredient("BOX", D(4), D(1)))),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sku", "known", "blamed", "why"),
    [
        ("A", {"A": {"B": D(1), "A": D(1)}}, "A", "circle"),
        ("A", {"A": {"B": D(1)}, "B": {"A": D(1)}}, "B", "circle"),
        ("A", {"A": {"B": D(1)}, "B": {"C": D(1)}, "C": {"A": D(1)}}, "B", "circle"),
        ("A", {"A": {"X": D(1), "B": D(1)}, "B": {"C": D(1)}, "C": {"D": D(1)}}, "B", "too_deep"),
        ("C", {"A": {"B": D(1)}, "B": {"C": D(1)}, "C": {"D": D(1)}}, "D", "too_deep"),
        ("B", {"A": {"B": D(1)}, "B": {"C": D(1)}, "C": {"D": D(1)}}, "C", "too_deep"),
    ],
)
def test_circles_and_deeper_kits_are_refused(sku, known, blamed, why):
    assert kits.fault(sku, known) == (blamed, why)


def test_two_levels_may_be():
    assert [kits.fault(sku, SETS) for sku in SETS] == [None, None]


counts = st.integers(0, 60).map(D)
shelves = st.dictionaries(st.sampled_from(["SET", "PAIR", "CUP", "BOX", "LID"]), counts)
each = st.integers(1, 4).map(D)
nested = st.builds(
    lambda pair, cups, box, lid: {
        "SET": {"PAIR": pair, "BOX": box, "CUP": cups},
        "PAIR": {"CUP": cups, "LID": lid},
    },
    each, each, each, each,
)  # fmt: skip


@given(nested, shelves, st.lists(st.tuples(st.sampled_from(["SET", "PAIR", "CUP"]), counts)))
def test_no_level_is_oversold_through_kits(known, free, sales):
    """Whatever is sold, as far as there is of it, is there; and one more of it would not be."""
    for sku, wanted in sales:
        most = kits.available(sku, known, free)
        assert kits.picked(sku, most + 1, known, free) is None
        taken = kits.picked(sku, min(wanted, most), known, free)
        free = {name: pieces - taken.get(name, D(0)) for name, pieces in free.items()}
        assert min(free.values(), default=D(0)) >= 0


levels = st.builds(
    Level, st.sampled_from(["ams", "ber"]), counts, counts, counts, fresh=st.booleans()
)
stocks = st.dictionaries(
    st.sampled_from(["SET", "PAIR", "CUP", "BOX", "LID"]),
    st.lists(levels, max_size=2, unique_by=lambda level: level.warehouse),
)
shares = st.builds(Share, st.integers(0, 100).map(D), st.none() | counts, counts)


sales = st.just(kits.not_to_order) | counts.map(
    lambda waiting: lambda made: kits.to_order(made, waiting)
)


@given(nested, stocks, shares, sales)
def test_the_steps_of_a_kit_sum_to_what_is_published(known, stock, share, sold):
    made = sold(kits.made("SET", known, stock))
    said = publish(pool(stock.get("SET", []), made=made), Place(share))
    assert sum((part.quantity for part in said.parts), D(0)) == said.available
    together = {sku: sum((level.on_hand for level in its), D(0)) for sku, its in stock.items()}
    if sold is kits.not_to_order:
        together = {"SET": together.get("SET", D(0))}
    assert 0 <= said.available <= kits.available("SET", known, together)
