"""A real Vendure shop on loopback: three articles of our own, a customer's way to buy, and a look
into it behind the hub's back. It posts by the plug-in that merchants install.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy.engine import make_url

import adapters.vendure
from adapters.vendure.admin import OPERATIONS
from tests.kit.database import temporary_database
from tests.peers.install import VENDURE, npm
from tests.peers.tryton import free_port, stop, wait_for

HERE = Path(__file__).parent
USER, PASSWORD = "hub", "hub-Pass-123x"
SECONDS = 400
_ERROR = "... on ErrorResult {errorCode message}"


class Endpoint:
    """One of a shop's APIs, and the session that it hands out."""

    def __init__(self, url: str) -> None:
        self._url, self._session = url, requests.Session()

    def __call__(self, query: str, **variables: Any) -> Any:
        """The only field of an answer. AssertionError where it is an error."""
        body = {"query": query, "variables": variables}
        answer = self._session.post(self._url, json=body, timeout=30)
        if token := answer.headers.get("vendure-auth-token"):
            self._session.headers["Authorization"] = f"Bearer {token}"
        tree = answer.json()
        assert "errors" not in tree, tree["errors"]
        (value,) = tree["data"].values()
        assert not (isinstance(value, dict) and value.get("errorCode")), value
        return value


@dataclass(frozen=True)
class Shop:
    """A server of a shop."""

    url: str

    @property
    def admin_url(self) -> str:
        return f"{self.url}/admin-api"

    def admin(self) -> Endpoint:
        """The shopkeeper's desk."""
        desk = Endpoint(self.admin_url)
        desk(OPERATIONS["logIn"], username=USER, password=PASSWORD)
        return desk

    def buy(self, pieces: Mapping[str, int]) -> tuple[str, str]:
        """A guest buys: variant -> pieces. Returns the order's id and code."""
        guest = Endpoint(f"{self.url}/shop-api")
        steps: Sequence[tuple[str, str, Any]] = (
            ("setCustomerForOrder", "CreateCustomerInput!", _GUEST),
            ("setOrderShippingAddress", "CreateAddressInput!", _ADDRESS),
        )
        for variant, count in pieces.items():
            guest(_ADD, variant=variant, count=count)
        for field, kind, given in steps:
            guest(
                f"mutation($input: {kind}) {{{field}(input: $input) {{__typename {_ERROR}}}}}",
                input=given,
            )
        (method,) = guest("{eligibleShippingMethods {id}}")
        guest(_SHIP_BY, ids=[method["id"]])
        guest(_ARRANGE)
        (way,) = guest("{eligiblePaymentMethods {code}}")
        order = guest(_PAY, input={"method": way["code"], "metadata": {}})
        return order["id"], order["code"]


@contextmanager
def vendure(server_url: str) -> Iterator["Vendure"]:
    """A shop whose database was just filled; its servers are stopped with it."""
    modules = npm(VENDURE)
    with (
        temporary_database(server_url, "template0") as database,
        tempfile.TemporaryDirectory(prefix="vendure-") as name,
    ):
        folder = Path(name)
        for file in (HERE / "shop.js", HERE / "products.csv", _plugin()):
            shutil.copy(file, folder)
        (folder / "node_modules").symlink_to(modules)
        shop = Vendure(folder, database)
        try:
            shop.fill()
            yield shop
        finally:
            shop.close()


class Vendure:
    """One shop, which may be served several times at once."""

    def __init__(self, folder: Path, database: str) -> None:
        self._folder, self._processes = folder, list[subprocess.Popen[bytes]]()
        url = make_url(database)
        self._environ = {
            **os.environ,
            "NODE_ENV": "production",
            "VENDURE_DISABLE_TELEMETRY": "1",
            "DATABASE": url.database or "",
            "PGHOST": url.host or str(url.query.get("host", "")),
            "PGPORT": str(url.port or url.query.get("port", 5432)),
            "PGUSER": url.username or "",
            "PGPASSWORD": url.password or "",
        }

    def fill(self) -> None:
        """Make tables and catalogue."""
        process, log, _ = self._start("fill")
        process.wait(timeout=SECONDS)
        assert process.returncode == 0, log.read_text()[-3000:]

    def serve(self, **environ: str) -> Shop:
        """One more server. `HUB_URL` and `HUB_SECRET` say where it posts."""
        process, log, port = self._start("serve", **environ)
        url = f"http://127.0.0.1:{port}"
        wait_for(process, f"{url}/health", log)
        return Shop(url)

    def close(self) -> None:
        """Stop every server."""
        for process in self._processes:
            if process.poll() is None:
                stop(process)

    def _start(self, what: str, **environ: str) -> tuple[subprocess.Popen[bytes], Path, int]:
        port, log = free_port(), self._folder / f"{len(self._processes)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["node", "shop.js", what],
                cwd=self._folder,
                env={**self._environ, "PORT": str(port), **environ},
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._processes.append(process)
        return process, log, port


def _plugin() -> Path:
    return Path(adapters.vendure.__file__).parent / "plugin" / "order-hub.js"


_GUEST = {"emailAddress": "ada@example.com", "firstName": "Ada", "lastName": "Bakker"}
_ADDRESS = json.loads(
    '{"fullName": "Ada Bakker", "streetLine1": "Mannerheimintie 1", "city": "Helsinki",'
    ' "postalCode": "00100", "countryCode": "FI"}'
)
_ADD = f"""
mutation($variant: ID!, $count: Int!) {{
  addItemToOrder(productVariantId: $variant, quantity: $count) {{__typename {_ERROR}}}
}}"""
_SHIP_BY = f"mutation($ids: [ID!]!) {{setOrderShippingMethod(shippingMethodId: $ids) {{{_ERROR}}}}}"
_ARRANGE = f'mutation {{transitionOrderToState(state: "ArrangingPayment") {{{_ERROR}}}}}'
_PAY = f"""
mutation($input: PaymentInput!) {{
  addPaymentToOrder(input: $input) {{... on Order {{id code}} {_ERROR}}}
}}"""
