"""The demonstration's payment provider: it pays out what customers paid, and reports it in CSV, a
report for each currency, signed after Standard Webhooks.

In each report one payment came to less than was paid, and a fee stands that no order explains: to
be found and explained in the console.
"""

import base64
import csv
import hashlib
import hmac
import io
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox import outgoing

Body = Mapping[str, Any]
COLUMNS = ("reference", "order", "kind", "gross", "fee", "net", "currency", "date")
_RATE = Decimal("0.014")
_SHORT = Decimal(1)
"""Of one payment in each report so much is missing."""


def pay_out(hub: str, secret: str, bodies: Iterable[Body]) -> dict[str, int]:
    """Report the payments of these orders; currency -> how many. Those that nobody paid yet, or
    that came to nothing, are left out.
    """
    by_currency: dict[str, list[Body]] = {}
    for body in bodies:
        if body["financial_status"] == "paid" and Decimal(body["total_price"]):
            by_currency.setdefault(body["currency"], []).append(body)
    for currency, paid in by_currency.items():
        raw = report(currency, paid, datetime.now(UTC))
        outgoing.post(f"{hub}/in/pay-demo", raw, signed(secret, raw, time.time()))
    return {currency: len(paid) for currency, paid in sorted(by_currency.items())}


def report(currency: str, paid: Sequence[Body], at: datetime) -> bytes:
    """One report, a line for each payment and one for the month's fee."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    day = at.date().isoformat()
    for number, body in enumerate(paid):
        gross = Decimal(body["total_price"]) - (_SHORT if number == 0 else 0)
        fee = (gross * _RATE).quantize(Decimal(body["total_price"]))
        named = (f"pay-{body['id']}", body["name"], "sale")
        lines.writerow((*named, gross, fee, gross - fee, currency, day))
    first = paid[0]["id"]
    lines.writerow((f"fee-{first}", "", "fee", 0, 5, -5, currency, day))
    return text.getvalue().encode()


def signed(secret: str, raw: bytes, now: float) -> dict[str, str]:
    """The headers of a delivery. Its id is of its content: the same report is the same delivery."""
    number, at = f"report_{hashlib.sha256(raw).hexdigest()[:24]}", str(int(now))
    content = b".".join((number.encode(), at.encode(), raw))
    digest = hmac.new(secret.encode(), content, hashlib.sha256).digest()
    return {
        "Content-Type": "text/csv",
        "webhook-id": number,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
