"""What a channel may sell, and that its explanation adds up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.availability import Level, Part, Share, atp, kit, publishable

D = Decimal


def parts(published):
    return {part.name: part.quantity for part in published.parts}


def test_available_to_promise_may_be_below_zero():
    assert atp(D(60), D(9), D(5)) == 46
    assert atp(D(3), D(5), D(0)) == -2


def test_the_whole_of_one_warehouse():
    published = publishable([Level("ams", D(60), D(9))], safety=D(5))
    assert published.available == 46
    assert published.parts == (
        Part("on_hand", D(60)),
        Part("reserved", D(-9)),
        Part("safety", D(-5)),
    )
    assert published.stale == ()


def test_a_share_is_rounded_down_and_explained():
    published = publishable([Level("ams", D(60), D(9))], Share(percent=D(90)), safety=D(5))
    assert published.available == 41
    assert parts(published)["other_channels"] == -5


def test_a_channel_gets_at_most_so_many():
    published = publishable([Level("ams", D(60))], Share(most=D(10)))
    assert (published.available, parts(published)["most"]) == (10, -50)


def test_what_one_warehouse_owes_is_taken_from_the_others():
    published = publishable([Level("ams", D(2), D(5)), Level("ber", D(10))])
    assert published.available == 7


def test_never_below_zero_and_the_lift_is_explained():
    published = publishable([Level("ams", D(2), D(5))])
    assert (published.available, parts(published)["not_below_zero"]) == (0, 3)


def test_a_stale_level_is_published_as_its_floor_and_named():
    levels = [Level("ams", D(60)), Level("ber", D(9), fresh=False)]
    published = publishable(levels, Share(floor=D(3)))
    assert (published.available, published.stale) == (3, ("ber",))
    assert parts(published)["stale_floor"] == -66


def test_no_levels_publish_nothing():
    assert publishable([]).available == 0


def test_a_kit_is_as_many_as_its_scarcest_part_allows():
    components = {"CUP": D(2), "BOX": D(1)}
    assert kit({"CUP": D(7), "BOX": D(9)}, components) == 3
    assert kit({"CUP": D(7)}, components) == 0
    assert kit({"CUP": D(-4), "BOX": D(1)}, components) == 0
    assert kit({}, {}) == 0


counts = st.integers(0, 10_000).map(D)
levels = st.builds(
    Level, st.sampled_from(["ams", "ber"]), counts, counts, counts, fresh=st.booleans()
)
shares = st.builds(Share, st.integers(0, 100).map(D), st.none() | counts, counts)


@given(st.lists(levels, max_size=4), shares, counts)
def test_the_parts_always_sum_to_what_is_published(stock, share, safety):
    published = publishable(stock, share, safety)
    assert sum((part.quantity for part in published.parts), D(0)) == published.available
    assert published.available >= 0
    promised = sum((atp(one.on_hand, one.reserved, one.safety) for one in stock), D(0)) - safety
    assert published.available <= max(promised, D(0))
