"""What the hub is made of: known holes, secrets in the tree, the bill of materials, the images."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.fixtures import ROOT
from tests.supply import advisories, images, leaks

WELL = {"name": "flask", "version": "3.1.0", "vulns": []}
HOLE = {"id": "PYSEC-2024-1", "fix_versions": ["2.0", "2.1"]}
BAD = {"name": "old", "version": "1.0", "vulns": [HOLE]}
SKIPPED = {"name": "odd", "skip_reason": "Dependency not found"}


def said(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_known_hole_is_named_with_the_versions_that_mend_it() -> None:
    code, lines = advisories.verdict([said(WELL, BAD), None])
    assert (code, lines) == (1, ["old 1.0: PYSEC-2024-1, mended in 2.0, 2.1"])


@pytest.mark.parametrize("answers", [[None], [said(WELL), None], [said(WELL, SKIPPED)]])
def test_what_could_not_be_asked_is_no_clean_bill(answers: list[str | None]) -> None:
    code, lines = advisories.verdict(answers)
    assert code == advisories.NOT_ASKED
    assert re.search("cannot be reached|were given for 1 packages, such as odd", lines[0])


def test_nothing_known_is_said_with_how_many_were_asked() -> None:
    assert advisories.verdict([said(WELL)]) == (0, ["no known holes in 1 packages"])


def planted() -> str:
    """What a scanner should find, put together so that it is not found here."""
    head = "-----BEGIN RSA " + "PRIVATE KEY-----"
    return f"{head}\nMIIEow\naws = 'AKIA" + "IOSFODNN7EXAMPLF'\n"


def test_a_secret_in_a_file_is_found_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text(planted())
    found = list(leaks.found([file]))
    assert [(name, line) for name, _, _, line in found] == [("settings.py", 1), ("settings.py", 3)]
    assert "AKIA" not in str(found)


@pytest.mark.slow
def test_every_file_of_the_image_comes_with_a_bill_of_materials() -> None:
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    assert "cyclonedx-py requirements" in recipe
    assert re.search(r"COPY --from=build \S*sbom\.cdx\.json ", recipe)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "cyclonedx-py"), "requirements", "requirements.lock",
         "--pyproject", "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", "-"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    bill = json.loads(done.stdout)
    locked = re.findall(
        r"^([a-z0-9-]+)(?:\[\S*\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )
    named = {one["name"].lower().replace("_", "-") for one in bill["components"]}
    assert named == set(locked)
    assert bill["metadata"]["component"]["name"] == "orderhub"
    assert "://" not in json.dumps([one.get("purl") for one in bill["components"]])


def test_images_are_pinned_beside_their_tags_and_pinned_anew_when_asked_again() -> None:
    first, second = (f"sha256:{digit * 64}" for digit in "ab")
    text = "FROM python:3.13-slim AS build\n    image: postgres:18\n  image: orderhub\n"
    assert list(images.images(text)) == [("python:3.13-slim", False), ("postgres:18", False)]
    once = images.pinned(text, lambda _: first)
    assert once == (
        f"FROM python:3.13-slim@{first} AS build\n    image: postgres:18@{first}\n"
        "  image: orderhub\n"
    )
    assert {is_pinned for _, is_pinned in images.images(once)} == {True}
    assert images.pinned(once, lambda _: second) == once.replace(first, second)


def test_without_a_registry_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tmp_path / "Dockerfile"
    recipe.write_text("FROM python:3.13-slim\n")
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'no such host' >&2; exit 1\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SystemExit, match="the registry was not asked: no such host"):
        images.main(["--pin"], [recipe])
    assert recipe.read_text() == "FROM python:3.13-slim\n"
    assert images.main([], [recipe]) == 1
