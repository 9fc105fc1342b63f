"""The console at an address, and a page of a real browser before it."""

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.admin.browsing import CHROMIUM
from tests.kit.world.console import Console

PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
def address(console: Console) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, console.app, threaded=True)
    server.daemon_threads = False  # closing waits for requests: each holds a session of the world
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests of a module: it takes seconds to start."""
    with sync_playwright() as play:
        started = play.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test for whatever its console complains of, in a context of its own
    that is closed before the console is.
    """
    complaints: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type != "verbose" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
    assert complaints == []
