"""A real browser before the console: mend a parked message with it, without one CSP violation."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.admin.browsing import BROWSER, log_in
from tests.admin.seeds import Seeded, working_day
from tests.kit.world.console import Console

pytestmark = BROWSER


@pytest.fixture
def seeded(console: Console) -> Seeded:
    console.add("ann", "operator")
    return working_day(console.world)


def test_a_parked_message_is_mended_in_the_browser(
    page: Page, address: str, console: Console, seeded: Seeded
):
    log_in(page, address)
    page.click("text=A code without entry")
    page.wait_for_url("**/messages?status=parked**")
    page.click("#rows tbody a")
    page.wait_for_url(f"**/messages/{seeded.parked}")
    page.click("text=Edit and replay")
    page.fill("[name=reason]", "the currency is wrong")
    page.click("text=Show it and edit")
    text = page.input_value("textarea")
    page.fill("textarea", text.replace('"EURO"', '"EUR"'))
    page.fill("[name=reason]", "EURO is EUR")
    page.click("text=See what changes")
    assert page.locator("tr.new").inner_text().strip().endswith('"currency": "EUR",')
    page.click("text=Keep it and replay")
    expect(page.locator(".flash")).to_have_text("The new version is on its way.")
    console.world.run()
    page.reload()
    assert page.locator(".head .chip").first.inner_text() == "done"
    assert console.world.order("1005").status == "open"


def test_every_page_obeys_the_content_security_policy(page: Page, address: str, seeded: Seeded):
    log_in(page, address)
    for path in (
        *("/", "/waiting", "/orders", f"/orders/{seeded.shipped}", f"/orders/{seeded.held}"),
        *("/messages", f"/messages/{seeded.unknown}", "/stock", "/connections/wh", "/users"),
        *("/audit", "/account", "/incidents", "/nothing"),
    ):
        answer = page.request.get(f"{address}{path}")
        assert answer.status == (404 if path == "/nothing" else 200)
        if path != "/nothing":  # the browser itself complains of a 404
            page.goto(f"{address}{path}")


def test_filters_and_keys_work_without_a_new_page(page: Page, address: str, seeded: Seeded):
    log_in(page, address)
    page.goto(f"{address}/messages")
    page.select_option("[name=status]", "parked")
    expect(page.locator("#rows tbody tr")).to_have_count(4)
    expect(page).to_have_url(re.compile("status=parked"))
    page.keyboard.press("Tab")
    page.locator("body").press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.goto(f"{address}/orders/{seeded.held}")
    page.click("summary:has-text('Release')")
    expect(page.locator("details.action[open]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("details.action[open]")).to_have_count(0)


def test_a_page_is_whole_on_a_narrow_screen(page: Page, address: str, seeded: Seeded):
    page.set_viewport_size({"width": 390, "height": 800})
    log_in(page, address)
    for path in ("/", f"/orders/{seeded.shipped}", "/messages", f"/messages/{seeded.parked}"):
        page.goto(f"{address}{path}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, (path, wide)


CUT_OFF = (
    "[...document.querySelectorAll('.scroll')].filter(it => it.scrollWidth > it.clientWidth).length"
)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_lists_stand_whole_on_a_small_laptop(
    page: Page, address: str, seeded: Seeded, language: str
):
    page.set_viewport_size({"width": 1280, "height": 800})
    log_in(page, address)
    page.context.set_extra_http_headers({"Accept-Language": language})
    for path in ("/messages", "/messages?status=parked", "/orders", "/stock", "/connections"):
        page.goto(f"{address}{path}")
        assert page.locator("tbody tr").count() > 0
        assert page.evaluate(CUT_OFF) == 0, path
