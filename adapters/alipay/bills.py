"""The bill of a day at Alipay: where it lies, and fetched. Source: Alipay open platform,
`alipay.data.dataservice.bill.downloadurl.query`.
"""

from datetime import date, timedelta
from urllib.parse import urlsplit

from adapters.alipay.gateway import Gateway, Refused
from adapters.kit.files.daily import Calendar
from adapters.kit.session import Session
from hub.model.errors import Rejected, TryLater
from mappings.kit import zone

_METHOD = "alipay.data.dataservice.bill.downloadurl.query"
_NONE = "bill_not_exist"
_NO_BILL = (b"<", b"{")
"""How pages and objects begin that stand where a bill should be."""
_READY, _OLDEST = timedelta(hours=10), timedelta(days=365)
"""Bills are there at nine in the morning after, sometimes later."""


class Bills:
    """The bills of one merchant, of one kind. They are fetched from one address alone."""

    def __init__(self, gateway: Gateway, downloads: Session, url: str, kind: str) -> None:
        self._gateway, self._downloads, self._kind = gateway, downloads, kind
        self._host = urlsplit(url).hostname
        self.calendar = Calendar(zone("Asia/Shanghai"), gateway.clock, _READY, _OLDEST)

    def check(self) -> None:
        """Ask where the last bill lies, which is well answered even where there is none."""
        self._place(self.calendar.last())

    def ask(self, day: date) -> bytes | None:
        """A day's bill as Alipay archives it. None: there is none, or not yet: the days before the
        newest bill are asked for again.
        """
        place = self._place(day)
        if place is None:
            return None
        raw: bytes = self._downloads.call("GET", place, read="bytes")
        if raw.lstrip().startswith(_NO_BILL):
            raise TryLater(f"the bill of {day} is expected, it is something else")
        return raw

    def _place(self, day: date) -> str | None:
        """Path and query of a bill, which hold for half a minute."""
        asked = {"bill_type": self._kind, "bill_date": day.isoformat()}
        try:
            told = self._gateway.call(_METHOD, asked).get("bill_download_url")
        except Refused as refusal:
            if _NONE in refusal.code.lower():
                return None
            raise refusal.error from None
        place = urlsplit(told if isinstance(told, str) else "")
        if not place.hostname:
            raise TryLater(f"Alipay's answer does not say where the bill of {day} lies")
        if place.hostname != self._host:
            message = f"the bill lies at {place.hostname[:100]}, not at that of downloads_url"
            raise Rejected(message, code="network_forbidden")
        return f"{place.path}?{place.query}"
