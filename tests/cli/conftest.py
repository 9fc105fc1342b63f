"""The command line as a user meets it: arguments in; exit code, standard output and error out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from hub.cli.main import cli


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def errors(self) -> dict[str, str]:
        """Path -> code of what was wrong with the data; standard output must be empty then."""
        assert self.out == ""
        return {one["path"]: one["code"] for one in json.loads(self.err)["errors"]}


Run = Callable[..., Answer]


@pytest.fixture
def orderhub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command without any database."""
    monkeypatch.setenv("ORDERHUB_HOME", str(tmp_path))
    for name in ("ORDERHUB_DATABASE_URL", "ORDERHUB_BROKER_URL", "ORDERHUB_KEYS"):
        monkeypatch.delenv(name, raising=False)

    def run(*args: str, stdin: str | bytes | None = None) -> Answer:
        done = CliRunner().invoke(cli, args, input=stdin)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert "Traceback" not in done.output
        return Answer(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def on_database(orderhub: Run, db_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a migrated, empty database."""
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", db_url)
    return orderhub
