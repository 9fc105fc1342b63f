"""Terms of returns in the console: versions side by side, and new ones that are tried on what came
back before they are put in force.
"""

from datetime import UTC, datetime, timedelta

from tests.admin.pages.returns.test_desk import case, words
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console

PATH = "/returns/terms/acme"
STRICT = "window_days: 14\nreview:\n- {name: all, when: {}, then: refuse, because: we do not}\n"


def versions(console: Console) -> list[tuple[int, str, object]]:
    rows = console.world.sql("SELECT version, author, policy FROM return_policy ORDER BY version")
    return [(row.version, row.author, row.policy.get("window_days")) for row in rows]


def test_terms_are_tried_on_what_came_back_and_then_put_in_force(console: Console) -> None:
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    asked = (console.world.clock() - timedelta(days=1)).isoformat()
    case(console, requested_at=asked)
    person = console.person("operator")
    tried = person.post(f"{PATH}/preview", terms=STRICT)
    assert tried.status_code == 200
    shown = words(tried.text)
    assert "approved 0 0 0 refused 0 1 1 put before a person 1 0 -1" in shown
    assert "R-1 put before a person refused we do not" in shown
    assert "window_days 30 14" in shown
    assert versions(console) == []  # nothing is kept of it
    again = person.post(f"{PATH}/agree", terms=STRICT, back="1")
    assert ("name: all" in again.text, versions(console)) == (True, [])
    assert person.post(f"{PATH}/agree", terms=STRICT).status_code == 303
    assert "Version 1 is written." in person.get(PATH).text
    assert person.post(f"{PATH}/agree", terms=STRICT).status_code == 303
    assert "nothing has changed" in person.get(PATH).text
    day = f"{datetime.now(UTC).year + 1}-02-01T00:00"
    later = {"terms": "window_days: 60\n", "valid_from": day}
    assert person.post(f"{PATH}/agree", **later).status_code == 303
    number = [it[:1] + it[2:] for it in versions(console)]
    assert number == [(1, 14), (2, 60)]
    shown = words(person.get(PATH).text)
    assert "to come" in shown
    assert "window_days 14 60" in shown
    assert "window_days 60 14" in words(person.get(f"{PATH}?left=2&right=1").text)
    assert person.post(f"{PATH}/agree", terms="").status_code == 303
    assert versions(console)[-1][2] is None
    assert "none of its own" in person.get("/returns/terms").text


def test_what_is_wrong_stands_at_its_field(console: Console) -> None:
    person = console.person("operator")
    wrong = {"terms": "window_days: -1\nmerchant: beta\n", "valid_from": "soon"}
    page = person.post(f"{PATH}/preview", **wrong)
    assert page.status_code == 422
    said = page.text.partition('id="why-terms-1"')[2]
    assert "window_days" in said
    assert "merchant" in said
    assert "a time such as" in page.text.partition('id="why-valid_from-1"')[2]
    nowhere = person.post(f"{PATH}/agree", terms="warehouses: [{warehouse: nowhere}]")
    assert "warehouses.0.warehouse" in nowhere.text.partition('id="why-terms-1"')[2]
    assert person.post(f"{PATH}/agree", terms="{").status_code == 422
    assert versions(console) == []


def test_who_may_see_and_who_may_change(console: Console) -> None:
    console.world.merchant("other")
    operator = console.person("operator")
    for person, writes in (
        (operator, True),
        (console.person("merchant", "acme"), True),
        (console.person("integrator"), False),
        (console.person("finance"), False),
        (console.person("auditor"), False),
    ):
        assert ("/preview" in person.get(PATH).text) == writes
        posted = person.post(f"{PATH}/agree", terms="window_days: 30\nsettle: auto\n")
        assert posted.status_code == (303 if writes else 403)
    assert len(versions(console)) == 1
    other = console.person("merchant", "other")
    assert other.get(PATH).status_code == 404
    assert other.post(f"{PATH}/agree", terms="window_days: 1\n").status_code == 404
    assert "acme" not in other.get("/returns/terms").text
    assert other.get("/returns/terms/operator").status_code == 404
    assert operator.get("/returns/terms/operator").status_code == 200
