"""The console over a world, in this process, and people who use it."""

import re
from dataclasses import dataclass
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import Client, TestResponse

from admin.app import make_app
from hub.store.people import accounts
from tests.kit.world.world import World

PASSWORD = "sieben graue Wellen im Hafen"
ORIGIN = {"Origin": "http://localhost"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Compiled(BytecodeCache):
    """Templates that were compiled already, for every console of this process."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = Compiled()


@dataclass
class Person:
    """Somebody before the console."""

    client: Client
    csrf: str = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, **options)
        token = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        if token:
            self.csrf = token[1]
        return answer

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data={"csrf_token": self.csrf, **form}, headers=ORIGIN)

    def log_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        self.get("/login")
        answer = self.post("/login", login=login, password=password)
        if answer.status_code == 303:
            self.get("/account")
        return answer


class Console:
    """What people reach, who of them has an account, and what it rang."""

    def __init__(self, world: World, **more: Any) -> None:
        """`more`: as the app takes it, such as its public address."""
        self.world, self.clock = world, world.clock
        self.rung: list[Any] = []
        self.app = make_app(world.store, self.rung.extend, clock=world.clock, **more)
        self.app.testing = True
        self.app.jinja_env.bytecode_cache = _COMPILED

    def add(self, login: str, role: str, *merchants: str) -> None:
        """Give somebody an account."""
        with self.world.store.database.begin() as db:
            accounts.add(db, login, login.title(), PASSWORD, role=role, merchants=merchants)

    def visitor(self, **environ: Any) -> Person:
        """Somebody who is not logged in; `environ`: what the server says of the way here."""
        client = Client(self.app, TestResponse)
        if environ:
            plain = client.open
            client.open = lambda *args, **options: plain(  # type: ignore[method-assign]
                *args, environ_overrides=environ, **options
            )
        return Person(client)

    def person(self, role: str, *merchants: str) -> Person:
        """Somebody of a role, logged in."""
        login = "-".join([role, *merchants, "x"])
        self.add(login, role, *merchants)
        visitor = self.visitor()
        assert visitor.log_in(login).status_code == 303
        return visitor

    def audited(self) -> list[tuple[str, str, str]]:
        """(chain, actor, action) of every entry of the audit, in order."""
        rows = self.world.sql("SELECT chain, actor, action FROM audit ORDER BY at, number")
        return [tuple(row) for row in rows]
