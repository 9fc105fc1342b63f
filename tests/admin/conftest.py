"""A console over a small world, and people who use it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from admin.app import make_app
from hub.store import accounts
from tests.kit.world import World

PASSWORD = "sieben graue Wellen im Hafen"
ORIGIN = {"Origin": "http://localhost"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Clock:
    """A clock that a test moves."""

    moved: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def pass_(self, **time: float) -> None:
        self.moved += timedelta(**time)


@dataclass
class Person:
    """Somebody before the console."""

    client: Client
    csrf: str = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, **options)
        found = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        if found:
            self.csrf = found[1]
        return answer

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.csrf, **form}, headers=ORIGIN)

    def log_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", login=login, password=password)
        if answer.status_code == 303:
            self.get("/account")
        return answer


@dataclass
class Office:
    """The world, its console, and who has an account."""

    world: World
    app: Flask
    clock: Clock
    rung: list[Any] = field(default_factory=list)

    def add(self, login: str, role: str, *merchants: str) -> None:
        with self.world.store.database.begin() as db:
            accounts.add(db, login, login.title(), PASSWORD, role=role, merchants=merchants)

    def visitor(self, **environ: Any) -> Person:
        return Person(Client(self.app, TestResponse)) if not environ else _from(self.app, environ)

    def person(self, role: str, *merchants: str) -> Person:
        """Somebody of a role, logged in."""
        login = "-".join([role, *merchants, "x"])
        self.add(login, role, *merchants)
        found = self.visitor()
        assert found.log_in(login).status_code == 303
        return found

    def audited(self) -> list[tuple[str, str, str]]:
        return [
            tuple(row)
            for row in self.world.sql("SELECT chain, actor, action FROM audit ORDER BY at, number")
        ]


def _from(app: Flask, environ: dict[str, Any]) -> Person:
    client = Client(app, TestResponse)
    plain = client.open
    client.open = lambda *args, **options: plain(  # type: ignore[method-assign]
        *args, environ_overrides=environ, **options
    )
    return Person(client)


@pytest.fixture
def bare(db_url: str, tmp_path: Path) -> Iterator[Office]:
    """A console over an empty hub."""
    world = World(db_url, tmp_path)
    clock, rung = Clock(), []
    app = make_app(world.store, rung.extend, clock=clock)
    app.testing = True
    yield Office(world, app, clock, rung)
    world.close()


@pytest.fixture
def office(bare: Office) -> Office:
    """One merchant with a shop, a warehouse that has A, B and C, and its books."""
    world = bare.world
    world.merchant()
    world.connect("shop", "channel", adapter="shopify", takes=("shipment",))
    world.connect("wh", "warehouse", takes=("fulfilment_order", "fulfilment_cancellation"))
    world.connect("erp", "erp", adapter="tryton", takes=("sales_order", "shipment", "refund"))
    world.stock("wh", A=10, B=10, C=10)
    return bare
