"""What tests install: pinned by hash, said before, skipped without a network."""

import re
import shutil
from pathlib import Path

import pytest

from tests.peers import install
from tests.peers.install import PEERS, POSTGRES, TRYTON, VENDURE, Peer

pytestmark = pytest.mark.slow

NOBODY = "http://127.0.0.1:9/"
"""A registry that refuses every line."""


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", f"{NOBODY}simple")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("npm_config_registry", NOBODY)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    return tmp_path / "peers"


def test_every_package_is_pinned_with_hashes_and_names_no_registry() -> None:
    locked = TRYTON.lock.read_text("utf-8")
    pinned = re.findall(
        r"^\S+==.*\\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", locked, re.MULTILINE
    )
    assert len(pinned) == len(TRYTON.packages()) > 20
    assert "://" not in locked
    for peer in (POSTGRES, VENDURE):
        text = peer.lock.read_text("utf-8")
        assert len(re.findall(r'"integrity": "sha512-\S{88}"', text)) == len(peer.packages()) > 4
        assert "://" not in text


def test_a_run_says_beforehand_what_it_will_download(tmp_path: Path) -> None:
    said = install.report(PEERS, tmp_path)
    assert said == (
        f"downloaded when a test needs it: Tryton ({len(TRYTON.packages())} packages,"
        " tests/peers/tryton.lock);"
        " PostgreSQL (5 packages, tests/peers/postgres/package-lock.json);"
        f" Vendure ({len(VENDURE.packages())} packages, tests/peers/vendure/package-lock.json)"
    )
    for one in PEERS:
        one.folder(tmp_path).mkdir(parents=True)
        (one.folder(tmp_path) / "complete").touch()
    assert install.report(PEERS, tmp_path) is None


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("get", [install.python, install.npm])
def test_without_a_network_tests_are_skipped_with_that_reason(
    get, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    peer = TRYTON if get is install.python else POSTGRES
    if get is install.npm and shutil.which("npm") is None:
        pytest.skip("there is no npm here")
    with pytest.raises(pytest.skip.Exception, match="there is no network"):
        get(peer, cache)
    assert capfd.readouterr().err == f"[tests] downloading {install._told(peer)}\n"
    assert install.report([peer], cache) is not None, "half of it is nothing"


def test_another_file_than_the_pinned_one_is_an_error(cache: Path, tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    wheel = tmp_path / "some-1.0-py3-none-any.whl"
    wheel.write_bytes(b"not what was pinned")
    lock.write_text(f"some @ {wheel.as_uri()} \\\n    --hash=sha256:{'0' * 64}\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(install, "_told", lambda _: "some")
        with pytest.raises(RuntimeError, match="DO NOT MATCH THE HASHES"):
            install.python(Peer("Some", lock), cache)
