"""The console at an address, and a page of a real browser before it."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.admin.browsing import CHROMIUM
from tests.kit.world.console import Console

PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def address(console: Console) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, console.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page() -> Iterator[Page]:
    """A page that fails the test for whatever its console complains of."""
    complaints: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type != "verbose" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []
