"""Canonical documents and what they are to Tryton, by pairs: `<name>.in.json` and `.out.json`.

The documents are of our own making. Decimals and dates are shown as text.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from hub.model.catalogue import read
from mappings.kit import Context, encode
from mappings.reading import read_json_object
from mappings.tryton import ENCODE

CASES = sorted((Path(__file__).parent / "cases").glob("*.in.json"))


def meaning(path: Path) -> dict[str, Any]:
    at = Context("erp", "acme")
    tree = read_json_object(path.read_bytes())
    told = encode(ENCODE, read(tree["type"], tree), at)
    shown = {"told": told, "warnings": [one.as_dict() for one in at.warnings]}
    return json.loads(json.dumps(shown, default=str))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name.partition(".")[0])
def test_a_document_becomes_what_its_pair_says(path: Path) -> None:
    expected = path.with_name(path.name.replace(".in.", ".out."))
    assert meaning(path) == json.loads(expected.read_text("utf-8"))


def test_there_are_pairs_for_all_that_is_taken() -> None:
    types = {json.loads(path.read_text("utf-8"))["type"] for path in CASES}
    assert types == {kind.TYPE for kind in ENCODE}
