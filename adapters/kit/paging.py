"""Lists that come in pages: pure functions over a `fetch`, each page asked for when it is wanted.

A page that is shorter than was asked for ends nothing: partners cap sizes in silence. A list ends
where the partner says so (`more` is False), at an empty page, or where a page comes twice.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from requests.utils import parse_header_links

from adapters.ports import Cursor, Listed, Page
from hub.model.errors import Rejected

T = TypeVar("T")

SINCE_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Where a list by time begins that was never asked."""
More = bool | None
"""Whether there is another page. None: the partner does not say."""


class Ordered(Hashable, Protocol):
    """A place in a list: a time, a number, a text that sorts."""

    def __lt__(self, other: Any, /) -> bool: ...


P = TypeVar("P", bound=Ordered)


def by_page(
    fetch: Callable[[int], tuple[Sequence[T], More]], first: int = 1
) -> Iterator[Sequence[T]]:
    """Pages with numbers."""
    number, before = first, None
    while True:
        items, more = fetch(number)
        if not items or items == before:
            return
        yield items
        if more is False:
            return
        number, before = number + 1, items


def by_offset(fetch: Callable[[int], tuple[Sequence[T], More]]) -> Iterator[Sequence[T]]:
    """What follows after so many."""
    offset, before = 0, None
    while True:
        items, more = fetch(offset)
        if not items or items == before:
            return
        yield items
        if more is False:
            return
        offset, before = offset + len(items), items


def by_cursor(
    fetch: Callable[[str | None], tuple[Sequence[T], str | None]], start: str | None = None
) -> Iterator[tuple[Sequence[T], str | None]]:
    """Pages that name the next one, which comes along. A page may be empty and the list go on."""
    cursor, seen = start, {start}
    while True:
        items, following = fetch(cursor)
        yield items, following
        if not following:
            return
        if following in seen:
            raise Rejected("the partner's list leads back to a page that was there", code="endless")
        seen.add(following)
        cursor = following


def by_link(
    fetch: Callable[[str], tuple[Sequence[T], Mapping[str, str]]], first: str
) -> Iterator[Sequence[T]]:
    """Pages whose `Link` header names the next one (RFC 8288). `fetch` answers items and headers;
    a session refuses a link that leads to another host.
    """

    def follow(url: str | None) -> tuple[Sequence[T], str | None]:
        items, headers = fetch(url or first)
        return items, next_link(headers)

    for items, _ in by_cursor(follow, first):
        yield items


def next_link(headers: Mapping[str, str]) -> str | None:
    """The address of the next page, None where this is the last."""
    told = next((value for name, value in headers.items() if name.lower() == "link"), "")
    links = parse_header_links(told) if told else []
    return next((link["url"] for link in links if "next" in link.get("rel", "").split()), None)


def by_place(
    fetch: Callable[[P, int], Sequence[T]],
    place: Callable[[T], tuple[P, Hashable]],
    start: P,
) -> Iterator[list[T]]:
    """What changed since a place, by partners that take a place and a page (the first is 1).

    `fetch` answers what is at the place or later, in order; `place` says where a change is, and its
    id. Moving the place on with each page keeps pages shallow and misses nothing that moves while
    we read; many changes at one place are read page by page. A change that came is not given twice.
    """
    at, page, here, longest = start, 1, set[tuple[P, Hashable]](), 2
    while items := fetch(at, page):
        longest = max(longest, len(items))
        places = [place(item) for item in items]
        fresh = [item for item, where in zip(items, places, strict=True) if where not in here]
        if fresh:
            yield fresh
        last = places[-1][0]
        if at < last:
            here = {known for known in (*here, *places) if known[0] == last}
            at, page = last, 1
        elif fresh or (page == 1 and len(items) >= longest):
            # a page that is full of what was shown before the place moved on may have a next one;
            # no partner's pages hold one row
            here.update(places)
            page += 1
        else:
            return


def changes(
    since: Cursor,
    fetch: Callable[[datetime, int], Sequence[T]],
    place: Callable[[T], tuple[datetime, Hashable]],
    tells: Callable[[T], Iterable[Listed]],
) -> Iterator[Page]:
    """What changed since a cursor, by partners that take a time and a page: `fetch` and `place` as
    of `by_place`; `tells` says what a row tells.
    """
    at = since.at or SINCE_EVER
    for rows in by_place(fetch, place, at):
        at = max(at, place(rows[-1])[0])
        yield Page([it for row in rows for it in tells(row)], Cursor(at))
