"""A partner from nothing to bronze, as docs/adapters.md says: begun, filled in, installed, run."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from adapters.kit import scaffold
from hub.model.errors import BadData
from tests.kit.fixtures import ROOT

PORTS = {"northdock": "warehouse", "northshop": "channel", "northyard": "warehouse"}
EXAMPLES = ROOT / "examples"
BLOCK = re.compile(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
OWN = {"README.md"}
"""What each writes for himself."""


def texts(folder: Path) -> dict[str, str]:
    found = (
        file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts
    )
    return {str(file.relative_to(folder)): file.read_text("utf-8") for file in found}


def begun(name: str, into: Path, *more: str) -> Path:
    words = ["adapter", "new", name, "--port", PORTS[name], "--into", str(into), *more]
    subprocess.run([sys.executable, "-m", "hub.cli", *words], cwd=ROOT, check=True)
    return into


def run(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """The package installed beside the hub, and its conformance run."""
    shutil.rmtree(folder / "build", ignore_errors=True)
    target = folder.parent / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    more = ["--no-index", "--disable-pip-version-check", "--upgrade", "--target", str(target)]
    subprocess.run([*pip, *more, str(folder)], check=True)
    return subprocess.run(
        [sys.executable, "-m", "adapters.kit.conformance", name, "--write"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def filled_in(folder: Path, name: str) -> None:
    page = (ROOT / "docs" / "adapters.md").read_text("utf-8")
    for path, text in BLOCK.findall(page):
        if path.startswith(f"{name}/"):
            (folder / path).write_text(text, "utf-8")


def level(folder: Path, name: str) -> str:
    kept = folder.parent / "site" / name / "level.toml"
    return str(tomllib.loads(kept.read_text("utf-8"))["level"])


@pytest.mark.parametrize("name", ["northdock", "northshop"])
@pytest.mark.slow
def test_a_new_adapter_is_a_draft_until_it_is_filled_in_as_the_page_says(
    name: str, tmp_path: Path
) -> None:
    folder = begun(name, tmp_path / name)
    draft = run(folder, name)
    assert draft.returncode == 1, draft.stderr
    assert "FAIL every sample is decoded" in draft.stdout
    assert level(folder, name) == "draft"

    filled_in(folder, name)
    filled, example = texts(folder), texts(EXAMPLES / name)
    for made in [path for path in filled if path.startswith("build/") or ".egg-info" in path]:
        del filled[made]
    assert {**filled, **{path: example[path] for path in OWN}} == example

    done = run(folder, name)
    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    assert done.stdout.count("ok   ") == 17
    assert level(folder, name) == "bronze"


@pytest.mark.slow
def test_one_that_is_polled_lists_from_the_start_and_posts_nothing(tmp_path: Path) -> None:
    folder = begun("northyard", tmp_path / "northyard", "--talks", "polled")
    adapter = (folder / "northyard" / "__init__.py").read_text("utf-8")
    assert "verify" not in adapter
    draft = run(folder, "northyard")
    assert draft.returncode == 1, draft.stderr
    assert "FAIL what is listed is named and read alike each time" in draft.stdout

    filled_in(folder, "northyard")
    done = run(folder, "northyard")
    assert (done.stderr, done.returncode) == ("", 0), done.stdout
    assert "ok   what is listed is named and read alike each time" in done.stdout
    assert "FAIL" not in done.stdout
    assert level(folder, "northyard") == "bronze"
    assert (folder / "northyard" / "__init__.py").read_text("utf-8") == adapter


@pytest.mark.parametrize("talks", get_args(scaffold.Talks))
@pytest.mark.parametrize("port", scaffold.STARTERS)
def test_inside_the_repository_each_file_goes_to_its_room(
    port: str, talks: scaffold.Talks, tmp_path: Path
) -> None:
    found = scaffold.files("north_dock", port, outside=False, talks=talks)  # type: ignore[arg-type]
    written = {str(path.relative_to(tmp_path)) for path in scaffold.write(found, tmp_path)}
    topic = scaffold.STARTERS[port].topic  # type: ignore[index]
    assert written == {
        "adapters/north_dock/__init__.py",
        "adapters/north_dock/manifest.toml",
        "adapters/north_dock/README.md",
        "adapters/north_dock/conformance.py",
        "adapters/north_dock/transcript.yaml",
        f"adapters/north_dock/samples/{topic}.json",
        "mappings/north_dock.py",
    }
    for path, text in found.items():
        if path.suffix == ".py":
            compile(text, str(path), "exec")
    with pytest.raises(BadData, match="this file is there already"):
        scaffold.write(found, tmp_path)


@pytest.mark.parametrize("name", ["North", "north dock", "../x", "1st", ""])
def test_a_name_that_is_no_module_is_refused(name: str) -> None:
    with pytest.raises(BadData, match="a name such as northdock"):
        scaffold.files(name, "erp", outside=True)


def test_every_adapter_of_this_repository_has_its_entry_point() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    points = tomllib.loads(project)["project"]["entry-points"]["orderhub.adapters"]
    own = sorted(file.parent.name for file in (ROOT / "adapters").glob("*/manifest.toml"))
    assert points == {name: f"adapters.{name}:ADAPTER" for name in own}
    told = tomllib.loads(scaffold.entered(project, "north_dock"))
    assert told["project"]["entry-points"]["orderhub.adapters"] == {
        **points,
        "north_dock": "adapters.north_dock:ADAPTER",
    }
