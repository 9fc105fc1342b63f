"""A return to its refund and one to its exchange in a real browser, hands on the keyboard.

`ORDERHUB_PICTURES=docs` keeps the pictures that docs/returns.md shows.
"""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.admin.browsing import BROWSER, log_in, picture
from tests.admin.pages.returns.test_desk import case
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console

pytestmark = [pytest.mark.slow, *BROWSER]


@pytest.fixture
def desk(page: Page, address: str, console: Console) -> str:
    """The address of a hub that sold two A and one B; Ann is logged in."""
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    console.add("ann", "operator")
    page.set_viewport_size({"width": 1240, "height": 900})
    log_in(page, address)
    return address


def decide(page: Page, title: str, submit: str) -> None:
    """Open an action of the page's head and carry it out."""
    page.click(f"summary:text-is('{title}')")
    page.click(f"details[open] button:text-is('{submit}')")
    expect(page.locator(".flash.good")).to_have_count(1)


def counted(page: Page, panel: str, *counts: str) -> None:
    """Count pieces with the keyboard: the first field has the focus, Tab goes on, Enter ends."""
    form = page.locator(f"section:has(h2:text-is('{panel}')) form")
    expect(form.locator("tbody input").first).to_be_focused()
    for at, count in enumerate(counts):
        if at:
            page.keyboard.press("Tab")
        if count:
            page.keyboard.type(count)
    if panel == "Inspect":
        picture(page, "return-inspect", "section:has(h2:text-is('Inspect'))")
    page.keyboard.press("Enter")
    expect(page.locator(".flash.good")).to_have_count(1)


def test_a_return_goes_to_its_refund_by_keyboard(page: Page, desk: str, console: Console) -> None:
    path = case(console)
    page.goto(f"{desk}/returns")
    page.click("tbody a:has-text('R-1')")
    page.wait_for_url(f"**{path}")
    page.click("summary:text-is('Approve')")
    picture(page, "return-approve", ".columns")
    page.keyboard.press("Escape")
    decide(page, "Approve", "Approve it")
    counted(page, "Receive", "2")
    counted(page, "Inspect", "1", "", "1")
    decide(page, "Confirm", "Confirm it")
    page.fill("[name=goodwill]", "1.50")
    page.fill("[name=restocking_fee]", "2")
    page.click("button:text-is('Work it out')")
    give = page.locator("button:text-is('Give €19.50 back')")
    expect(give).to_be_visible()
    assert console.world.count("return_money") == 0
    picture(page, "return-refund", "section:has(h2:text-is('Settle'))")
    give.click()
    expect(page.locator(".head .chip")).to_have_text("paid back")
    assert console.world.one("SELECT sum(amount) FROM return_money") == Decimal("19.50")
    rows = console.world.sql("SELECT quality, on_hand FROM stock_level WHERE quality = 'defective'")
    assert [(row.quality, int(row.on_hand)) for row in rows] == [("defective", 1)]


def test_a_return_goes_to_its_exchange_and_the_linked_order(
    page: Page, desk: str, console: Console
) -> None:
    path = case(console, kind="exchange")
    page.goto(f"{desk}{path}")
    decide(page, "Approve", "Approve it")
    counted(page, "Receive", "", "2")
    decide(page, "Confirm", "Confirm it")
    page.fill("[name=lines]", "B 1 12.00")
    page.click("button:text-is('Work it out')")
    send = page.locator("button:text-is('Send it')")
    expect(send).to_be_visible()
    assert console.world.count("sales_order") == 1
    picture(page, "return-exchange", "section:has(h2:text-is('Settle'))")
    send.click()
    expect(page.locator(".head .chip")).to_have_text("exchanged")
    page.click("dd a:has-text('R-1-X')")
    page.wait_for_url("**/orders/**")
    expect(page.locator("h1")).to_have_text(re.compile("#1001-X"))
    picture(page, "return-linked-order", ".columns")
