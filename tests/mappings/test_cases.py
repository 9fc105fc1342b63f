"""Pairs of all partners: what they send and all that we read in it, or a document and what it
becomes. Each stands for something that real partners do; they are of our own making.
"""

import json
from pathlib import Path

import pytest

from hub.model.catalogue import freeze, thaw
from hub.model.order import SalesOrder
from tests.mappings.equations import assert_adds_up
from tests.mappings.partners import FOLDER, PARTNERS, Partner, pair

TOLD = [partner for partner in PARTNERS.values() if partner.encoders]
CASES = [
    pytest.param(partner, path, id=f"{partner.name}:{path.name}")
    for partner in PARTNERS.values()
    for path in partner.cases
]
SAID = [it for it in CASES if "documents" in json.loads(pair(it.values[1]).read_text("utf-8"))]


@pytest.mark.parametrize(("partner", "path"), CASES)
def test_a_case_means_what_its_pair_says(partner: Partner, path: Path) -> None:
    assert partner.meaning(path) == json.loads(pair(path).read_text("utf-8"))


@pytest.mark.parametrize(("partner", "path"), SAID)
def test_what_a_case_says_adds_up_and_is_kept_as_it_is(partner: Partner, path: Path) -> None:
    for document in partner.documents(path):
        assert thaw(document.type, freeze(document)) == document
        if isinstance(document, SalesOrder):
            assert_adds_up(document)


@pytest.mark.parametrize("partner", PARTNERS.values(), ids=lambda it: it.name)
def test_every_case_has_its_pair_and_every_pair_its_case(partner: Partner) -> None:
    pairs = (FOLDER / partner.name / "cases").glob("*.out.json")
    assert sorted(map(pair, partner.cases)) == sorted(pairs)
    assert partner.cases


def test_no_folder_of_cases_is_forgotten() -> None:
    assert {path.parent.name for path in FOLDER.glob("*/cases")} == set(PARTNERS)


@pytest.mark.parametrize("partner", TOLD, ids=lambda it: it.name)
def test_there_are_pairs_for_all_that_is_told(partner: Partner) -> None:
    told = [path for path in partner.cases if not partner.topic(path)]
    types = {json.loads(path.read_text("utf-8"))["type"] for path in told}
    assert types == {kind.TYPE for kind in partner.encoders}
