"""How long customers are kept, in the console: set, tried, changed by those who may."""

import re
from datetime import timedelta

import pytest

from hub.flows.customers import collect
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console, Person
from workers.schedule.customers import forget_past_retention

PATH = "/customers/retention"
NONE = "\N{EN DASH}"


class Silent:
    def ring(self, lanes: object) -> None: ...


@pytest.fixture
def person(console: Console) -> Person:
    """Somebody, where one customer ordered last 400 days ago and one today."""
    for number in ("1", "2"):
        who = {"name": number, "email": f"{number}@example.com"}
        gone = {"state": "cancelled", "cancelled_at": "2026-11-24T10:00:00Z"}
        home = {"ship_to": None, "bill_to": None}
        tree = sales_order(number, customer=who, **gone, **home)
        console.world.tell("shop", tree, key=number)
    console.world.run()
    with console.world.unit() as unit:
        collect.collect(unit)
    console.world.sql("UPDATE customer SET last_order_at = now()")
    console.world.sql(
        """UPDATE customer SET last_order_at = :at
        WHERE id = (SELECT id FROM customer ORDER BY id LIMIT 1)""",
        at=console.world.clock() - timedelta(days=400),
    )
    return console.person("operator")


def row(page: str, merchant: str = "acme") -> list[str]:
    """What stands in a merchant's row."""
    for found in page.partition("<tbody>")[2].split("</tr>"):
        cells = re.findall(r"<td.*?</td>", found, re.DOTALL)
        words = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]
        if words and words[0] == merchant:
            return words
    raise AssertionError(merchant)


def days_of(console: Console) -> list[int | None]:
    return [row.days for row in console.world.sql("SELECT days FROM customer_retention")]


def test_it_is_tried_and_then_counts(console: Console, person: Person) -> None:
    assert row(person.get(PATH).text)[1:5] == ["for ever", NONE, NONE, NONE]
    tried = person.post(f"{PATH}/acme/preview", days="365").text
    assert re.search(r'id="past">(\d+)<', tried)[1] == "1"  # type: ignore[index]
    assert days_of(console) == []
    assert person.post(f"{PATH}/acme", days="365", confirm="acme").status_code == 303
    said = row(person.get(PATH).text)
    assert (said[1], said[3], said[4]) == ("365 days", "1", NONE)
    assert said[2].startswith("user:operator-x · ")
    assert ("acme", "user:operator-x", "customer.retention") in console.audited()
    forget_past_retention(console.world.store, Silent())  # type: ignore[arg-type]
    said = row(person.get(PATH).text)
    assert said[3] == "0"
    assert said[4].endswith("1 forgotten, 0 under way")
    assert person.post(f"{PATH}/acme", days="").status_code == 303
    assert days_of(console) == [None]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"days": "29", "confirm": "acme"}, "30 to 36500 days are expected."),
        ({"days": "soon", "confirm": "acme"}, "30 to 36500 days are expected."),
        ({"days": "365"}, "Write the merchant&#39;s code to confirm it."),
        ({"days": "365", "confirm": "Acme"}, "Write the merchant&#39;s code to confirm it."),
    ],
)
def test_nothing_counts_that_was_not_meant(
    console: Console, person: Person, form: dict[str, str], said: str
) -> None:
    assert person.post(f"{PATH}/acme", **form).status_code == 303
    assert said in person.get(PATH).text
    assert days_of(console) == []


def test_others_are_out_of_reach(console: Console, person: Person) -> None:
    console.world.merchant("beta")
    theirs = console.person("merchant", "beta")
    assert ">acme<" not in theirs.get(PATH).text
    for what in ("", "/preview"):
        assert theirs.post(f"{PATH}/acme{what}", days="365", confirm="acme").status_code == 404
    auditor = console.person("auditor")
    assert row(auditor.get(PATH).text)[1] == "for ever"
    assert auditor.post(f"{PATH}/acme/preview", days="365").status_code == 403
    assert days_of(console) == []
