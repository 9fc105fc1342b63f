"""What tests with a real browser share: whether there is one, logging in, pictures for docs/."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.kit.world.console import PASSWORD

CHROMIUM = next(
    (
        path
        for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser"))
        if path.exists()
    ),
    None,
)
BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium at /usr/bin/chromium"),
]
_FOLDER = os.environ.get("ORDERHUB_PICTURES")
"""Where pictures go: docs, to draw them anew. Unset: none are kept."""


def log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("[name=login]", "ann")
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{address}/")


def picture(page: Page, name: str, last: str = "main > :last-child") -> None:
    """Keep what the page shows, from its top to the end of the element `last`."""
    if _FOLDER is None:
        return
    page.evaluate("scrollTo(0, 0)")
    top = page.locator("main").bounding_box()
    end = page.locator(last).last.bounding_box()
    assert top is not None
    assert end is not None
    height = end["y"] + end["height"] - top["y"] + 12
    clip = {"x": top["x"], "y": top["y"], "width": top["width"], "height": height}
    page.screenshot(path=Path(_FOLDER) / f"{name}.png", clip=clip, full_page=True)  # type: ignore[arg-type]
