"""Asking a site what changed: nothing is missed at the edge of a page, and a poll tells what the
webhook tells.
"""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from adapters.kit.testing.scripted_partner import Loopback, Told
from adapters.ports import Cursor
from tests.adapters.woocommerce.site import NOW, connected, delivery

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)


@contextmanager
def site(*seconds):
    """A site whose orders, numbered from 1000, changed so many seconds after `AT`."""
    orders = [
        {
            "id": 1000 + place,
            "date_modified_gmt": f"{AT + timedelta(seconds=late):%Y-%m-%dT%H:%M:%S}",
        }
        for place, late in enumerate(seconds)
    ]

    def answer(asked):
        after, most = asked.query.get("modified_after", ""), int(asked.query["per_page"])
        later = [it for it in orders if it["date_modified_gmt"] > after]
        first = most * (int(asked.query["page"]) - 1)
        return Told.json(later[first : first + most])

    with Loopback(answer) as running:
        yield connected(running.url)


@pytest.mark.parametrize(
    ("since", "seconds", "last"),
    [
        (Cursor(), [place // 3 for place in range(250)], 83),
        (Cursor(AT), [0] * 230, 0),
    ],
    ids=["over pages", "more of one second than a page holds"],
)
def test_every_order_comes_the_oldest_first(since, seconds, last):
    with site(*seconds) as parts:
        pages = list(parts.list("orders", since))
    keys = [change.delivery.key for page in pages for change in page.changes]
    assert keys == [str(1000 + place) for place in range(len(seconds))]
    assert [page.after.at for page in pages] == sorted(page.after.at for page in pages)
    assert pages[-1].after.at == AT + timedelta(seconds=last)


def test_what_shares_the_second_of_the_cursor_is_told_again_and_what_is_older_is_not():
    with site(-1, 0) as parts:
        (page,) = parts.list("orders", Cursor(AT))
    assert [change.delivery.key for change in page.changes] == ["1001"]
    assert page.after == Cursor(AT)


def test_a_poll_and_a_webhook_of_the_same_change_are_one_delivery():
    with site(0) as parts:
        (page,) = parts.list("orders", Cursor())
    (change,) = page.changes
    assert connected().verify(delivery(change.raw), NOW) == change.delivery
