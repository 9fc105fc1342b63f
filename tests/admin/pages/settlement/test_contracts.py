"""Contracts and corrections in the console: terms are tried on the last month before they are put
in force, a correction takes two people, and an account is seen whole by nobody.
"""

from datetime import UTC, datetime
from decimal import Decimal

from hub.flows.settlement import contracts
from hub.flows.settlement.contracts import read
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.rules.settlement.periods import period_of
from hub.store.settlement import contracts as store
from hub.store.settlement import entries
from tests.kit.world.console import Console

IBAN, SHOWN = "DE89370400440532013000", "•••3000"
START = datetime(2025, 1, 1, tzinfo=UTC)
LESS = f"""currency: EUR
rules:
- name: less
  percent: '8'
payee: {{name: Acme, iban: {IBAN}}}
"""


def agreed(console: Console) -> None:
    payee = {"name": "Acme", "iban": IBAN}
    tree = {"currency": "EUR", "rules": [{"name": "all", "percent": "10"}], "payee": payee}
    with console.world.unit() as unit:
        contracts.agree(unit, "acme", read(tree), START, "ann")


def sold_last_month(console: Console) -> None:
    with console.world.unit() as unit:
        at = period_of("month", period_of("month", unit.at)[0] - START.resolution)[0]
        item = ChargeItem(
            "sale", {"channel": "shop", "sku": "A"}, "order:1", Decimal(1), Decimal(200)
        )
        lines = postings.turnover([item])
        sale = Entry("acme", "order:last", "sale:1", "EUR", at, at, lines, items=[item])
        entries.book(unit.db, [sale])


def versions(console: Console) -> list[tuple[object, ...]]:
    return console.world.sql("SELECT version, author FROM contract ORDER BY version")


def test_terms_are_tried_on_the_last_month_and_then_put_in_force(console: Console) -> None:
    agreed(console)
    sold_last_month(console)
    finance = console.person("finance")
    tried = finance.post("/settlement/contracts/acme/preview", terms=LESS)
    assert tried.status_code == 200
    for amount in ("€180.00", "€184.00", "€4.00"):
        assert amount in tried.text
    assert len(versions(console)) == 1  # nothing is kept of it
    again = finance.post("/settlement/contracts/acme/agree", terms=LESS, back="1")
    assert ("name: less" in again.text, len(versions(console))) == (True, 1)
    form = {"terms": LESS, "valid_from": "2025-02-01T00:00"}
    assert finance.post("/settlement/contracts/acme/agree", **form).status_code == 303
    assert [number for number, _ in versions(console)] == [1, 2]
    page = finance.get("/settlement/contracts/acme").text
    assert "name: less" in page
    assert "name: all" not in page


def test_what_is_wrong_stands_at_its_field(console: Console) -> None:
    person = console.person("operator")
    wrong = {"terms": "currency: EUR\nrules:\n- name: x\n  percent: '101'\n", "valid_from": "soon"}
    page = person.post("/settlement/contracts/acme/preview", **wrong)
    assert page.status_code == 422
    assert "rules.0.percent" in page.text.partition('id="why-terms-1"')[2]
    assert "a time such as" in page.text.partition('id="why-valid_from-1"')[2]
    assert "100 or less is expected" in page.text
    person.post("/language", language="zh")
    page = person.post("/settlement/contracts/acme/preview", **wrong).text
    assert "rules.0.percent" in page
    assert "or less is expected" not in page
    assert "a time such as" not in page
    assert person.post("/settlement/contracts/acme/agree", **wrong).status_code == 422
    assert person.post("/settlement/contracts/acme/agree", terms="{").status_code == 422
    assert versions(console) == []


def test_an_account_is_shown_by_its_end_and_stays_what_it_is_in_a_new_version(
    console: Console,
) -> None:
    agreed(console)
    console.world.merchant("other")
    path = "/settlement/contracts/acme"
    finance = console.person("finance")
    for person, writes in (
        (finance, True),
        (console.person("operator"), True),
        (console.person("integrator"), False),
        (console.person("auditor"), False),
        (console.person("merchant", "acme"), False),
        (console.person("finance", "acme"), False),
    ):
        page = person.get(path).text
        assert ("name: all" in page, IBAN in page, SHOWN in page) == (True, False, True)
        assert ("/preview" in page) == writes
    again = LESS.replace(IBAN, SHOWN)
    assert finance.post(f"{path}/preview", terms=again).status_code == 200
    assert finance.post(f"{path}/agree", terms=again).status_code == 303
    with console.world.unit() as unit:
        known = store.accounts(unit.db, unit.vault, ["acme"])
    assert known == {("acme", 1): IBAN, ("acme", 2): IBAN}
    wrong = finance.post(f"{path}/agree", terms=LESS.replace(IBAN, "•••9999"))
    assert wrong.status_code == 422
    assert "the account is written whole" in wrong.text.partition('id="why-terms-1"')[2]
    assert len(versions(console)) == 2
    other = console.person("merchant", "other")
    assert other.get(path).status_code == 404
    assert "acme" not in other.get("/settlement/contracts").text
    bound = console.person("finance", "other")
    assert bound.post(f"{path}/agree", terms=LESS).status_code == 403


def test_a_correction_is_entered_by_one_and_decided_by_another(console: Console) -> None:
    first, second = console.person("finance"), console.person("operator")
    form = {"merchant": "acme", "currency": "EUR", "amount": "-3.50", "reason": "label reprinted"}
    assert first.post("/settlement/adjustments", **form).status_code == 303
    page = first.get("/settlement/adjustments?status=waiting").text
    assert ("label reprinted" in page, "Somebody else decides" in page) == (True, True)
    assert "/decide" not in page
    id_ = console.world.one("SELECT id FROM adjustment")
    path = f"/settlement/adjustments/{id_}/decide"
    first.post(path, decision="approve")
    assert console.world.one("SELECT decision FROM adjustment") is None
    assert path in second.get("/settlement/adjustments").text
    second.post(path, decision="approve")
    assert console.world.one("SELECT decision FROM adjustment") == "approved"
    booked = console.world.sql(
        "SELECT reason FROM entry WHERE document = :d", d=f"adjustment:{id_}"
    )
    assert booked == [("adjustment",)]
    assert "label reprinted" not in second.get("/settlement/adjustments?status=waiting").text
    console.world.merchant("other")
    own, other = console.person("merchant", "acme"), console.person("merchant", "other")
    assert "label reprinted" in own.get("/settlement/adjustments").text
    assert "label reprinted" not in other.get("/settlement/adjustments").text


def test_a_correction_that_is_none_is_refused_at_its_field(console: Console) -> None:
    finance = console.person("finance")
    form = {"merchant": "acme", "currency": "EUR", "amount": "0", "reason": "nothing"}
    page = finance.post("/settlement/adjustments", **form)
    assert page.status_code == 422
    assert "whole units" in page.text.partition('id="why-amount"')[2]
    page = finance.post("/settlement/adjustments", **{**form, "amount": "1", "merchant": "nobody"})
    assert 'id="why-merchant"' in page.text
    assert console.world.sql("SELECT id FROM adjustment") == []
