"""Stocktakes in the console: who counts sees nothing that is expected, somebody else approves."""

import re
from datetime import UTC, datetime

import pytest

from tests.kit.world.console import Console, Person


@pytest.fixture
def counter(console: Console) -> Person:
    console.world.stock("wh", A=2, SHELF=7)
    return console.person("warehouse")


def opened(console: Console, person: Person, skus: str = "SHELF", **more: str) -> str:
    form = {"merchant": "acme", "warehouse": "wh", "skus": skus, **more}
    answer = person.post("/stocktakes/new", **form)
    assert answer.status_code == 303, answer.text
    newest = console.world.one("SELECT id FROM stocktake ORDER BY id DESC LIMIT 1")
    return f"/stocktakes/{newest}"


def on_hand(console: Console, sku: str) -> int:
    query = "SELECT on_hand FROM stock_level WHERE sku = :sku AND quality = 'good'"
    return int(console.world.one(query, sku=sku))


def headings(page: str) -> list[str]:
    table = page.partition('id="lines"')[2].partition("</thead>")[0]
    return [re.sub(r"<[^>]+>", "", it) for it in re.findall(r"<th[^>]*>.*?</th>", table)]


def test_counted_blindly_and_approved_by_another(console: Console, counter: Person) -> None:
    path = opened(console, counter)
    page = counter.get(path).text
    assert headings(page) == ["SKU", "Quality", "Batch", "Expires", "Counted"]
    assert counter.post(f"{path}/count", **{"line-1": "5"}).status_code == 303
    assert counter.post(f"{path}/submit").status_code == 303
    assert "Expected" not in headings(counter.get(path).text)
    assert counter.post(f"{path}/approve").status_code == 403
    finance = console.person("finance")
    page = finance.get(path).text
    assert "Expected" in headings(page)
    told = page.partition('id="what-it-does"')[2].partition("</ul>")[0]
    assert "1 line is put right: +0 / -2" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", told))
    assert on_hand(console, "SHELF") == 7
    assert finance.post(f"{path}/approve").status_code == 303
    assert on_hand(console, "SHELF") == 5
    assert "put right" in counter.get(path).text
    assert ("acme", "user:finance-x", "stocktake.approve") in console.audited()


def test_when_it_was_counted_is_said_in_utc_and_no_other_time_is_taken(
    console: Console, counter: Person
) -> None:
    path = opened(console, counter)
    assert 'name="counted_at"' in counter.get(path).text
    for wrong in ("2020-01-01T00:00:00", "yesterday"):
        counter.post(f"{path}/count", counted_at=wrong, **{"line-1": "5"})
        assert "is expected" in counter.get(path).text
    assert console.world.one("SELECT count(*) FROM stocktake_count") == 0
    moment = datetime.now(UTC).replace(tzinfo=None)
    said = counter.post(f"{path}/count", counted_at=moment.isoformat(), **{"line-1": "5"})
    assert said.status_code == 303
    query = "SELECT counted_at FROM stocktake_count"
    assert console.world.one(query).replace(tzinfo=None) == moment


def test_an_operator_who_counted_is_shown_no_button(console: Console, counter: Person) -> None:
    person = console.person("operator")
    path = opened(console, person, open="yes")
    assert "Expected" in headings(person.get(path).text)
    person.post(f"{path}/count", **{"line-1": "5"})
    person.post(f"{path}/submit")
    page = person.get(path).text
    assert "Somebody else approves what you counted." in page
    assert f'action="{path}/approve"' not in page
    assert person.post(f"{path}/approve").status_code == 303
    assert "somebody else approves what you counted" in person.get(path).text
    assert on_hand(console, "SHELF") == 7


def test_what_is_found_beside_the_lines_becomes_one(console: Console, counter: Person) -> None:
    path = opened(console, counter)
    form = {"line-1": "7", "found": "SHELF 2 LOT 9\n", "quality": "defective"}
    assert counter.post(f"{path}/count", **form).status_code == 303
    rows = console.world.sql(
        "SELECT sku, quality, batch, found FROM stocktake_line ORDER BY line_no"
    )
    assert [tuple(row) for row in rows] == [
        ("SHELF", "good", "", False), ("SHELF", "defective", "LOT 9", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"line-1": "many"}, "lines.0.counted"),
        ({"found": "SHELF"}, "an article and a number of pieces are expected"),
        ({"found": "NOBODYS 1"}, "the SKU of a product of this merchant is expected"),
        ({"line-77": "1"}, "numbers of lines of this stocktake are expected"),
        ({}, "lines"),
    ],
)
def test_what_cannot_be_read_is_said(
    console: Console, counter: Person, form: dict[str, str], said: str
) -> None:
    path = opened(console, counter)
    assert counter.post(f"{path}/count", **form).status_code == 303
    assert said in counter.get(path).text
    assert console.world.count("stocktake_line") == 1


def test_a_recount_asks_for_the_ticked_lines_only(console: Console, counter: Person) -> None:
    path = opened(console, counter, "SHELF A")
    counter.post(f"{path}/count", **{"line-1": "1", "line-2": "7"})
    counter.post(f"{path}/submit")
    finance = console.person("finance")
    finance.post(f"{path}/recount", line="1", reason="far off")
    page = counter.get(path).text
    assert re.findall(r'name="(line-\d+)"', page) == ["line-1"]
    assert "far off" in page


def test_what_is_under_way_is_not_opened_twice(console: Console, counter: Person) -> None:
    opened(console, counter)
    form = {"merchant": "acme", "warehouse": "wh", "skus": ""}
    answer = counter.post("/stocktakes/new", **form)
    assert (answer.status_code, "is under way about it" in answer.text) == (422, True)


def test_the_list_says_where_each_stands(console: Console, counter: Person) -> None:
    path = opened(console, counter)
    counter.post(f"{path}/count", **{"line-1": "5"})
    page = counter.get("/stocktakes?warehouse=wh&status=counting").text
    assert path in page
    assert "1 / 1" in page
    assert path not in counter.get("/stocktakes?status=approved").text


def test_another_merchants_people_see_nothing_of_it(console: Console, counter: Person) -> None:
    path = opened(console, counter)
    console.world.merchant("beta")
    theirs = console.person("merchant", "beta")
    assert theirs.get(path).status_code == 404
    assert path not in theirs.get("/stocktakes").text
    assert theirs.post(f"{path}/cancel", reason="x").status_code == 404
    assert theirs.post("/stocktakes/new", merchant="acme", warehouse="wh").status_code == 422
