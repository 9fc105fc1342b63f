"""The demo's secrets: made up once, found by every command under the same home."""

from pathlib import Path

import pytest

from hub.cli.run import starting
from hub.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in starting.DEMO_SECRETS:
        monkeypatch.setenv(name, "")  # and back to what it was at the end
    return Settings.read({"ORDERHUB_HOME": str(tmp_path)})


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in starting.DEMO_SECRETS:
        monkeypatch.setenv(name, "")


def test_they_stay_from_one_start_to_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = starting._make_up_secrets(settings)
    first = {name: place.read_text() for name, place in places.items()}
    assert len(set(first.values())) == len(starting.DEMO_SECRETS)
    assert {place.stat().st_mode & 0o077 for place in places.values()} == {0}
    forget(monkeypatch)
    again = starting._make_up_secrets(settings)
    assert {name: place.read_text() for name, place in again.items()} == first


def test_the_environment_goes_before_what_was_made_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting._make_up_secrets(settings)
    monkeypatch.setenv("SANDBOX_SHOP_TOKEN", "ours")
    places = starting._make_up_secrets(settings)
    assert places["SANDBOX_SHOP_TOKEN"].read_text() == "ours"
