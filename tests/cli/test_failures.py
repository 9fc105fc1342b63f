"""What the command line says of much that is wrong."""

import json

import pytest

from hub.cli.failures import DATA, wrong_data
from hub.model.errors import Problem


@pytest.mark.parametrize(
    ("wrong", "shown", "more"), [(3, 3, None), (100, 100, None), (12_000, 100, 11_900)]
)
def test_what_is_wrong_is_shown_as_far_as_a_person_reads(
    wrong: int, shown: int, more: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wrong_data([Problem(f"rows.{at}", "bad_id", "an id") for at in range(wrong)]) == DATA
    said = json.loads(capsys.readouterr().err)
    assert said["errors"][-1]["path"] == f"rows.{shown - 1}"
    assert (len(said["errors"]), said.get("more")) == (shown, more)
