"""An order changed by staff: proposed, shown with what it does, applied only as it was shown."""

import re

from tests.admin.pages.test_pages import text_of
from tests.kit.catalogue import sales_order, status
from tests.kit.world.console import Console

FEWER = {"quantity-1": "1"}


def ordered(console: Console) -> str:
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    return f"/orders/{console.world.order().id}"


def mark_in(page: str) -> str:
    found = re.search(r'name="mark" value="(\w+)"', page)
    assert found
    return found[1]


def test_it_is_proposed_shown_and_applied(console: Console):
    path = ordered(console)
    person = console.person("operator")
    assert f'href="{path}/edit"' in person.get(path).text
    assert 'name="quantity-1"' in person.get(f"{path}/edit").text
    page = person.post(f"{path}/edit", **FEWER)
    assert page.status_code == 200
    shown = text_of(page.text)
    assert "its warehouse must be asked, and may refuse" in shown
    assert "10.00 stay billed until a refund credits them" in shown
    assert console.audited() == []
    assert console.world.order().version == 1
    done = person.post(f"{path}/edit/apply", **FEWER, mark=mark_in(page.text))
    assert done.status_code == 303
    assert console.world.order().version == 2
    assert console.audited() == [("acme", "user:operator-x", "order.edit")]


def test_an_order_that_moved_meanwhile_is_shown_anew_and_not_changed(console: Console):
    path = ordered(console)
    person = console.person("operator")
    person.get(path)
    page = person.post(f"{path}/edit", **FEWER)
    number = re.search(r"<code>(F\w+)</code>", page.text)
    assert number
    console.world.tell("wh", status(number[1], "accepted"), key=number[1])
    console.world.run()
    late = person.post(f"{path}/edit/apply", **FEWER, mark=mark_in(page.text))
    assert late.status_code == 409
    assert "nothing was applied" in late.text
    assert console.world.order().version == 1
    again = person.post(f"{path}/edit/apply", **FEWER, mark=mark_in(late.text))
    assert again.status_code == 303


def test_an_address_stays_masked_and_what_is_wrong_is_said(console: Console):
    path = ordered(console)
    person = console.person("operator")
    assert "Keizersgracht" not in person.get(f"{path}/edit").text
    page = person.post(f"{path}/edit", city="Delft", country="NL", **{"quantity-1": "2"})
    assert page.status_code == 200
    assert "Keizersgracht" not in page.text
    wrong = person.post(f"{path}/edit", **{"new-sku-0": "NOPE", "new-quantity-0": "1"})
    assert wrong.status_code == 422
    assert "acme has no product NOPE" in text_of(wrong.text)
    assert person.post(f"{path}/edit").status_code == 422
