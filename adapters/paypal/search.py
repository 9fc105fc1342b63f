"""What moved money at PayPal on a day. Source: Transaction Search API v1.

Of one search at most 31 days and ten thousand transactions are listed. A day is asked for alone, in
halves where it has more; it is there once PayPal says that it is refreshed beyond its end.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from adapters.kit.files.daily import Calendar
from adapters.kit.paging import by_page
from adapters.kit.session import Session
from adapters.ports import Clock
from hub.model.errors import BadData, Rejected, TryLater
from mappings.kit import times

TOKENS, TOPIC = "/v1/oauth2/token", "transactions"
_PATH, _BALANCES = "/v1/reporting/transactions", "/v1/reporting/balances"
_MOST, _SECOND, _LATER_S = 500, timedelta(seconds=1), 1800.0
_READY, _OLDEST = timedelta(hours=4), timedelta(days=3 * 365 - 1)
"""A transaction is listed up to three hours late, and for three years."""
_TOO_MANY = "RESULTSET_TOO_LARGE"
_KEPT = ("account_number", "start_date", "end_date", "transaction_details")
"""What says the same each time that it is asked."""


class Search:
    """The transactions of one account, by days in its zone."""

    def __init__(self, session: Session, zone: tzinfo, clock: Clock) -> None:
        self._session = session
        self.calendar = Calendar(zone, clock, _READY, _OLDEST)

    def check(self) -> None:
        """Ask for the balances."""
        self._session.call("GET", _BALANCES)

    def ask(self, day: date) -> bytes | None:
        """A day's transactions, as one answer. None: no money moved."""
        begin = self.calendar.begins(day)
        end = self.calendar.begins(day + timedelta(days=1)) - _SECOND
        answers = list(self._searched(begin, end))
        rows = [row for answer in answers for row in answer["transaction_details"]]
        if not rows:
            return None
        told = {**answers[0], "start_date": _written(begin), "end_date": _written(end)}
        told["transaction_details"] = sorted(rows, key=_number)
        said = {name: told[name] for name in _KEPT if name in told}
        return json.dumps(said, ensure_ascii=False).encode()

    def _searched(self, begin: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        """The answers of a period, each with the rows of all its pages."""
        first = self._page(begin, end, 1)
        if first is None:
            middle = begin + (end - begin) // 2
            if middle - begin < _SECOND:
                raise Rejected(f"more than PayPal lists moved within {end - begin}")
            middle = middle.replace(microsecond=0)
            yield from self._searched(begin, middle)
            yield from self._searched(middle + _SECOND, end)
            return
        _check_fresh(first, end)
        rows = [row for page in by_page(self._pages(begin, end, first)) for row in page]
        if len(rows) != _count(first, "total_items"):
            raise TryLater(f"PayPal lists {len(rows)} of {_count(first, 'total_items')}")
        yield {**first, "transaction_details": rows}

    def _pages(self, begin: datetime, end: datetime, first: Mapping[str, Any]) -> Any:
        def fetch(number: int) -> tuple[Sequence[Any], bool]:
            page = first if number == 1 else self._page(begin, end, number)
            if page is None:
                raise TryLater("PayPal answered no page")
            return _rows(page), number < _count(page, "total_pages")

        return fetch

    def _page(self, begin: datetime, end: datetime, number: int) -> dict[str, Any] | None:
        """A page; None where the period holds more than is listed."""
        query = {
            "start_date": _written(begin),
            "end_date": _written(end),
            "fields": "transaction_info",
            "balance_affecting_records_only": "Y",
            "page_size": str(_MOST),
            "page": str(number),
        }
        try:
            told = self._session.call("GET", _PATH, query=query)
        except Rejected as error:
            if _TOO_MANY in str(error):
                return None
            raise
        if not isinstance(told, dict):
            raise TryLater("PayPal answered no JSON object")
        return told


def _rows(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """None are left out where there are none."""
    rows = page.get("transaction_details", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TryLater("PayPal answered no list of transactions")
    return rows


def _count(page: Mapping[str, Any], name: str) -> int:
    try:
        return int(page.get(name, 0))
    except (TypeError, ValueError):
        raise TryLater(f"PayPal's {name} is no number") from None


def _check_fresh(page: Mapping[str, Any], end: datetime) -> None:
    """TryLater where PayPal does not know all of the period yet."""
    try:
        fresh = times.moment(page.get("last_refreshed_datetime"), UTC)
    except BadData:
        raise TryLater("PayPal does not say how fresh its list is") from None
    if fresh < end:
        raise TryLater(f"PayPal knows what moved until {fresh} only", retry_after=_LATER_S)


def _number(row: Mapping[str, Any]) -> tuple[str, str]:
    """An order of transactions that is the same each time."""
    info = row.get("transaction_info")
    told = info if isinstance(info, dict) else {}
    return str(told.get("transaction_id")), str(told.get("transaction_event_code"))


def _written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
