"""A stocktake in a real browser, in both languages.

`ORDERHUB_PICTURES=docs` keeps the picture that docs/goods.md shows.
"""

import pytest
from playwright.sync_api import Page, expect

from hub.flows.stock import stocktakes
from hub.model.stock import Counts, StocktakeOpening
from tests.admin.browsing import BROWSER, log_in, picture
from tests.kit.catalogue import stock_report
from tests.kit.world.console import Console

pytestmark = [pytest.mark.slow, *BROWSER]
BATCHES = [("LOT-7", "2027-03-01", 24), ("LOT-9", "2027-09-01", 36)]


def taken(console: Console) -> str:
    """Counted by somebody else: a batch short, a shirt too many, one article not counted."""
    console.world.stock("wh", **{"MILK": 0, "SHIRT-M": 12, "SHIRT-L": 8, "SOAP": 40})
    report = stock_report("r1", warehouse="wh")
    report["lines"] = [
        {"sku": "MILK", "on_hand": str(pieces), "batch": batch, "expires_on": day}
        for batch, day, pieces in BATCHES
    ]
    console.world.tell("wh", report)
    console.world.run()
    said = [
        {"sku": "MILK", "batch": "LOT-7", "counted": "22"},
        {"sku": "MILK", "batch": "LOT-9", "counted": "36"},
        {"sku": "SHIRT-M", "counted": "13"},
        {"sku": "SHIRT-L", "counted": "8"},
    ]
    skus = ("MILK", "SHIRT-L", "SHIRT-M", "SOAP")
    opening = StocktakeOpening(merchant="acme", warehouse="wh", skus=skus, note="end of November")
    with console.world.unit() as unit:
        made = stocktakes.open_(unit, opening, "user:wim")
        stocktakes.count(unit, made, Counts.model_validate({"lines": said}), "user:wim")
        stocktakes.submit(unit, made, "user:wim")
    return f"/stocktakes/{made}"


def test_differences_are_looked_at_and_approved(page: Page, address: str, console: Console) -> None:
    path = taken(console)
    console.add("ann", "finance")
    page.set_viewport_size({"width": 1240, "height": 900})
    log_in(page, address)
    page.goto(f"{address}/stocktakes")
    page.click("tbody a")
    expect(page.locator("#lines tbody tr")).to_have_count(5)
    page.click("summary:text-is('Approve')")
    expect(page.locator("#what-it-does li")).to_have_count(3)
    picture(page, "stocktake")
    page.click("button:text-is('Approve it')")
    expect(page.locator(".flash.good")).to_have_text("It is approved, and the stock follows.")
    page.click("#lines a:text-is('Differences')")
    expect(page.locator("#lines tbody tr")).to_have_count(2)
    page.click("[name=language][value=zh], button:has-text('中文')")
    expect(page.locator("#lines h2")).to_have_text("明细")
    expect(page.locator(".head .chip")).to_have_text("已批准")
    assert page.url.startswith(f"{address}{path}")
