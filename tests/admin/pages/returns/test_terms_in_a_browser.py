"""Terms of returns in a real browser, in both languages.

`ORDERHUB_PICTURES=docs` keeps the pictures that docs/returns.md shows.
"""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.admin.browsing import BROWSER, log_in, picture
from tests.admin.pages.returns.test_desk import case
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console

pytestmark = [pytest.mark.slow, *BROWSER]
FIRST = "window_days: 30\notherwise: ask\nsettle: by_hand\n"
SECOND = """window_days: 14
review:
- {name: small, when: {value_at_most: '50'}, then: approve}
otherwise: ask
settle: auto
restocking_percent: '10'
"""


def test_terms_are_written_tried_put_in_force_and_compared(
    page: Page, address: str, console: Console
) -> None:
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    case(console, requested_at=(console.world.clock() - timedelta(days=2)).isoformat())
    console.add("ann", "operator")
    page.set_viewport_size({"width": 1240, "height": 900})
    log_in(page, address)
    page.goto(f"{address}/returns")
    page.click("a:text-is('Terms of returns')")
    page.click("tbody a:text-is('acme')")
    for terms in (FIRST, SECOND):
        page.fill("[name=terms]", terms)
        page.click("button:text-is('See what it comes to')")
        expect(page.locator("h1")).to_have_text("What it comes to")
        if terms is SECOND:
            expect(page.locator("#otherwise tbody tr")).to_have_count(1)
            picture(page, "return-terms-tried")
        page.click("button:text-is('Put in force')")
        expect(page.locator(".flash.good")).to_have_count(1)
    expect(page.locator("#versions tbody tr")).to_have_count(2)
    expect(page.locator("#compare tbody tr")).to_have_count(4)
    picture(page, "return-terms", "#compare")
    page.click("[name=language][value=zh], button:has-text('中文')")
    expect(page.locator("h1")).to_have_text("acme 的退货条款")
