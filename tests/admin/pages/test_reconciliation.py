"""The workbench of reconciliation: three columns, filters, by hand, explained, undone."""

import re

import pytest

from tests.flows.reconciliation.till import line, report
from tests.gateway.api.test_reconciliation import hear
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console, Person


@pytest.fixture
def person(console: Console) -> Person:
    """Somebody of finance, an order of 30, and a report that knows 29 of it and a fee."""
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    differs = line("t1", "29.00", channel_order_id="1001")
    fee = line("sub", "0", "39.00", kind="fee")
    back = line("cb", "-5.00", kind="chargeback")
    hear(console.world, report("R1", differs, fee, back))
    return console.person("finance")


def row(console: Console, reference: str) -> str:
    found = console.world.one("SELECT id FROM provider_row WHERE reference = :r", r=reference)
    return f"/reconciliation/theirs/{found}"


def state(console: Console, reference: str) -> str:
    query = "SELECT state FROM provider_row WHERE reference = :r"
    return str(console.world.one(query, r=reference))


def columns(page: str, reference: str) -> list[str]:
    """Ours, theirs and the difference of a row of the list."""
    html = page.partition(f">{reference}<")[2].partition("</tr>")[0]
    return [re.sub(r"<[^>]+>", "", it) for it in re.findall(r'<td class="right">.*?</td>', html)]


def test_both_sides_stand_beside_their_difference(console: Console, person: Person) -> None:
    page = person.get("/reconciliation?reason=amount_differs&side=theirs").text
    assert "<bdi>t1</bdi>" in page
    assert "<bdi>sub</bdi>" not in page
    assert columns(page.replace("<bdi>", "").replace("</bdi>", ""), "t1") == [
        "€30.00", "€29.00", "-€1.00"]  # fmt: skip
    assert "sub" not in person.get("/reconciliation?age=older&side=theirs").text
    chinese = person.get("/reconciliation", headers={"Accept-Language": "zh"}).text
    assert "对账" in chinese or "Reconciliation" in chinese


def test_a_small_difference_is_matched_by_hand_and_undone(console: Console, person: Person) -> None:
    path = row(console, "t1")
    (other,) = re.findall(r'name="other" value="([^"]+)"', person.get(path).text)
    assert person.post(f"{path}/match", other=other, reason="rounded").status_code == 303
    assert state(console, "t1") == "matched"
    assert person.post(f"{path}/undo").status_code == 303
    assert state(console, "t1") == "open"


def test_what_is_explained_has_words(console: Console, person: Person) -> None:
    path = row(console, "sub")
    person.get(path)
    person.post(f"{path}/decide", decision="explain", reason="")
    assert state(console, "sub") == "open"
    person.post(f"{path}/decide", decision="explain", reason="the yearly fee")
    assert state(console, "sub") == "explained"
    assert "the yearly fee" in person.get(path).text


def test_a_chargeback_is_contested_and_lost(console: Console, person: Person) -> None:
    case = console.world.one("SELECT id FROM chargeback")
    assert "We contest it" in person.get("/chargebacks?status=open").text
    for event in ("send_evidence", "lose"):
        assert person.post(f"/chargebacks/{case}", event=event).status_code == 303
    assert console.world.one("SELECT status FROM chargeback") == "lost"
    assert state(console, "cb") == "accepted"
    assert person.post(f"/chargebacks/{case}", event="nonsense").status_code == 400


def test_a_warehouse_and_an_auditor_decide_nothing(console: Console, person: Person) -> None:
    path = row(console, "sub")
    assert console.person("warehouse").get("/reconciliation").status_code == 403
    auditor = console.person("auditor")
    assert auditor.get(path).status_code == 200
    assert auditor.post(f"{path}/decide", decision="accept").status_code == 403
