"""The books over the Open API: the journal, its files, what is missing, and closing."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.flows.books import tell
from hub.store.settlement import entries
from hub.store.settlement.entries import Entry, Line
from mappings.journal import FORMS, datev, totals
from mappings.kit import Context
from tests.kit.world.gateway import Gateway

AT = Context("books")
MAY = "from=2026-05-01&to=2026-05-31"


def sale(number: int, merchant: str = "acme", gross: str = "10.00") -> Entry:
    at, total = datetime(2026, 5, 1 + number, 12, tzinfo=UTC), Decimal(gross)
    lines = (
        Line("merchant.receivable", debit=total),
        Line("merchant.revenue", credit=total),
        Line("operator.receivable", debit=total),
        Line("operator.payable", credit=total),
    )
    return Entry(merchant, f"order:{merchant}-{number}", "sale:1", "EUR", at, at, lines)


def books(gateway: Gateway, code: str = "books", merchant: str = "acme") -> None:
    charts = [{"accounts": {"merchant.receivable": "1400", "merchant.revenue": "8400"}}]
    gateway.world.connect(
        code, "finance", merchant=merchant, takes=("journal_entry",),
        options={"books": {"charts": charts}},
    )  # fmt: skip
    with gateway.store.database.begin() as db:
        entries.book(db, [sale(1), sale(2), sale(3, "beta")])


def listed(gateway: Gateway, path: str, key: str) -> Any:
    answer = gateway.call("GET", path, key)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_journal_is_read_in_pages_and_as_files_that_add_up(gateway: Gateway) -> None:
    books(gateway)
    key = gateway.key("books:read")
    first = listed(gateway, f"books/journal?{MAY}&limit=2", key)
    rest = listed(gateway, f"books/journal?{MAY}&limit=2&cursor={first['next_cursor']}", key)
    assert [it["document"] for it in first["items"] + rest["items"]] == [
        "order:acme-1", "order:acme-2", "order:beta-3",
    ]  # fmt: skip
    assert rest["next_cursor"] is None
    for form, it in FORMS.items():
        answer = gateway.call("GET", f"journal/export?{MAY}&format={form}", key)
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert totals(it.read(answer.data, AT)) == {
            ("merchant.receivable", "EUR"): Decimal(30),
            ("merchant.revenue", "EUR"): Decimal(-30),
        }
    by_chart = gateway.call("GET", f"journal/export?{MAY}&format=datev&chart=books", key)
    assert totals(datev.read(by_chart.data, AT)) == {("1400", "EUR"): 20, ("8400", "EUR"): -20}
    refused = gateway.call("GET", f"journal/export?{MAY}&format=datev", key)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_code")


def test_a_merchants_key_sees_its_own_half_only(gateway: Gateway) -> None:
    books(gateway)
    gateway.world.connect("all-books", "finance", merchant="operator", takes=("journal_entry",))
    key = gateway.key("books:read", "books:write", merchant="beta")
    found = listed(gateway, f"books/journal?{MAY}", key)["items"]
    assert [it["document"] for it in found] == ["order:beta-3"]
    assert {line["account"] for line in found[0]["lines"]} == {
        "merchant.receivable",
        "merchant.revenue",
    }
    for code in ("books", "all-books"):
        assert gateway.call("GET", f"books/journal?{MAY}&chart={code}", key).status_code == 422
    body = {"merchant": "acme", "until": "2026-05-31"}
    assert gateway.call("POST", "books/lock", key, body).status_code == 422


def test_what_the_books_lack_is_said_with_its_reason_and_closing_is_for_good(
    gateway: Gateway,
) -> None:
    books(gateway)
    key = gateway.key("books:read", "books:write")
    with gateway.world.unit() as unit:
        assert not tell.tell(unit, margin_s=-60)
    found = listed(gateway, "books/missing?connection=books", key)["items"]
    assert [(it["day"], it["status"], it["count"], it["total"]) for it in found] == [
        ("2026-05-02", "pending", 1, "10.000000"),
        ("2026-05-03", "pending", 1, "10.000000"),
    ]
    body = {"merchant": "acme", "until": "2026-05-31", "connection": "books"}
    assert gateway.call("POST", "books/lock", key, body).json == body
    assert gateway.call("POST", "books/lock", key, body).status_code == 409
    (entry,) = gateway.world.sql("SELECT actor, action FROM audit WHERE action = 'books.close'")
    assert entry.actor.startswith("key:")
    for wrong in (
        {"merchant": "acme"},
        {"merchant": "none", "until": "2026-01-01"},
        {"until": "x"},
    ):
        assert gateway.call("POST", "books/lock", key, wrong).status_code == 422
    for no_day in (True, 20260101, "2026-02-30", ["2026-01-01"]):
        refused = gateway.call("POST", "books/lock", key, {"merchant": "acme", "until": no_day})
        (error,) = refused.json["errors"]
        assert (error["path"], error["code"]) == ("until", "bad_time")


@pytest.mark.parametrize(
    "query", ["", "format=excel", "format=csv&from=x", "format=csv&from=2026-02-02&to=2026-02-01"]
)
def test_what_cannot_be_exported_is_refused(gateway: Gateway, query: str) -> None:
    answer = gateway.call("GET", f"journal/export?{query}", gateway.key("books:read"))
    assert answer.status_code == 422
    assert json.loads(answer.data)["errors"]
