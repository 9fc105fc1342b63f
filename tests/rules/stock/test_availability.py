"""What a channel may sell, and that its explanation adds up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import BadData
from hub.rules.stock import sharing
from hub.rules.stock.availability import Level, Part, atp, publishable
from hub.rules.stock.sharing import Place, Share

D = Decimal


def parts(published):
    return {part.name: part.quantity for part in published.parts}


def test_available_to_promise_may_be_below_zero():
    assert atp(D(60), D(9), D(5)) == 46
    assert atp(D(3), D(5), D(0)) == -2


def test_the_whole_of_one_warehouse():
    published = publishable([Level("ams", D(60), D(9), D(5))])
    assert published.available == 46
    assert published.parts == (
        Part("on_hand", D(60), "ams"),
        Part("reserved", D(-9), "ams"),
        Part("safety", D(-5), "ams"),
    )
    assert published.stale == ()


def test_a_share_is_rounded_down_and_explained():
    published = publishable([Level("ams", D(60), D(9), D(5))], Place(Share(percent=D(90))))
    assert published.available == 41
    assert parts(published)["other_channels"] == -5


def test_a_channel_gets_at_most_so_many():
    published = publishable([Level("ams", D(60))], Place(Share(most=D(10))))
    assert (published.available, parts(published)["most"]) == (10, -50)


def test_a_channel_is_told_what_those_before_it_leave():
    before = (("first", Share(most=D(10))), ("second", Share(percent=D(50))))
    published = publishable([Level("ams", D(30))], Place(before=before))
    assert published.available == 5
    assert published.parts[1:] == (
        Part("served_before", D(-10), "first"),
        Part("served_before", D(-15), "second"),
    )


def test_what_one_warehouse_owes_is_taken_from_the_others():
    published = publishable([Level("ams", D(2), D(5)), Level("ber", D(10))])
    assert published.available == 7


def test_never_below_zero_and_the_lift_is_explained():
    published = publishable([Level("ams", D(2), D(5))])
    assert (published.available, parts(published)["not_below_zero"]) == (0, 3)


def test_what_is_not_fresh_does_not_count_and_is_named():
    levels = [Level("ams", D(60)), Level("ber", D(9), fresh=False)]
    published = publishable(levels, Place(Share(floor=D(3))))
    assert (published.available, published.stale) == (60, ("ber",))
    assert published.parts[-1] == Part("not_fresh", D(-9), "ber")


def test_while_nothing_is_fresh_a_channel_is_told_its_floor_as_far_as_there_may_be_so_many():
    stale = [Level("ber", D(9), D(4), fresh=False)]
    assert publishable(stale).available == 0
    published = publishable(stale, Place(Share(floor=D(3))))
    assert (published.available, parts(published)["floor"]) == (3, 3)
    assert publishable(stale, Place(Share(floor=D(8)))).available == 5


def test_no_levels_publish_nothing():
    assert publishable([]).available == 0


def test_rules_of_a_sku_go_before_those_of_all():
    rules = sharing.parse(
        [
            {"percent": 60, "channel": "shop"},
            {"percent": 10, "channel": "shop", "sku": "CUP"},
            {"fixed": 4, "channel": "market"},
            {"floor": 2, "channel": "shop"},
            {"priority": ["market", "shop"]},
        ]
    )
    market = (("market", Share(most=D(4))),)
    assert sharing.place(rules, "shop", "BOX") == Place(Share(D(60), floor=D(2)), market)
    assert sharing.place(rules, "shop", "CUP") == Place(Share(D(10), floor=D(2)), market)
    assert sharing.place(rules, "market", "CUP") == Place(Share(most=D(4)))
    assert sharing.place(rules, "other", "CUP") == Place()


@pytest.mark.parametrize(
    ("rules", "path", "code"),
    [
        ([{"percent": 101, "channel": "a"}], "rules.0.percent", "less_than_equal"),
        ([{"percent": 10}], "rules.0.channel", "missing_field"),
        ([{"fixed": 1, "percent": 1, "channel": "a"}], "rules.0", "bad_data"),
        ([{"fixed": 1, "channel": "a"}, {"fixed": 2, "channel": "a"}], "rules.1", "duplicate_key"),
        ([{"priority": []}], "rules.0.priority", "missing_field"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(rules, path, code):
    with pytest.raises(BadData) as refused:
        sharing.parse(rules)
    assert (refused.value.path, refused.value.code) == (path, code)


counts = st.integers(0, 10_000).map(D)
levels = st.builds(
    Level, st.sampled_from(["ams", "ber"]), counts, counts, counts, fresh=st.booleans()
)
shares = st.builds(Share, st.integers(0, 100).map(D), st.none() | counts, counts)
before = st.lists(st.tuples(st.sampled_from("abc"), shares), max_size=3).map(tuple)
places = st.builds(Place, shares, before)


@given(st.lists(levels, max_size=4), places)
def test_the_parts_always_sum_to_what_is_published(stock, place):
    published = publishable(stock, place)
    assert sum((part.quantity for part in published.parts), D(0)) == published.available
    promised = sum((one.free for one in stock), D(0))
    assert 0 <= published.available <= max(promised, D(0))


@given(st.lists(st.tuples(st.sampled_from("abcd"), shares), max_size=4), counts)
def test_channels_in_an_order_are_never_told_more_than_there_is_together(order, pieces):
    stock = [Level("ams", pieces)]
    told = [
        publishable(stock, Place(share, tuple(order[:at]))).available
        for at, (_, share) in enumerate(order)
    ]
    assert sum(told, D(0)) <= pieces
