"""Tokens in a folder: shared by processes, sealed, renewed by one of them."""

import multiprocessing
import time

import pytest

from adapters.kit.tokens import InFolder, Token
from hub.model.errors import TryLater
from hub.store.base.sealing import DataKey, Vault
from hub.store.config import secrets

NAME = "a" * 32
TOKEN = Token.told("access-1", 3600, "refresh-1", 1000)


def store(folder, key=b"k"):
    vault = Vault([DataKey(key * 4, key * 32)])
    return InFolder(folder, *secrets.sealing(vault))


def test_what_one_process_keeps_the_next_finds_and_the_file_shows_nothing(tmp_path):
    store(tmp_path / "tokens").save(NAME, TOKEN)
    assert store(tmp_path / "tokens").load(NAME) == TOKEN
    raw = (tmp_path / "tokens" / NAME).read_bytes()
    assert b"access-1" not in raw
    assert b"refresh-1" not in raw
    assert (tmp_path / "tokens" / NAME).stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "tokens").iterdir()] == [NAME]


def test_a_token_that_does_not_open_or_was_moved_is_none(tmp_path):
    assert store(tmp_path).load(NAME) is None
    store(tmp_path).save(NAME, TOKEN)
    assert store(tmp_path, b"o").load(NAME) is None
    (tmp_path / NAME).rename(tmp_path / ("b" * 32))
    assert store(tmp_path).load("b" * 32) is None
    (tmp_path / NAME).write_bytes(b"half")
    assert store(tmp_path).load(NAME) is None


def _renew(folder, held, seconds):
    with store(folder).renewing(NAME, 5):
        held.set()
        time.sleep(seconds)


def test_one_process_renews_while_another_waits_and_one_that_dies_lets_go(tmp_path):
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    other = context.Process(target=_renew, args=(tmp_path, held, 60), daemon=True)
    other.start()
    assert held.wait(60)
    with pytest.raises(TryLater), store(tmp_path).renewing(NAME, 0.1):
        pytest.fail("the other holds it")
    other.kill()
    with store(tmp_path).renewing(NAME, 10):
        pass
    other.join(10)
