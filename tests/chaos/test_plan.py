"""What goes wrong when depends on the seed alone."""

from collections import Counter
from itertools import islice

from tests.chaos import plan
from tests.chaos.faults import KINDS

WEIGHTS = {name: kind.weight for name, kind in KINDS.items()}


def test_the_same_seed_draws_the_same_plan() -> None:
    first = list(islice(plan.draw(7, WEIGHTS), 200))
    assert first == list(islice(plan.draw(7, WEIGHTS), 200))
    assert first != list(islice(plan.draw(8, WEIGHTS), 200))


def test_the_order_of_the_table_is_no_part_of_the_plan() -> None:
    turned = dict(reversed(WEIGHTS.items()))
    assert list(islice(plan.draw(7, turned), 50)) == list(islice(plan.draw(7, WEIGHTS), 50))


def test_every_kind_comes_as_often_as_it_weighs() -> None:
    bag = sum(WEIGHTS.values())
    drawn = Counter(one.kind for one in islice(plan.draw(3, WEIGHTS), 2 * bag))
    assert drawn == {name: 2 * weight for name, weight in WEIGHTS.items()}


def test_some_come_beside_others_and_each_has_choices_of_its_own() -> None:
    drawn = list(islice(plan.draw(3, WEIGHTS), 300))
    assert 0.15 < sum(one.beside for one in drawn) / len(drawn) < 0.45
    assert len({one.seed for one in drawn}) == len(drawn)
    assert all(plan.GAP_S[0] <= one.gap_s <= plan.GAP_S[1] for one in drawn)
