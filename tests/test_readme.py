"""The README's commands run as they are written, in order, against a hub of their own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.kit.database import open_folder
from tests.kit.fixtures import ROOT
from tests.kit.world.processes import free_port

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"<!-- run -->\n```sh\n(.*?)```", README, re.DOTALL)
TOOLS = ("bash", "curl", "openssl")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
PATIENCE_S = 90
SLOWLY = "sleep() { command sleep $((4 * $1)); }"
"""What a reader's machine has done in a second, one with other tests on it may not."""
COMPLETED = "order A-1001 of acme-shop (A-1001) is completed, 20 EUR, merchant acme"


def environment(home: Path, port: int, console_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ORDERHUB_")}
    return {
        **kept,
        "ORDERHUB_HOME": str(home),
        "ORDERHUB_BIND": f"127.0.0.1:{port}",
        "ORDERHUB_CONSOLE_BIND": f"127.0.0.1:{console_port}",
    }


@contextmanager
def hub(env: dict[str, str], log: Path) -> Iterator[None]:
    """`orderhub up`, ready, and ended cleanly at the end."""
    with log.open("wb") as out:
        up = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", "up"], cwd=ROOT, env=env, stdout=out, stderr=out
        )
    try:
        until = time.monotonic() + PATIENCE_S
        while not is_ready(env["ORDERHUB_BIND"]):
            assert up.poll() is None, log.read_text("utf-8", "replace")[-2000:]
            assert time.monotonic() < until, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.2)
        yield
        up.send_signal(signal.SIGTERM)
        assert up.wait(PATIENCE_S) == 0, log.read_text("utf-8", "replace")[-2000:]
    finally:
        if up.poll() is None:
            up.kill()
            up.wait()


def is_ready(bind: str) -> bool:
    try:
        with urlopen(f"http://{bind}/readyz", timeout=2) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=f"the README needs {', '.join(MISSING)}")
def test_the_commands_of_the_readme_run_as_written(tmp_path: Path):
    said = walk(tmp_path)
    assert "6 changes made" in said
    first, again = re.findall(r'{"status": "stored", "id": "(\S+)", "repeated": (\w+)}', said)
    assert (first[1], again) == ("false", (first[0], "true"))
    assert [word in said for word in ('"status": "accepted"', '"status": "shipped"')] == [True] * 2
    assert COMPLETED in said
    assert re.search(r"F\w{26}  acme-depot  shipped  -\s+2 of 2\n", said), said
    assert stat_mode(tmp_path / ".env") == 0o600
    assert asked_by_compose() == given(tmp_path / ".env")


def walk(place: Path, **more: str) -> str:
    """Run all of them in this folder. Returns what they said; `more` is over the environment."""
    (place / ".venv").symlink_to(Path(sys.prefix))
    with open_folder() as folder:
        env = environment(folder / "var", port := free_port(), free_port()) | more
        script = "\n".join([SLOWLY, *BLOCKS]).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        with hub(env, folder / "up.log"):
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=place,
                env=env,
                capture_output=True,
                text=True,
                timeout=PATIENCE_S * 2,
                check=False,
            )
    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    return done.stdout


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def asked_by_compose() -> set[str]:
    """The variables without which docker-compose.yml does not start."""
    return set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text("utf-8")))


def given(env_file: Path) -> set[str]:
    lines = [line.partition("=") for line in env_file.read_text("utf-8").splitlines()]
    assert all(value for _, _, value in lines)
    return {name for name, _, _ in lines}


def test_the_make_commands_of_the_readme_are_targets():
    targets = set(re.findall(r"^([\w.]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"^make (\w+)", README, re.MULTILINE))
    assert named == {"up", "test"}
    assert named <= targets


def test_most_of_the_readme_is_run_and_the_rest_needs_docker_or_make():
    blocks = re.findall(r"(<!-- run -->\n)?```sh\n(.*?)```", README, re.DOTALL)
    beyond = [text for marked, text in blocks if not marked]
    lines = [line for text in beyond for line in text.splitlines() if line.strip()]
    assert len(BLOCKS) == 6
    assert {line.split()[0] for line in lines} == {"make", "docker", ".venv/bin/orderhub"}
