"""The Open API as strangers meet it: their linters find nothing in its description, and the clients
that their generators make from it call the running gateway.
"""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from docs._api import description
from tests.gateway.server.process import serving
from tests.kit.catalogue import sales_order
from tests.kit.world import World
from tests.kit.world.gateway import Gateway, two_merchants
from tests.peers import nodes

pytestmark = pytest.mark.peer("clients")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with the description in it."""
    (tmp_path / "openapi.json").write_text(description())
    return tmp_path


@pytest.fixture
def hub(db_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A gateway with goods in one warehouse: its address and a key."""
    home = tmp_path / "home"
    home.mkdir()
    world = World(db_url, home)
    two_merchants(world)
    world.stock("wh-a", "acme", A=10, B=10)
    gateway = Gateway(world)
    key = gateway.key("all")
    with serving(db_url, home) as (port, _):
        yield f"http://127.0.0.1:{port}", key
    gateway.close()
    world.close()


def test_linters_find_nothing(here: Path) -> None:
    programs = nodes.programs()
    found = json.loads(
        nodes.run(programs, "redocly", "lint", "--format=json", "openapi.json", at=here)
    )
    assert (found["totals"]["errors"], found["totals"]["warnings"]) == (0, 0)
    (here / ".spectral.yaml").write_text("extends: ['spectral:oas']\n")
    said = nodes.run(programs, "spectral", "lint", "--fail-severity=hint", "openapi.json", at=here)
    assert "No results with a severity of 'hint' or higher found!" in said


def test_a_client_in_typescript_calls_it(here: Path, hub: tuple[str, str]) -> None:
    programs = nodes.programs()
    for name in ("calls.ts", "tsconfig.json", "package.json"):
        shutil.copy(nodes.HERE / name, here)
    (here / "node_modules").symlink_to(programs / "node_modules")
    nodes.run(programs, "openapi-typescript", "openapi.json", "-o", "openapi.d.ts", at=here)
    nodes.run(programs, "tsc", "--project", "tsconfig.json", at=here)
    said = json.loads(nodes.run(programs, "node", "out/calls.js", *hub, "T-1", at=here))
    assert said == {
        "order": "open",
        "shipped": "shipped",
        "on_hand": "9",
        "messages": ["sales_order", "shipment"],
    }


@pytest.fixture
def client(here: Path) -> Iterator[None]:
    """The generated package, importable; nothing in the description was left out of it."""
    binary = Path(sys.executable).parent / "openapi-python-client"
    done = subprocess.run(
        [
            binary,
            "generate",
            "--path",
            "openapi.json",
            "--meta",
            "none",
            "--output-path",
            "hub_client",
        ],
        cwd=here,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "WARNING" not in done.stdout + done.stderr
    sys.path.insert(0, str(here))
    yield
    sys.path.remove(str(here))
    for name in [name for name in sys.modules if name.partition(".")[0] == "hub_client"]:
        del sys.modules[name]


def test_a_client_in_python_calls_it(client: None, hub: tuple[str, str]) -> None:
    def call(operation: str, **arguments: Any) -> Any:
        answer = importlib.import_module(f"hub_client.api.{operation}").sync_detailed(
            client=caller, **arguments
        )
        assert answer.status_code in (200, 201), answer.content
        return answer.parsed

    models = importlib.import_module("hub_client.models")
    caller = importlib.import_module("hub_client.client").AuthenticatedClient(
        base_url=hub[0], token=hub[1]
    )
    with caller:
        _shop_and_warehouse(call, models)


def _shop_and_warehouse(call: Callable[..., Any], models: Any) -> None:
    order = {**sales_order(), "source": {"connection": "shop-a"}}
    posted = call("orders.post_orders", body=models.PostedSalesOrder.from_dict(order))
    assert (posted.status, posted.order_number) == ("open", order["order_number"])
    (work,) = call("fulfilment_orders.get_fulfilment_orders", warehouse="wh-a").items
    parcel = models.Package(carrier="dhl", tracking_number="JD0146")
    shipment = models.PostedShipment(shipped_at=datetime(2026, 5, 4, tzinfo=UTC), packages=[parcel])
    said = call("fulfilment_orders.post_fulfilment_orders_one_shipments", id=work.id, body=shipment)
    assert said.fulfilment_order.status == "shipped"
    (level,) = call("stock.get_stock", sku="A").items
    assert level.on_hand == "8"
    topics = {one.topic for one in call("messages.get_messages").items}
    assert {"sales_order", "shipment"} <= topics
