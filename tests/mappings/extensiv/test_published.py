"""What others collected of Extensiv: answers of a collection of requests are read, what we ask has
the names that stand there, and what we read the names of the field trees.
"""

import json
from functools import cache

import pytest
from pydantic.alias_generators import to_snake

from hub.model.errors import BadData, Ignored
from mappings.extensiv import wire
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

pytestmark = [
    pytest.mark.collection,
    pytest.mark.skipif(not SHARED.exists(), reason="the collection is not here"),
]
FOLDER = SHARED / "warehouses" / "extensiv_3plcentral"
EXTENSIV = PARTNERS["extensiv"]


def requests(items):
    for it in items:
        yield from requests(it["item"]) if "item" in it else [it]


@cache
def collected():
    files = sorted(FOLDER.glob("*.postman_collection.json"))
    trees = [json.loads(file.read_bytes()) for file in files]
    return [it for tree in trees for it in requests(tree["item"])]


def names(tree):
    """All names in a tree, or in a JSON schema of one."""
    if isinstance(tree, list):
        return {name for one in tree for name in names(one)}
    if not isinstance(tree, dict):
        return set()
    return {to_snake(name) for name in tree} | {name for it in tree.values() for name in names(it)}


def test_every_answer_of_the_collection_is_read_or_names_what_is_wrong():
    bodies = [
        answer["body"].encode()
        for it in collected()
        for answer in it.get("response") or ()
        if answer.get("code") in {200, 201} and answer.get("body", "").startswith("{")
    ]
    said = [said_by(topic, body) for body in bodies for topic in EXTENSIV.decoders]
    assert (len(bodies), said.count("stock_report")) == (5, 1)
    assert set(said) <= {"stock_report", "BadData", "Ignored"}


def said_by(topic, body):
    """Values of the collection are made up by a generator: what decides is mostly no value."""
    try:
        (document,) = EXTENSIV.read(topic, body)
    except (BadData, Ignored) as refusal:
        return type(refusal).__name__
    return document.type


def test_what_we_ask_for_has_the_names_of_the_collection_and_the_field_trees():
    asked = [it["request"]["body"]["raw"] for it in collected() if it["request"].get("body")]
    known = {
        name
        for raw in asked
        if raw
        for name in names(json.loads(raw.replace("<", "").replace(">", "")))
    }
    known |= {
        name
        for file in FOLDER.glob("tap_schema_*.json")
        for name in names(json.loads(file.read_bytes()))
    }
    told = [
        EXTENSIV.meaning(path).get("told") for path in EXTENSIV.cases if not EXTENSIV.topic(path)
    ]
    ours = {name for tree in told for name in names(tree)}
    assert len(ours) == 30
    assert ours <= known


@pytest.mark.parametrize(
    ("model", "tree"),
    [(wire.Order, "orders"), (wire.Routing, "orders"), (wire.Summary, "stock_summaries")],
)
def test_what_is_read_stands_in_a_field_tree(model, tree):
    known = names(json.loads((FOLDER / f"tap_schema_{tree}.json").read_bytes()))
    assert set(model.model_fields) - known <= {"at"}  # which is ours
