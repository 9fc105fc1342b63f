"""Resources are found in whatever stands around them."""

import json

import pytest

from hub.model.errors import BadData, Ignored
from mappings.kit.readers.envelope import resources

AROUND = ("create", "update", "data", "body")
A, B = {"id": "a", "data": {"id": "inner"}}, {"id": "b"}


def inside(tree, **told):
    return [it["id"] for it in resources(json.dumps(tree).encode(), around=AROUND, **told)]


@pytest.mark.parametrize(
    "tree",
    [A, [A], {"data": A}, {"data": [A]}, {"headers": {}, "body": {"data": A}}, [{"body": [A]}]],
)
def test_a_resource_is_bare_listed_or_wrapped(tree):
    assert inside(tree) == ["a"]


def test_the_lists_of_a_batch_count_all_and_of_objects_the_first():
    assert inside({"create": [A], "update": [B], "body": A}) == ["a", "b"]
    assert inside({"data": B, "body": A}) == ["b"]


@pytest.mark.parametrize("raw", [b'{"data": []}', b"[]", b"[[[[[1]]]]]"])
def test_what_holds_nothing_is_said_to_hold_nothing(raw):
    with pytest.raises(Ignored) as caught:
        resources(raw, around=AROUND)
    assert caught.value.code == "nothing_in_it"


def test_nothing_is_looked_for_in_what_bears_a_mark():
    assert inside(A) == ["a"]
    assert inside(A, marks=frozenset()) == ["inner"]


@pytest.mark.parametrize(
    ("tree", "path"), [("text", ""), ([A, 1], "1"), ({"data": [A, None]}, "data.1")]
)
def test_what_is_no_object_is_refused_by_where_it_stands(tree, path):
    with pytest.raises(BadData) as caught:
        inside(tree)
    assert (caught.value.code, caught.value.path) == ("bad_json", path)


def test_what_is_wrapped_too_deep_is_looked_into_no_further():
    deep = {"data": {"data": {"data": {"data": {"data": B}}}}}
    assert resources(json.dumps(deep).encode(), around=AROUND) == [{"data": B}]
