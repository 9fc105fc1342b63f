"""The desks of money, customers and warehouses in a real browser: whole on a telephone and on a
laptop, in both languages.

`ORDERHUB_PICTURES=docs` keeps the pictures that docs/settlement.md and docs/books.md show.
"""

import pytest
from playwright.sync_api import Page, expect

from hub.model.errors import Rejected
from tests.admin.browsing import BROWSER, log_in, picture
from tests.admin.pages.settlement.test_settlement import two_months  # noqa: F401  # a fixture
from tests.admin.pages.test_customers import two
from tests.flows.books.test_tell import book, books, run, sale
from tests.flows.reconciliation.till import line, report
from tests.gateway.api.test_reconciliation import hear
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console

pytestmark = [pytest.mark.slow, *BROWSER]

PAGES = {
    "/settlement": "settlement-list",
    "/reconciliation": "reconciliation",
    "/books": "books",
    "/customers": "customers",
    "/warehouses": "warehouses",
    "/warehouses/wh": "warehouse",
}
CUT_OFF = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def desk(page: Page, address: str, console: Console, two_months) -> str:  # noqa: F811
    """The address of a hub with something at every desk; Ann is logged in."""
    world = console.world
    two(console)
    world.tell("shop", sales_order(1001), key="1001")
    world.run()
    differs = line("t1", "29.00", channel_order_id="1001")
    hear(world, report("R1", differs, line("sub", "0", "39.00", kind="fee")))
    partner = books(world, since="2026-11-01")
    book(world, sale(901), sale(902, "23.80"))
    run(world)
    partner.answers = [Rejected("period locked", code="period_locked")]
    book(world, sale(903, "35.70"))
    run(world)
    console.add("ann", "operator")
    page.set_viewport_size({"width": 1240, "height": 900})
    log_in(page, address)
    return address


def test_a_statement_opens_down_to_the_order(page: Page, desk: str, two_months) -> None:  # noqa: F811
    page.goto(f"{desk}/settlement")
    page.click(f"a[href$='{two_months}']")
    expect(page.locator("svg.sum")).to_be_visible()
    picture(page, "settlement")
    page.click("td a[href$='/lines/2']")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "SKU-2" in page.locator("tbody").inner_text()
    picture(page, "settlement-line")


def test_both_sides_of_a_payment_stand_beside_each_other(page: Page, desk: str) -> None:
    page.goto(f"{desk}/reconciliation?side=theirs")
    page.click("td a:has-text('t1')")
    expect(page.locator("section h2")).to_have_text("What may belong to it")
    picture(page, "reconciliation-one")
    page.check("[name=other]")
    page.fill("form.stack [name=reason]", "rounded")
    page.click("text=They belong together")
    expect(page.locator(".head .chip")).to_have_text("matched")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_desk_is_whole_on_a_telephone_and_a_laptop(
    page: Page, desk: str, language: str
) -> None:
    page.context.set_extra_http_headers({"Accept-Language": language})
    for width in (1240, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path, name in PAGES.items():
            page.goto(f"{desk}{path}")
            assert page.evaluate(CUT_OFF) <= 0, (path, width)
            picture(
                page, f"{name}-{language}-{width}" if (language, width) != ("en", 1240) else name
            )
