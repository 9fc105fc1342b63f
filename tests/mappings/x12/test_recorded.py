"""Published files of X12: each is parted into sets, and what we take of them is read."""

import json

import pytest

from hub.model.errors import Ignored
from mappings.kit import decode
from mappings.x12 import KNOWN, decoders, transactions
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "warehouses" / "x12"
SILENT = frozenset({"empty997.edi"})
"""A 997 without its segments."""
COUNTS = {"180": 1, "856": 2, "944": 2, "945": 2, "947": 1, "997": 6}
"""Set -> how many of it there are."""


def is_read(case):
    """Whether the answer to a case of our own is no refusal."""
    answer = case.with_name(f"{case.name.removesuffix('.in.x12')}.out.json")
    return "refused" not in json.loads(answer.read_text("utf-8"))


def recorded():
    own = [it for it in PARTNERS["x12"].cases if it.suffix == ".x12" and is_read(it)]
    files = sorted(FOLDER.glob("*.edi")) if FOLDER.exists() else own
    return [path for path in files if path.name not in SILENT]


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.name)
def test_G19_recorded_sets_are_found_and_read(path):
    raw = path.read_bytes()
    sets = list(transactions(raw))
    assert len(sets) == sum(
        part.strip().startswith(b"ST") for part in raw.replace(b"\n", b"~").split(b"~")
    )
    for told in sets:
        if told.kind not in KNOWN:
            continue
        try:
            documents = decode(decoders(), told.kind, told.text.encode(), PARTNERS["x12"].context())
        except Ignored:
            assert told.kind == "997"
        else:
            assert documents


@pytest.mark.skipif(not FOLDER.exists(), reason="the collection is not there")
def test_what_the_collection_holds_is_known():
    kinds = [told.kind for path in recorded() for told in transactions(path.read_bytes())]
    assert len(recorded()) == 29
    assert {kind: kinds.count(kind) for kind in sorted(set(kinds) & KNOWN)} == COUNTS
