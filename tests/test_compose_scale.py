"""docker-compose.scale.yml: several gateways behind a proxy, a broker of three nodes, as closed as
the file it lies over.
"""

import http.client
import os
import re
import subprocess
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml
from kombu import Connection

from hub.settings import Settings
from mappings.reading.shipped import read_table
from tests.kit.fixtures import ROOT
from tests.kit.front import front, is_there
from tests.kit.world.processes import until
from tests.test_compose import SECRETS, has_compose

BASE_FILE, OVER_FILE = ROOT / "docker-compose.yml", ROOT / "docker-compose.scale.yml"


class Reset(list[Any]):
    """What compose's own `!reset` empties."""


class Loader(yaml.SafeLoader):
    pass


Loader.add_constructor("!reset", lambda loader, node: Reset(loader.construct_sequence(node)))

BASE = read_table(BASE_FILE.read_bytes())
OVER = yaml.load(OVER_FILE.read_text(), Loader)  # noqa: S506  # a safe loader with one tag more


def merged(under: Any, over: Any) -> Any:
    """As compose lays one file over another: maps by key, lists appended, commands replaced."""
    if isinstance(over, Reset):
        return list(over)
    if isinstance(under, dict) and isinstance(over, dict):
        return {
            key: over[key] if key == "entrypoint" else merged(under.get(key), over.get(key))
            for key in {**under, **over}
        } if over else under  # fmt: skip
    if isinstance(under, list) and isinstance(over, list):
        return [*under, *over]
    return under if over is None else over


WHOLE = merged(BASE, OVER)
SERVICES = WHOLE["services"]
NODES = ["rabbitmq", "rabbitmq2", "rabbitmq3"]
HUB = ["gateway", "console", "worker", "scheduler"]


def test_it_adds_a_proxy_and_two_nodes_and_takes_nothing_away():
    assert {*SERVICES} - {*BASE["services"]} == {"proxy", "rabbitmq2", "rabbitmq3"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_closed_and_watched(name):
    service = SERVICES[name]
    assert service["user"] not in ("", "root", "0", "0:0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert ("healthcheck" in service) is (name != "migrate")
    assert service["stop_grace_period"] == "40s"


def test_the_proxy_is_the_door_so_that_gateways_may_be_many():
    published = {name: it["ports"] for name, it in SERVICES.items() if it.get("ports")}
    assert published == {"proxy": ["127.0.0.1:8080:8080"], "console": ["127.0.0.1:8081:8081"]}
    told = WHOLE["configs"]["proxy"]["content"]
    assert "server-template gateway 16 gateway:8080 check" in told
    assert "option httpchk GET /readyz" in told


class Answers(BaseHTTPRequestHandler):
    """A gateway that says yes to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.skipif(not is_there("haproxy"), reason="no haproxy here")
def test_the_proxy_passes_deliveries_and_the_open_api_and_nothing_else(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with front("haproxy", server.server_port, tmp_path) as port:

            def asked(path: str) -> int:
                with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as line:
                    line.request("GET", path)
                    with line.getresponse() as answer:
                        return answer.status

            until(lambda: asked("/api/v1/orders") == 200, "the proxy knows its gateway")
            assert asked("/in/shop") == 200
            others = ("/", "/metrics", "/healthz", "/readyz", "/in", "/api", "/IN/x", "//in/x")
            assert {path: asked(path) for path in others} == dict.fromkeys(others, 404)
        server.shutdown()


def test_the_proxy_before_the_gateways_is_named_to_them():
    told = SERVICES["gateway"]["environment"]["ORDERHUB_PROXIES"]
    subnets = [net["ipam"]["config"][0]["subnet"] for net in WHOLE["networks"].values()]
    assert sorted(told.split(",")) == sorted(subnets)
    assert "option forwardfor" in WHOLE["configs"]["proxy"]["content"]
    assert (
        "http-request deny deny_status 404 unless { path_beg /in/ /api/ }"
        in (WHOLE["configs"]["proxy"]["content"])
    )


def test_a_request_that_a_gateway_saw_is_not_sent_to_another():
    told = WHOLE["configs"]["proxy"]["content"]
    assert re.findall(r"retry-on .*", told) == ["retry-on conn-failure"]


def test_each_node_has_a_name_and_a_volume_of_its_own_and_knows_the_others():
    assert [SERVICES[name]["hostname"] for name in NODES] == NODES
    assert [SERVICES[name]["volumes"] for name in NODES] == [
        [f"{name}:/var/lib/rabbitmq"] for name in NODES
    ]
    nodes = re.findall(r"rabbit@(\w+)", WHOLE["configs"]["cluster"]["content"])
    assert nodes == NODES
    for name in NODES:
        assert SERVICES[name]["entrypoint"] == ["/usr/local/bin/join"]
        assert {it["source"] for it in SERVICES[name]["configs"]} == {"cluster", "join"}
        assert SERVICES[name]["networks"] == ["inside"]


def test_no_secret_has_a_default_and_one_is_new():
    used = re.findall(r"\$\{([A-Z_]+)([^}]*)\}", OVER_FILE.read_text())
    assert {rest for _, rest in used} == {":?set it in .env"}
    assert {name for name, _ in used} - {*SECRETS} == {"ORDERHUB_MQ_COOKIE"}


@pytest.mark.parametrize("name", HUB)
def test_the_hub_is_given_every_node_and_waits_for_all(name):
    given = re.sub(r"\$\{[^}]+\}", "secret", SERVICES[name]["environment"]["ORDERHUB_BROKER_URL"])
    url = Settings.read({"ORDERHUB_BROKER_URL": given}).broker_url
    assert re.findall(r"@(\w+):5672/orderhub", url or "") == NODES
    assert len(Connection(url).alt) == len(NODES)
    assert {*NODES} <= {*SERVICES[name]["depends_on"]}


def test_G04_a_node_that_is_down_is_skipped(broker_url):
    if broker_url is None:
        pytest.skip("no RabbitMQ here")
    with Connection(f"amqp://guest:guest@127.0.0.1:1//;{broker_url}") as connection:
        connection.ensure_connection(max_retries=3, timeout=10)
        assert connection.connected
        assert ":1/" not in connection.as_uri()


def test_what_must_last_lies_in_named_volumes():
    used = {mount.partition(":")[0] for it in SERVICES.values() for mount in it["volumes"]}
    assert used == {*WHOLE["volumes"]}


@pytest.mark.skipif(not has_compose(), reason="no docker client with compose here")
def test_compose_takes_both_files_together():
    command = ["docker", "compose", "--env-file", os.devnull, "-f", str(BASE_FILE), "-f",
               str(OVER_FILE), "config", "--quiet"]  # fmt: skip
    secrets = dict.fromkeys([*SECRETS, "ORDERHUB_MQ_COOKIE", "ORDERHUB_CONSOLE_URL"], "x")
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    answer = subprocess.run(
        command, env=environ | secrets, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")
