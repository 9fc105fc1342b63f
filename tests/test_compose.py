"""docker-compose.yml: closed by default, watched, and made of commands that exist."""

import base64
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import click
import pytest

from mappings.reading.shipped import read_table
from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_port

COMPOSE = read_table((ROOT / "docker-compose.yml").read_bytes())
SERVICES = COMPOSE["services"]
HUB = ["migrate", "gateway", "console", "worker", "scheduler"]
SECRETS = ["POSTGRES_PASSWORD", "ORDERHUB_DB_PASSWORD", "ORDERHUB_MQ_PASSWORD", "ORDERHUB_KEYS"]
SECRET_NAME = re.compile(r"PASS|PASSWORD|KEYS|SECRET|TOKEN")


def test_the_services_are_these():
    assert list(SERVICES) == ["postgres", "rabbitmq", *HUB]


def test_no_secret_has_a_default():
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if SECRET_NAME.search(variable):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value), (name, variable)
    used = re.findall(r"\$\{([A-Z_]+)([^}]*)\}", (ROOT / "docker-compose.yml").read_text())
    assert {name for name, _ in used} == {*SECRETS, "ORDERHUB_CONSOLE_URL"}
    assert {rest for _, rest in used} == {":?set it in .env"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_watched_or_runs_once(name):
    once = SERVICES[name]["restart"] == "no"
    assert ("healthcheck" in SERVICES[name]) is not once
    assert once is (name == "migrate")


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_has_no_more_rights_than_it_needs(name):
    service = SERVICES[name]
    assert service["user"] not in ("", "root", "0", "0:0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service)
    assert [mount for mount in service["volumes"] if mount.startswith((".", "/"))] == []


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_gets_the_time_it_needs_to_stop(name):
    assert SERVICES[name]["stop_grace_period"] == "40s"


def test_only_the_two_doors_are_published_and_only_to_this_machine():
    assert {name: it["ports"] for name, it in SERVICES.items() if "ports" in it} == {
        "gateway": ["127.0.0.1:8080:8080"],
        "console": ["127.0.0.1:8081:8081"],
    }


def test_metrics_are_reached_from_inside_alone():
    for name in HUB:
        assert SERVICES[name]["expose"] == ["8082"]
        assert SERVICES[name]["environment"]["ORDERHUB_OPS_BIND"] == "0.0.0.0:8082"


def test_the_machine_before_the_containers_is_the_named_proxy():
    (config,) = COMPOSE["networks"]["outside"]["ipam"]["config"]
    for name in ("gateway", "console"):
        assert SERVICES[name]["environment"]["ORDERHUB_PROXIES"] == config["gateway"]


def test_database_and_broker_are_reached_from_inside_alone():
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert [SERVICES[name]["networks"] for name in ("postgres", "rabbitmq")] == [["inside"]] * 2


def test_what_must_last_lies_in_named_volumes():
    used = {mount.partition(":")[0] for it in SERVICES.values() for mount in it["volumes"]}
    assert used == set(COMPOSE["volumes"])


def test_the_hub_waits_for_servers_and_migrations():
    healthy, done = {"condition": "service_healthy"}, "service_completed_successfully"
    assert SERVICES["migrate"]["depends_on"] == {"postgres": healthy}
    for name in HUB[1:]:
        assert SERVICES[name]["depends_on"] == {
            "postgres": healthy,
            "rabbitmq": healthy,
            "migrate": {"condition": done},
        }


def test_the_image_runs_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001" in lines
    assert 'ENTRYPOINT ["orderhub"]' in lines
    assert {SERVICES[name]["user"] for name in HUB} == {"10001:10001"}
    assert [line for line in lines if "--require-hashes -r requirements.lock" in line] != []


def test_every_command_exists():
    from hub.cli.main import cli  # noqa: PLC0415

    context = click.Context(cli)
    assert {SERVICES[name]["command"][0] for name in HUB} <= set(cli.list_commands(context))
    for name in ("worker", "scheduler"):
        check = SERVICES[name]["healthcheck"]["test"]
        assert check == ["CMD", "orderhub", "doctor", "--process", name]
    options = {name for it in cli.get_command(context, "doctor").params for name in it.opts}
    assert "--process" in options


def test_every_variable_is_a_setting():
    from hub.settings import SETTINGS, Settings  # noqa: PLC0415

    given = {name for name in SERVICES["gateway"]["environment"] if name.startswith("ORDERHUB_")}
    assert given == {row.name for row in SETTINGS}
    key = base64.b64encode(bytes(32)).decode()
    samples = {"ORDERHUB_KEYS": key, "ORDERHUB_CONSOLE_URL": "https://console.example.com"}
    filled = {
        name: re.sub(r"\$\{[^}]+\}", samples.get(name, "secret"), str(value))
        for name, value in SERVICES["gateway"]["environment"].items()
    }
    settings = Settings.read(filled)
    assert settings.database_url == "postgresql+psycopg://orderhub:secret@postgres:5432/orderhub"
    assert settings.bind == ("0.0.0.0", 8080)  # noqa: S104  # inside its container


def has_compose() -> bool:
    try:
        asked = subprocess.run(["docker", "compose", "version"], check=False, capture_output=True)
    except FileNotFoundError:
        return False
    return asked.returncode == 0


def config(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            "docker",
            "compose",
            "--env-file",
            os.devnull,
            "-f",
            ROOT / "docker-compose.yml",
            "config",
        ],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not has_compose(), reason="no docker client with compose here")
@pytest.mark.parametrize("missing", SECRETS)
def test_compose_refuses_to_start_without_a_secret(missing):
    given = {name: "x" for name in SECRETS if name != missing}
    answer = config(given)
    assert answer.returncode != 0
    assert missing in answer.stderr
    assert config(given | {missing: "x"}).returncode == 0


@pytest.fixture
def environ(empty_db_url, broker_url, tmp_path) -> dict[str, str]:
    given = {
        "PATH": os.environ["PATH"],
        "ORDERHUB_HOME": str(tmp_path),
        "ORDERHUB_DATABASE_URL": empty_db_url,
        "ORDERHUB_KEYS": base64.b64encode(bytes(32)).decode(),
        "ORDERHUB_BIND": f"127.0.0.1:{free_port()}",
        "ORDERHUB_CONSOLE_BIND": f"127.0.0.1:{free_port()}",
        "ORDERHUB_OPS_BIND": f"127.0.0.1:{free_port()}",
    }
    return given | ({"ORDERHUB_BROKER_URL": broker_url} if broker_url else {})


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from hub.cli.main import main; main()", *words]


@contextmanager
def running(name: str, environ: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command(*SERVICES[name]["command"]), env=environ, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(process: "subprocess.Popen[bytes]", healthy) -> None:
    end = time.monotonic() + 90
    while not healthy():
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < end, "it does not become healthy"
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=3) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.slow
def test_the_same_commands_run_as_processes_and_stop_cleanly(environ):
    migrate = subprocess.run(command("migrate"), env=environ, cwd=ROOT, check=False)
    assert migrate.returncode == 0

    def progresses(name: str) -> bool:
        check = SERVICES[name]["healthcheck"]["test"][2:]
        return subprocess.run(command(*check), env=environ, cwd=ROOT, check=False).returncode == 0

    checks = {
        "gateway": lambda: answers(environ["ORDERHUB_BIND"]),
        "console": lambda: answers(environ["ORDERHUB_CONSOLE_BIND"]),
        "worker": lambda: progresses("worker"),
        "scheduler": lambda: progresses("scheduler"),
    }
    for name, healthy in checks.items():
        with running(name, environ) as process:
            wait_for(process, healthy)
            process.send_signal(signal.SIGTERM)
            assert (name, process.wait(timeout=60)) == (name, 0)
