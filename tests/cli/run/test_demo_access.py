"""Who may come in after `orderhub up --demo`: made once, said at every start."""

from pathlib import Path

import pytest

from hub.cli.run import starting
from tests.kit.world import open_store


def test_the_second_start_makes_nothing_and_says_how_to_get_in(
    tmp_path: Path, db_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(db_url, tmp_path, pool=2)
    try:
        first, second = (starting._access(store, demo=True) for _ in range(2))
    finally:
        store.close()
    assert first.password
    assert first.key
    assert (second.logins, second.password, second.key) == (("admin",), None, None)
    starting._greet(store.settings, first)
    said = capsys.readouterr().out
    assert f"admin / {first.password}   (shown once" in said
    assert f"{first.key}   (shown once)" in said
    starting._greet(store.settings, second)
    said = capsys.readouterr().out
    assert "log in    admin   (forgotten? `orderhub user passwd admin` sets anew)" in said
    assert "API key   as shown at the first start" in said
