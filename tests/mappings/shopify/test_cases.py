"""Pairs: what the shop sends, and all that we read in it. Samples of our own."""

import json
from pathlib import Path

import pytest

from mappings.kit import Context, decode
from mappings.shopify import DECODE

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name.removesuffix(".in.json") for path in CASES.glob("*.in.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_case_reads_as_its_pair_says(name):
    first, second, _ = name.split(".")
    at = Context("shop-eu", "acme")
    documents = decode(DECODE, f"{first}/{second}", (CASES / f"{name}.in.json").read_bytes(), at)
    expected = json.loads((CASES / f"{name}.out.json").read_text("utf-8"))
    assert [json.loads(one.model_dump_json()) for one in documents] == expected
    assert at.warnings == []


def test_every_case_has_its_pair():
    assert sorted(path.name.removesuffix(".out.json") for path in CASES.glob("*.out.json")) == NAMES
    assert len(NAMES) == 8
