"""Partners for the tests, each stopped and its connections closed when the test is done."""

import threading
from collections.abc import Iterator

import pytest

from sandbox import outgoing
from sandbox.erp import Erp
from sandbox.http import Answer, Request, Server
from sandbox.qimen import Warehouse
from sandbox.shopify import Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as made:
        yield made
    outgoing.hang_up()


@pytest.fixture
def erp() -> Iterator[Erp]:
    with Erp() as made:
        yield made


class Hub:
    """Keeps what is posted to it; answers as told, by default as the Qimen side expects."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self._lock = threading.Lock()
        self.server = Server(self.answer)

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            if self.answers:
                return self.answers.pop(0)
        return Answer(200, b"<response><flag>success</flag></response>", "text/xml")

    @property
    def url(self) -> str:
        return f"{self.server.url}/in/test"


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    made.server.start()
    yield made
    made.server.stop()


@pytest.fixture
def warehouse(hub: Hub) -> Iterator[Warehouse]:
    with Warehouse(hub_url=hub.url, stock={"A": 10, "B": 5}, tries=3) as made:
        yield made
    outgoing.hang_up()
