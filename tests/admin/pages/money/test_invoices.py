"""Invoices in the console: what was drawn of an order, and each as a file."""

import re

from hub.flows.invoices import drawing
from hub.store.invoices import invoices
from mappings import ubl
from tests.flows.invoices import sellers
from tests.kit.catalogue import refund, sales_order
from tests.kit.world.console import Console


def drawn(console: Console) -> str:
    """The page of an order that was invoiced and credited."""
    world = console.world
    world.tell("shop", sales_order(1001), key="o")
    world.tell("shop", refund("r1", order=1001, amount="5.00"), key="r")
    world.run()
    order_id = world.order("1001").id
    with world.unit() as unit:
        invoices.set_seller(unit.db, "acme", sellers.seller())
        drawing.draw(unit, order_id, "ann")
    return f"/orders/{order_id}"


def test_what_was_drawn_stands_on_the_order_and_is_had_as_files(console: Console) -> None:
    path, person = drawn(console), console.person("finance", "acme")
    page = person.get(path).text
    assert page.index("30.00", page.index("-000001")) < page.index("-000002")
    assert "Credit note" in page
    links = re.findall(r'href="(/invoices/[^"?]+\?format=(\w+))"', page)
    assert [form for _, form in links] == [*ubl.FORMS] * 2
    file = person.get(links[0][0])
    made = ubl.FORMS[links[0][1]]
    assert file.mimetype == made.media_type
    assert file.headers["Content-Disposition"].endswith(f'-000001.{made.suffix}"')
    assert ubl.read(person.get(links[0][0].partition("?")[0]).data).kind == "invoice"
    assert console.audited()[-1] == ("acme", "user:finance-acme-x", "invoice.download")


def test_who_may_not_see_the_buyer_has_no_file(console: Console) -> None:
    path = drawn(console)
    link = re.search(r"/invoices/[0-9a-f-]+", console.person("finance").get(path).text)
    assert link is not None
    warehouse = console.person("warehouse")
    assert "-000001" in warehouse.get(path).text
    assert "/invoices/" not in warehouse.get(path).text
    assert warehouse.get(link[0]).status_code == 403
    console.world.merchant("beta")
    assert console.person("finance", "beta").get(link[0]).status_code == 404
    assert "invoice.download" not in [action for _, _, action in console.audited()]
