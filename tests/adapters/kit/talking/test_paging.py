"""Lists in pages, with the tricks that partners play."""

from itertools import chain, islice

import pytest

from adapters.kit.http import Transport
from adapters.kit.paging import by_cursor, by_link, by_offset, by_page, by_place, next_link
from adapters.kit.session import Session
from adapters.kit.testing.scripted_partner import Loopback, Told
from hub.model.errors import Rejected


def flat(pages):
    return list(chain.from_iterable(pages))


def capped(items, most, asked):
    """A partner that caps its pages in silence, and notes what it was asked."""

    def fetch(number):
        asked.append(number)
        return items[(number - 1) * most : number * most], None

    return fetch


def test_pages_are_asked_for_until_one_is_empty_and_only_when_they_are_wanted():
    asked = []
    pages = by_page(capped(list(range(5)), 2, asked))
    assert asked == []
    assert next(pages) == [0, 1]
    assert asked == [1]
    assert flat(pages) == [2, 3, 4]
    assert asked == [1, 2, 3, 4]


def test_a_partner_that_says_which_page_is_the_last_is_not_asked_for_another():
    asked = []

    def fetch(number):
        asked.append(number)
        return [number], number < 3

    assert flat(by_page(fetch)) == [1, 2, 3]
    assert asked == [1, 2, 3]


def test_a_last_page_that_comes_for_ever_comes_once():
    def fetch(number):
        return [[1, 2], [3]][min(number, 2) - 1], None

    assert flat(by_page(fetch)) == [1, 2, 3]
    assert flat(by_offset(lambda offset: ([1, 2] if offset < 2 else [3], None))) == [1, 2, 3]


def test_an_offset_counts_what_came_not_what_was_asked_for():
    asked, items = [], list(range(7))

    def fetch(offset):
        asked.append(offset)
        return items[offset : offset + 3], None

    assert flat(by_offset(fetch)) == items
    assert asked == [0, 3, 6, 7]
    asked.clear()
    assert flat(by_offset(lambda offset: (fetch(offset)[0], offset + 3 < 7))) == items
    assert asked == [0, 3, 6]


def test_a_cursor_is_followed_over_an_empty_page_and_comes_with_each():
    told = {None: ([1], "a"), "a": ([], "b"), "b": ([2], None)}
    assert list(by_cursor(told.__getitem__)) == [([1], "a"), ([], "b"), ([2], None)]
    assert list(by_cursor(told.__getitem__, "a")) == [([], "b"), ([2], None)]


def test_a_list_that_leads_in_circles_is_refused():
    told = {None: ([1], "a"), "a": ([2], "b"), "b": ([3], "a")}
    pages = by_cursor(told.__getitem__)
    assert [items for items, _ in islice(pages, 3)] == [[1], [2], [3]]
    with pytest.raises(Rejected) as refused:
        next(pages)
    assert refused.value.code == "endless"


@pytest.mark.parametrize(
    ("told", "following"),
    [
        ('<https://a/x?p=2>; rel="next", <https://a/x?p=9>; rel="last"', "https://a/x?p=2"),
        ("<https://a/x?p=1>; rel=prev, <https://a/x?p=3>; rel=next", "https://a/x?p=3"),
        ('<https://a/x?p=2>; rel="next last"', "https://a/x?p=2"),
        ('<https://a/x?p=2>; rel="last"', None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_a_link_header_names_the_next_page(told, following):
    assert next_link({"LINK": told}) == following


def test_links_are_followed_over_a_session_and_to_no_other_host():
    def script(asked):
        page = int(asked.query.get("page", 1))
        link = {"link": f'<{partner.url}/orders?page={page + 1}>; rel="next"'} if page < 3 else {}
        return Told.json([page], **link)

    def fetch(url):
        response = session.get(url)
        return response.json(), response.headers

    with Loopback(script) as partner:
        session = Session(partner.url, Transport.local())
        assert flat(by_link(fetch, f"{partner.url}/orders")) == [1, 2, 3]
        partner.script = lambda _: Told.json([1], link='<http://127.0.0.1:1/x>; rel="next"')
        pages = by_link(fetch, f"{partner.url}/orders")
        assert next(pages) == [1]
        with pytest.raises(Rejected) as refused:
            next(pages)
        assert refused.value.code == "network_forbidden"


class Shop:
    """Changes as (time, id), listed from a time on, three to a page."""

    def __init__(self, changes):
        self.changes, self.asked, self.change = changes, [], lambda: None

    def fetch(self, at, page):
        self.asked.append((at, page))
        listed = sorted(change for change in self.changes if change[0] >= at)
        self.change()
        return listed[(page - 1) * 3 : page * 3]


def told(shop, start=0):
    return flat(by_place(shop.fetch, lambda change: change, start))


def test_changes_since_a_time_come_once_each_and_pages_stay_shallow():
    changes = [(time, f"o{time}") for time in range(10)]
    shop = Shop(changes)
    assert told(shop) == changes
    assert {page for _, page in shop.asked} == {1}


def test_more_changes_of_one_time_than_a_page_holds_are_all_read():
    changes = [(1, "a"), *((2, f"b{n}") for n in range(8)), (3, "c")]
    shop = Shop(changes)
    assert told(shop) == sorted(changes)
    shop = Shop([(5, f"x{n}") for n in range(7)])
    assert told(shop, 5) == sorted(shop.changes)
    assert told(shop) == sorted(shop.changes)  # the first page is full of them


def test_what_is_changed_while_we_read_moves_to_the_end_and_nothing_is_missed():
    shop = Shop([(time, f"o{time}") for time in range(6)])

    def moved():
        if (0, "o0") in shop.changes:
            shop.changes.remove((0, "o0"))
            shop.changes.append((9, "o0"))

    shop.change = moved
    assert told(shop) == [*((time, f"o{time}") for time in range(6)), (9, "o0")]


def test_a_partner_that_ignores_the_page_is_not_asked_for_ever():
    listed = [(1, "a"), (1, "b")]
    assert flat(by_place(lambda _at, _page: listed, lambda change: change, 1)) == listed
    assert flat(by_place(lambda _at, _page: [], lambda change: change, 1)) == []
