"""The settlement desk: a statement beside the one before it, opened down to the order, decided by
two people; a merchant sees its own.
"""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from hub.flows.settlement import contracts, statements
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.terms import Terms
from hub.store.settlement import entries
from tests.kit.world.console import Console

YEAR = [datetime(2025, month, 1, tzinfo=UTC) for month in range(1, 13)]
TERMS = {"currency": "EUR", "rules": [{"name": "all", "percent": "10"}]}


def sells(console: Console, number: int, amount: str, at: datetime) -> None:
    traits = {"channel": "shop", "sku": f"SKU-{number}"}
    item = ChargeItem("sale", traits, "order:1", Decimal(1), Decimal(amount))
    lines = postings.turnover([item])
    sale = Entry("acme", f"order:{number}", "sale:1", "EUR", at, at, lines, items=[item])
    with console.world.store.database.begin() as db:
        entries.book(db, [sale])


def settled(console: Console, month: int) -> UUID:
    with console.world.unit() as unit:
        made = statements.open_period(
            unit, "acme", "EUR", YEAR[month], YEAR[month + 1], "user:somebody"
        )
        statements.calculate(unit, [made], "user:somebody")
    return made


@pytest.fixture
def two_months(console: Console) -> UUID:
    """A month that is approved and one that is calculated."""
    with console.world.unit() as unit:
        contracts.agree(unit, "acme", Terms.model_validate(TERMS), YEAR[0], "ann")
    sells(console, 1, "100.00", YEAR[0])
    sells(console, 2, "250.00", YEAR[1])
    first = settled(console, 0)
    with console.world.unit() as unit:
        statements.approve(unit, first, "user:another")
    return settled(console, 1)


def test_what_was_not_worked_out_yet_comes_to_nothing_that_is_known(console: Console) -> None:
    with console.world.unit() as unit:
        statements.open_period(unit, "acme", "EUR", YEAR[0], YEAR[1], "user:somebody")
    page = console.person("finance").get("/settlement").text
    assert ("€0.00" in page, page.count(">\N{EN DASH}</td>")) == (False, 3)


def test_a_statement_is_read_opened_and_decided_about(console: Console, two_months: UUID) -> None:
    finance = console.person("finance")
    assert "225" in finance.get("/settlement").text
    page = finance.get(f"/settlement/{two_months}").text
    assert "<svg" in page
    assert "-€25.00</text>" in page, "the picture's numbers are money"
    assert "150" in page  # more than the month before
    opened = finance.get(f"/settlement/{two_months}/lines/2")
    assert ("SKU-2" in opened.text, "SKU-1" in opened.text) == (True, False)
    finance.post(f"/settlement/{two_months}/approve")
    row = console.world.sql("SELECT status FROM statement WHERE id = :id", id=two_months)
    assert row == [("approved",)]
    refused = finance.get("/settlement/payouts?currency=EUR")
    assert refused.status_code == 303  # nobody's contract names an account


def test_nobody_approves_what_they_calculated(console: Console, two_months: UUID) -> None:
    finance = console.person("finance")
    finance.post(f"/settlement/{two_months}/calculate")
    assert f"/settlement/{two_months}/approve" not in finance.get(f"/settlement/{two_months}").text
    finance.post(f"/settlement/{two_months}/approve")
    row = console.world.sql("SELECT status FROM statement WHERE id = :id", id=two_months)
    assert row == [("calculated",)]


def test_a_merchant_sees_its_own_and_another_none(console: Console, two_months: UUID) -> None:
    console.world.merchant("other")
    own, other = console.person("merchant", "acme"), console.person("merchant", "other")
    assert own.get(f"/settlement/{two_months}").status_code == 200
    assert own.post(f"/settlement/{two_months}/approve").status_code == 403
    assert other.get(f"/settlement/{two_months}").status_code == 404
    assert "acme" not in other.get("/settlement").text


def test_lines_say_what_they_are_in_words(console: Console) -> None:
    terms = {**TERMS, "hold_days": 10, "delivery_days": 3, "reserve": {"percent": "5", "days": 30}}
    terms["rules"] = [{"name": "ours", "charge": "our_own", "percent": "10"}, *TERMS["rules"]]
    with console.world.unit() as unit:
        contracts.agree(unit, "acme", Terms.model_validate(terms), YEAR[0], "ann")
    sells(console, 1, "100.00", YEAR[0].replace(day=25))
    made = settled(console, 0)
    finance = console.person("finance")
    for language, words in (
        (
            "en",
            ["commission", "nobody told of delivery, and 3 days", "until 2025-03-03", "our_own"],
        ),
        ("zh", ["佣金", "无人通知送达", "另加 3 天", "至 2025-03-03", "our_own"]),
    ):
        finance.post("/language", language=language)
        page = finance.get(f"/settlement/{made}").text
        assert [word for word in words if word not in page] == []
        assert "shipped+3" not in page
        opened = finance.get(f"/settlement/{made}/lines/1").text
        assert ("order:1" in opened, "sale:1" in opened, "SKU-1" in opened) == (False, False, True)
