"""One `up` at a time under a home; one that was killed has processes that end a little later."""

import fcntl
from pathlib import Path
from threading import Timer

import click
import pytest
from tenacity import stop_after_delay

from hub.cli.run import starting
from hub.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.read({"ORDERHUB_HOME": str(tmp_path)})


def test_it_waits_for_the_rest_of_one_that_was_killed(settings: Settings) -> None:
    with (settings.home / "up.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        Timer(0.5, fcntl.flock, (held, fcntl.LOCK_UN)).start()
        with starting._only_one(settings):
            assert not _is_free(settings)


def test_a_second_one_is_refused_and_told_what_to_do(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting._PATIENT, "stop", stop_after_delay(0.1))
    second = starting._only_one(settings)
    with (
        starting._only_one(settings),
        pytest.raises(click.UsageError, match="runs already under"),
    ):
        second.__enter__()
    assert _is_free(settings)


def _is_free(settings: Settings) -> bool:
    with (settings.home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
