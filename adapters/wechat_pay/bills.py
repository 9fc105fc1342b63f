"""The bill of a day at WeChat Pay: where it lies, fetched, and held to its hash. Source: merchant
documentation, APIv3, "Apply for trade bill", "Apply for fund flow bill", "Download bill".
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from requests import Response

from adapters.kit.files.daily import Calendar
from adapters.kit.session import Session
from adapters.ports import Clock
from adapters.wechat_pay.signing import answer_is_signed
from hub.model.errors import BadData, Ignored, NotAuthorised, Rejected, TryLater
from mappings.kit import zone
from mappings.kit.reports.bodies import bodies

_NOTHING, _MAKING = frozenset({"NO_STATEMENT_EXIST", "NO_BILL_EXIST"}), "STATEMENT_CREATING"
_REFUSES = (400, 404)
"""Statuses whose body says what there is instead of a bill."""
_PLACES = {
    "trade": ("/v3/bill/tradebill", {"bill_type": "ALL"}),
    "fund_flow": ("/v3/bill/fundflowbill", {"account_type": "BASIC"}),
}
_READY, _OLDEST = timedelta(hours=10), timedelta(days=89)
"""Bills are made in the morning after, and given for three months."""


class Bills:
    """The bills of one merchant."""

    def __init__(self, session: Session, kind: str, public_key: str | None, clock: Clock) -> None:
        self._session, self._public_key = session, public_key
        self._path, self._query = _PLACES[kind]
        self.calendar = Calendar(zone("Asia/Shanghai"), clock, _READY, _OLDEST)

    def check(self) -> None:
        """Ask where the last bill lies, which is well answered even where there is none."""
        self._place(self.calendar.last())

    def ask(self, day: date) -> bytes | None:
        """A day's bill, compressed. None: no money moved. TryLater: it is not made yet, or what
        came is not what was promised.
        """
        told = self._place(day)
        if isinstance(told, str):
            if told == _MAKING:
                self.calendar.unfinished(day)
            return None
        kind, wanted, target = (_word(told, it) for it in ("hash_type", "hash_value", "target"))
        if kind.upper() != "SHA1":
            raise Rejected(f"a bill with a SHA1 is expected, not with {kind[:20]!r}")
        raw: bytes = self._session.call("GET", target, read="bytes")
        if _sha1(raw) != wanted.lower():
            raise TryLater(f"the bill of {day} is not the one that was promised: its SHA1 differs")
        return raw

    def _place(self, day: date) -> Mapping[str, Any] | str:
        """Where a bill lies and its hash, or the code that says why there is none."""
        query = urlencode({"bill_date": day.isoformat(), **self._query, "tar_type": "GZIP"})
        headers = {"Accept": "application/json"}
        answer = self._session.request(
            "GET", f"{self._path}?{query}", headers=headers, own=_REFUSES
        )
        if answer.status_code in _REFUSES:
            return self._refusal(answer)
        if self._public_key and not answer_is_signed(
            self._public_key, answer.headers, answer.content
        ):
            raise NotAuthorised("the answer is not signed with the key in wechat_public_key")
        told = _tree(answer)
        place = urlsplit(_word(told, "download_url"))
        if place.hostname != urlsplit(str(answer.url)).hostname:
            raise Rejected("the bill lies at another host than the API: it is not fetched")
        return {**told, "target": f"{place.path}?{place.query}"}

    def _refusal(self, answer: Response) -> str:
        told = _tree(answer)
        code, words = str(told.get("code", ""))[:50], str(told.get("message", ""))[:200]
        if code in _NOTHING or code == _MAKING:
            return code
        message = f"GET answered {answer.status_code}: {code} {words}"
        raise Rejected(self._session.scrub(message))


def _tree(answer: Response) -> Mapping[str, Any]:
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise TryLater("WeChat Pay answered no JSON object")
    return told


def _word(told: Mapping[str, Any], name: str) -> str:
    word = told.get(name)
    if not isinstance(word, str) or not word:
        raise TryLater(f"WeChat Pay's answer names no {name}")
    return word


def _sha1(raw: bytes) -> str:
    """Of the bill itself: compressed it has many forms."""
    try:
        inside = b"".join(body.raw for body in bodies(raw))
    except (BadData, Ignored):
        inside = raw
    return hashlib.sha1(inside, usedforsecurity=False).hexdigest()
