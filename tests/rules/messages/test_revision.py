"""Which telling of an order is newer."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.document import Source
from hub.rules.messages.revision import Age, Telling, age, supersedes, telling
from tests.rules.builders import AT, line, order

LATER = AT + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("stored", "new", "expected"),
    [
        (Telling("9"), Telling("10"), Age.NEWER),
        (Telling("10"), Telling("9"), Age.OLDER),
        (Telling("007"), Telling("7"), Age.LEVEL),
        (Telling("3", LATER), Telling("4", AT), Age.NEWER),
        (Telling("3", AT), Telling("3", LATER), Age.LEVEL),
        (Telling("2026-03-02T12:00:00Z"), Telling("2026-03-02T13:00:01+01:00"), Age.NEWER),
        (Telling("2026-03-02T12:00:00"), Telling("2026-03-02T11:59:59Z"), Age.OLDER),
        (Telling("etag-b", AT), Telling("etag-a", LATER), Age.NEWER),
        (Telling("etag-b", LATER), Telling("etag-a", AT), Age.OLDER),
        (Telling("5", AT), Telling(None, LATER), Age.NEWER),
        (Telling(None, LATER), Telling(None, AT), Age.OLDER),
        (Telling(None, AT), Telling(None, AT), Age.LEVEL),
        (Telling(None, AT), Telling(None, None), Age.LEVEL),
        (Telling(), Telling(), Age.LEVEL),
    ],
)
def test_G14_revision_goes_before_time(stored, new, expected):
    assert age(stored, new) is expected


def test_the_orders_own_time_goes_before_the_sources():
    source = Source(connection="shop-eu", id="e1", revision="2", occurred_at=LATER)
    assert telling(order(source=source)) == Telling("2", LATER)
    assert telling(order(source=source, updated_at=AT)) == Telling("2", AT)


def test_within_one_moment_what_is_further_on_wins():
    pending, paid = (order(updated_at=AT, payment_state=state) for state in ("pending", "paid"))
    assert supersedes(pending, paid)
    assert not supersedes(paid, pending)
    cancelled = order(updated_at=AT, state="cancelled", payment_state="pending")
    assert supersedes(paid, cancelled)
    assert not supersedes(cancelled, paid)


def test_the_same_content_supersedes_nothing_whoever_tells_it():
    again = Source(connection="shop-eu", id="e2")
    assert not supersedes(order(updated_at=AT), order(updated_at=AT, source=again))


def test_an_older_telling_never_wins_however_far_it_is():
    assert not supersedes(order(updated_at=LATER), order(updated_at=AT, state="cancelled"))


tellings = st.builds(
    lambda seconds, payment, note, gone: order(
        line(quantity=3, cancelled_quantity=gone),
        updated_at=AT + timedelta(seconds=seconds),
        payment_state=payment,
        note=note,
    ),
    st.integers(0, 2),
    st.sampled_from(["pending", "paid", "refunded"]),
    st.sampled_from([None, "a", "b"]),
    st.integers(0, 3),
)


@given(st.lists(tellings, min_size=1, max_size=5), st.data())
def test_G15_any_order_of_tellings_ends_with_the_same_one(history, data):
    def last(orders):
        stored, *others = orders
        for other in others:
            stored = other if supersedes(stored, other) else stored
        return stored

    shuffled = data.draw(st.permutations([*history, *history]))
    assert last(shuffled) == last(history)
