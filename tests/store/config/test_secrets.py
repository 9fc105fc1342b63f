"""Secrets of connections: each opens where it belongs, and reading one never hangs or grows."""

import os
from contextlib import suppress
from pathlib import Path

import pytest

from hub.model.errors import BadData
from hub.store.base.sealing import DataKey, Vault
from hub.store.config import secrets

VAULT = Vault([DataKey(b"new0", bytes(range(32)))])
SHOP, OTHER, FOREIGN = ("acme", "shop"), ("acme", "other"), ("globex", "shop")
SIXTY_FOUR = 64 * 1024


def revealed(reference: str, owner: secrets.Owner = SHOP) -> str | None:
    """The secret; None where it is refused as not there."""
    with suppress(BadData):
        return secrets.reveal(VAULT, {"token": reference}, owner)["token"]
    with pytest.raises(BadData) as refused:
        secrets.reveal(VAULT, {"token": reference}, owner)
    assert (refused.value.code, refused.value.path) == ("missing_secret", "secrets.token")
    assert "s3cret" not in str(refused.value)
    return None


def test_a_sealed_secret_opens_for_its_merchant_and_connection_alone() -> None:
    sealed = secrets.seal(VAULT, "s3cret", SHOP)
    assert [revealed(sealed, who) for who in (SHOP, OTHER, FOREIGN)] == ["s3cret", None, None]


def test_one_that_was_sealed_for_nobody_yet_is_bound_once() -> None:
    loose = secrets.seal(VAULT, "s3cret")
    assert revealed(loose) == "s3cret"
    bound = secrets.bound(VAULT, loose, SHOP)
    assert [revealed(bound, who) for who in (SHOP, OTHER, FOREIGN)] == ["s3cret", None, None]
    assert secrets.bound(VAULT, loose, SHOP, bound) == bound
    assert secrets.bound(VAULT, bound, SHOP, bound) == bound
    assert secrets.bound(VAULT, bound, OTHER) == bound
    assert secrets.bound(VAULT, secrets.seal(VAULT, "new"), SHOP, bound) != bound
    assert secrets.bound(VAULT, "env:TOKEN", SHOP, bound) == "env:TOKEN"


@pytest.mark.parametrize("broken", ["enc:", "enc:x", "enc:é", "enc:" + "A" * 40])
def test_what_is_no_sealed_secret_is_refused(broken: str) -> None:
    assert revealed(broken) is None


def test_a_file_is_read_up_to_its_bound_and_no_byte_more(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("  s3cret\n")
    assert revealed(f"file:{file}") == "s3cret"
    file.write_bytes(b"x" * SIXTY_FOUR)
    assert revealed(f"file:{file}") == "x" * SIXTY_FOUR
    file.write_bytes(b"x" * (SIXTY_FOUR + 1))
    assert revealed(f"file:{file}") is None
    file.write_bytes(b"\xff")
    assert revealed(f"file:{file}") is None


def test_a_mounted_secret_behind_a_link_is_read(tmp_path: Path) -> None:
    (tmp_path / "v1").write_text("s3cret")
    (tmp_path / "token").symlink_to("v1")
    assert revealed(f"file:{tmp_path / 'token'}") == "s3cret"


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty", "/", "/nowhere", "a\x00b"])
def test_what_is_no_regular_file_is_refused_at_once(path: str) -> None:
    assert revealed(f"file:{path}") is None


def test_a_pipe_that_nobody_writes_to_does_not_hold_anything_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert revealed(f"file:{tmp_path / 'pipe'}") is None
