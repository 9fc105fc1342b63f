"""Qimen bodies and what they mean, by pairs: `<method>.<name>.in.xml` (or .json) and `.out.json`.

The bodies are of our own making, each after something that real warehouses do. Real messages lie
beside the checkout.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mappings.kit import Context, code_lists, decode, zone
from mappings.qimen import decoders
from tests.kit.fixtures import SHARED

CASES = sorted((Path(__file__).parent / "cases").glob("*.in.*"))
READ_AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
DECODE = decoders(lambda: READ_AT)


def context():
    return Context("wh-ams", "acme", code_lists("qimen"), zone("Asia/Shanghai"))


def topic_of(path):
    return ".".join(path.name.split(".")[:2])


def shown(document):
    return json.loads(document.model_dump_json(exclude_defaults=True))


def meaning(path):
    at = context()
    documents = decode(DECODE, topic_of(path), path.read_bytes(), at)
    return {
        "documents": [{"type": one.type, **shown(one)} for one in documents],
        "warnings": [one.as_dict() for one in at.warnings],
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_body_means_what_its_pair_says(path):
    expected = path.with_name(path.name.partition(".in.")[0] + ".out.json")
    assert meaning(path) == json.loads(expected.read_text("utf-8"))


REAL = sorted((SHARED / "warehouses" / "qimen").glob("*.confirm.req.*.xml"))


@pytest.mark.parametrize("path", REAL or CASES, ids=lambda path: path.name)
def test_real_messages_are_read_with_all_their_pieces(path):
    """Where the real ones are not there, our own small ones stand in for them."""
    found = meaning(path)
    assert found["documents"]
    assert all(one["source"]["connection"] == "wh-ams" for one in found["documents"])
