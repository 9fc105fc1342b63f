"""Goods in, as people see and settle them: announced, received in parts, differing, moved."""

import re
from typing import Any
from uuid import UUID

import pytest

from tests.kit.world.console import Console, Person

NEW = {"merchant": "acme", "warehouse": "wh", "number": "PO-1", "lines": "A 10\nB 4"}


def receipt(number: str, said: str, *pieces: tuple[str, int], **more: Any) -> dict[str, Any]:
    return {
        "type": "goods_receipt",
        "source": {"connection": "wh", "id": said},
        "inbound_notice_id": number,
        "receipt_id": said,
        "received_at": "2026-11-24T10:00:00Z",
        "lines": [{"sku": sku, "quantity": str(count)} for sku, count in pieces],
        **more,
    }


def received(console: Console, said: str, *pieces: tuple[str, int], **more: Any) -> None:
    console.world.tell("wh", receipt("PO-1", said, *pieces, **more), key="PO-1")
    console.world.run()


@pytest.fixture
def person(console: Console) -> Person:
    """Somebody who announced ten of A and four of B."""
    person = console.person("operator")
    person.get("/inbound/new")
    answer = person.post("/inbound/new", **NEW)
    assert answer.status_code == 303
    console.world.run()
    return person


def notice(console: Console) -> UUID:
    found: UUID = console.world.one("SELECT id FROM inbound_notice")
    return found


def on_hand(console: Console, sku: str) -> int:
    query = "SELECT on_hand FROM stock_level WHERE sku = :sku AND quality = 'good'"
    return int(console.world.one(query, sku=sku))


def cells(page: str, heading: str) -> list[list[str]]:
    """The rows of the table under a heading, as text."""
    table = page.partition(f"<h2>{heading}</h2>")[2].partition("</table>")[0]
    return [
        [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        for row in table.partition("<tbody>")[2].split("</tr>")[:-1]
    ]


def test_what_is_announced_by_hand_is_told_and_shown(console: Console, person: Person):
    assert console.world.one("SELECT status FROM inbound_notice") == "notified"
    page = person.get(f"/inbound/{notice(console)}").text
    lines = [(row[1], row[4], row[5], row[7]) for row in cells(page, "Announced and received")]
    assert lines == [("A", "10", "0", "10"), ("B", "4", "0", "4")]
    assert "PO-1" in person.get("/inbound?warehouse=wh&status=notified").text
    assert "PO-1" not in person.get("/inbound?status=received").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lines": "A"}, "lines.0: an article and a number of pieces are expected"),
        ({"lines": ""}, "lines"),
        ({"lines": "A -3"}, "lines.0.quantity"),
        ({"lines": "A viele"}, "lines.0.quantity"),
        ({"lines": "NOBODY-KNOWS 3"}, "NOBODY-KNOWS"),
        ({"merchant": "somebody"}, "merchant: the code of a merchant is expected"),
        ({"warehouse": "shop"}, "warehouse: the code of a warehouse connection is expected"),
    ],
)
def test_what_cannot_be_announced_is_named_and_kept_in_the_form(
    console: Console, changes: dict[str, str], said: str
):
    person = console.person("operator")
    person.get("/inbound/new")
    answer = person.post("/inbound/new", **{**NEW, **changes})
    assert answer.status_code == 422
    flash = answer.text.partition('class="flash bad"')[2].partition("</p>")[0]
    assert said in flash
    assert 'value="PO-1"' in answer.text
    assert console.world.count("inbound_notice") == 0


def test_why_it_cannot_be_announced_is_said_in_the_readers_language(console: Console):
    person = console.person("operator")
    person.post("/language", language="zh")
    answer = person.post("/inbound/new", **{**NEW, "lines": "A -3"})
    flash = answer.text.partition('class="flash bad"')[2].partition("</p>")[0]
    assert "lines.0.quantity: 数量应大于 0" in flash


def test_a_difference_is_decided_once_and_the_stock_follows(console: Console, person: Person):
    before = on_hand(console, "A")
    received(console, "R1", ("A", 12), ("B", 4))
    assert on_hand(console, "A") == before + 12
    page = person.get("/inbound/differences").text
    assert "more than announced" in page
    (action,) = re.findall(r'action="(/inbound/differences/[^"]+)"', page)
    answer = person.post(action, decision="adjust", reason="counted twice")
    assert answer.status_code == 303
    assert on_hand(console, "A") == before + 10
    assert "Nothing is to be decided." in person.get("/inbound/differences").text
    person.post(action, decision="adjust")
    assert on_hand(console, "A") == before + 10
    assert "comes too late" in person.get("/inbound/differences").text
    assert ("inbound.decide") in [row[2] for row in console.audited()]


def test_a_decision_that_is_none_is_refused(console: Console, person: Person):
    received(console, "R1", ("A", 12), ("B", 4))
    (action,) = re.findall(
        r'action="(/inbound/diff[^"]+)"', person.get("/inbound/differences").text
    )
    assert person.post(action, decision="forget").status_code == 400


def test_parts_come_in_and_the_rest_is_missing_once_it_is_closed(console: Console, person: Person):
    received(console, "R1", ("A", 6), complete=False)
    page = person.get(f"/inbound/{notice(console)}").text
    assert [row[5] for row in cells(page, "Announced and received")] == ["6", "0"]
    assert "/cancel" not in page
    person.post(f"/inbound/{notice(console)}/close", reason="the ship sank")
    page = person.get(f"/inbound/{notice(console)}").text
    assert [row[:3] for row in cells(page, "Differences")] == [
        ["missing", "A", "4"],
        ["missing", "B", "4"],
    ]


def test_a_merchant_announces_its_own_goods_only(console: Console):
    person = console.person("merchant", "acme")
    assert "PO-1" not in person.get("/inbound").text
    person.get("/inbound/new")
    answer = person.post("/inbound/new", **{**NEW, "merchant": "other"})
    assert answer.status_code == 422
    assert person.post("/inbound/new", **NEW).status_code == 303


def test_a_warehouse_looks_and_does_not_decide(console: Console, person: Person):
    received(console, "R1", ("A", 12), ("B", 4))
    page = console.person("warehouse").get("/inbound/differences").text
    assert "more than announced" in page
    assert 'action="/inbound/diff' not in page
