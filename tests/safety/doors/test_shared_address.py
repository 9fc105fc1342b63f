"""Strangers and honest people behind one proxy, at the running doors."""

import http.client
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.store.base.database import Database
from hub.store.people import accounts
from tests.kit.front import KINDS, front, is_there
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub
from tests.kit.world.signing import SECRET, signed_call

PASSWORD = "sieben graue Wellen im Hafen"
STRANGER, ANN = "127.0.0.2", "127.0.0.3"
CONNECTIONS = {
    "merchants": [{"code": "acme", "name": "Acme", "currency": "EUR"}],
    "connections": [
        {
            "code": "shop",
            "kind": "channel",
            "adapter": "generic_channel",
            "merchant": "acme",
            "secrets": {"webhook_secret": "env:SHOP_SECRET"},
        }
    ],
}


class Client:
    """Somebody at an address of this machine, with a jar for cookies."""

    def __init__(self, port: int, address: str, **headers: str) -> None:
        self.port, self.address, self.headers = port, address, headers
        self.jar: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, str]:
        source = (self.address, 0)
        line = http.client.HTTPConnection("127.0.0.1", self.port, 30, source_address=source)
        cookie = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        line.request(method, path, body, {**self.headers, "Cookie": cookie, **headers})
        answer = line.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.jar[key] = rest.partition(";")[0]
        text = answer.read().decode()
        line.close()
        return answer.status, text

    def log_in(self, login: str, password: str) -> int:
        _, page = self.ask("GET", "/login")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        form = {"csrf_token": token and token[1], "login": login, "password": password}
        headers = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return self.ask("POST", "/login", urlencode(form).encode(), headers)[0]

    def forget(self) -> None:
        """End the session, and keep what the browser remembers besides."""
        self.jar.pop("orderhub", None)


@pytest.fixture(params=[None, "127.0.0.0/31"], ids=["nobody named", "the proxy named"])
def hub(request: pytest.FixtureRequest, db_url: str, tmp_path: Path) -> Iterator[RunningHub]:
    named = {"ORDERHUB_PROXIES": request.param} if request.param else {}
    with RunningHub(tmp_path, database_url=db_url, SHOP_SECRET=SECRET, **named) as hub:
        hub.apply(CONNECTIONS)
        database = Database(db_url)
        with database.begin() as db:
            accounts.add(db, "ann", "Ann", PASSWORD, role="operator")
        database.dispose()
        hub.start("gateway")
        hub.start("console")
        hub.wait_ready()
        until(lambda: Client(hub.console_port, ANN).ask("GET", "/healthz")[0] == 200, "console")
        yield hub


def key(hub: RunningHub) -> str:
    return str(json.loads(hub.run("key", "add", "--scopes", "all", "--json"))["key"])


def addresses(hub: RunningHub, event: str) -> set[Any]:
    lines = "".join(process.log for process in hub.processes).splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return {one["address"] for one in found if one.get("event") == event}


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [pytest.param(it, marks=pytest.mark.long if it == "haproxy" else ()) for it in KINDS]
)
def test_S21_S32_who_proves_himself_gets_in_whatever_others_do_behind_the_same_proxy(
    hub: RunningHub, kind: str, tmp_path: Path
) -> None:
    if not is_there(kind):
        pytest.skip(f"no {kind} here")
    named = "ORDERHUB_PROXIES" in hub.environ
    with front(kind, hub.port, tmp_path) as port:
        stranger, honest = Client(port, STRANGER), Client(port, STRANGER)

        def call(who: Client, headers: Mapping[str, str]) -> int:
            return who.ask("GET", "/api/v1/orders", headers=headers)[0]

        def sign(**secret: str) -> dict[str, str]:
            return signed_call("GET", "orders", "shop", **secret)

        assert call(honest, sign()) == 200
        for at in range(40):
            bad = {"Authorization": f"Bearer ohk_{at:043d}", "X-Forwarded-For": f"10.0.0.{at}"}
            assert call(stranger, bad) in (401, 429)
            assert call(stranger, sign(secret="whsec_Zm9yZ2Vk")) in (401, 429)
        assert call(honest, sign()) == 200
        assert call(honest, {"Authorization": f"Bearer {key(hub)}"}) == 200
        assert addresses(hub, "not_authentic") == {STRANGER if named else "127.0.0.1"}
    if kind == "haproxy":  # its rules are the gateway's alone
        return
    with front(kind, hub.console_port, tmp_path) as port:
        ann, stranger = Client(port, STRANGER), Client(port, STRANGER)
        assert ann.log_in("ann", PASSWORD) == 303
        ann.forget()
        for at in range(30):
            stranger.headers = {"X-Forwarded-For": f"10.0.1.{at}"}
            assert stranger.log_in(f"name{at}", "wrong") in (401, 429)
        assert stranger.log_in("ann", "wrong") == 429
        assert ann.log_in("ann", PASSWORD) == 303
        assert Client(port, ANN).log_in("ann", PASSWORD) == (303 if named else 429)
        assert addresses(hub, "login_refused") == {STRANGER if named else "127.0.0.1"}
