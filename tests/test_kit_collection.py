"""Recorded payloads lie beside the checkout or nowhere: which tests read them, what is said."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.fixtures import ROOT, collection, report
from tests.kit.readers import reads_collection


def test_the_collection_lies_beside_the_checkout_or_where_it_is_named(tmp_path: Path) -> None:
    assert collection(None, tmp_path) == tmp_path / "shared" / "fixtures"
    assert collection(str(tmp_path)) == tmp_path
    assert not collection("none").exists()
    with pytest.raises(ValueError, match="ORDERHUB_TEST_COLLECTION: there is no folder /nowhere"):
        collection("/nowhere")


def test_the_first_lines_say_what_the_tests_run_on(tmp_path: Path) -> None:
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "order.json").write_text("{}")
    assert report(tmp_path).startswith("recorded payloads: 1 files of ")
    assert report(tmp_path / "none") == "recorded payloads: none here, our own samples stand in"


@pytest.mark.parametrize(
    ("file", "reads"),
    [
        ("tests/sandbox/test_orders.py", True),  # itself
        ("tests/journeys/test_fixtures.py", True),  # by what it imports
        ("tests/hostile/test_hostile.py", True),  # `from tests.hostile import seeds`
        ("tests/test_settings.py", False),
        ("tests/test_kit_collection.py", False),  # it knows of the place and reads nothing
    ],
)
def test_who_reads_the_collection_is_found_by_itself(file: str, *, reads: bool) -> None:
    assert reads_collection(ROOT / file) is reads


@pytest.mark.slow
def test_what_reads_it_is_chosen_by_one_marker() -> None:
    command = ("-m", "pytest", "--collect-only", "-q", "-m", "collection", "tests/sandbox")
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, check=False, capture_output=True, text=True
    )
    found = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert found == {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests/sandbox").rglob("test_*.py")
        if "SHARED" in path.read_text("utf-8")
    }
