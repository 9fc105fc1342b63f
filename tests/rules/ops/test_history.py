"""The history checker: lost, doubled, out of order, overwritten, other than the hub's books."""

import json

import pytest

from hub.model.errors import BadData
from hub.rules.ops import history
from hub.rules.ops.history import Line

TAKEN = {"what": "answered", "connection": "shop", "topic": "orders/create", "status": 200}
NOTICE = {"what": "effected", "connection": "wh", "document": "fulfilment_order"}
COMPLETE = {"what": "complete", "connection": "wh"}


def lines(*trees: dict[str, object]) -> list[Line]:
    return history.read(json.dumps(tree) for tree in trees)


def test_G01_what_was_answered_2xx_and_is_not_there_is_lost() -> None:
    taken, other = lines({**TAKEN, "delivery": "d1"}, {**TAKEN, "delivery": "d2"})
    assert history.lost([taken, other], {taken: True, other: False}) == ["shop orders/create d2"]
    assert history.lost([taken, other], {}) == ["shop orders/create d1", "shop orders/create d2"]


@pytest.mark.parametrize("status", [0, 401, 429, 503])
def test_G01_what_was_not_answered_2xx_may_be_lost(status: int) -> None:
    refused = lines({**TAKEN, "delivery": "d1", "status": status})
    offered = lines({**TAKEN, "what": "offered", "delivery": "d1"})
    assert history.lost([*refused, *offered], {}) == []


def test_G08_an_effect_that_is_there_twice_is_found() -> None:
    once = {**NOTICE, "key": "F1", "effect": "F1"}
    assert history.doubled(lines(once, {**once, "effect": "F2"})) == []
    assert history.doubled(lines(once, {**once, "connection": "other"})) == []
    assert history.doubled(lines(once, {**once, "document": "cancellation"})) == []
    assert history.doubled(lines(once, once, {**once, "at": "later"})) == ["wh fulfilment_order F1"]


def test_G13_what_a_partner_saw_is_a_subsequence_of_what_was_to_be_told() -> None:
    saw = [{**NOTICE, "key": "F1", "revision": number} for number in (1, 2, 4)]
    other = {**NOTICE, "key": "F2", "revision": 1}
    assert history.out_of_order(lines(*saw, other)) == []
    assert history.out_of_order(lines(*reversed(saw))) == ["wh F1: fulfilment_order came too late"]


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ("2026-11-24T11:00:00Z", []),
        ("2026-11-24T12:00:00Z", []),
        ("2026-11-24T10:00:00+00:00", 1),
        (None, 1),
    ],
)
def test_G14_something_older_than_what_was_taken_is_found(
    stored: str | None, found: object
) -> None:
    told = ("2026-11-24T11:00:00+00:00", "2026-11-24T11:30:00+02:00")
    taken = lines(*({**TAKEN, "key": "1", "revision": at} for at in told))
    broken = history.overwritten(taken, {("shop", "1"): stored})
    assert len(broken) == (found or 0)
    assert history.overwritten(taken, {}) == []


def test_G08_the_partners_books_are_the_hubs() -> None:
    saw = {**NOTICE, "key": "F1", "content": ["A 2", "B 1"]}
    ours = {("wh", "fulfilment_order", "F1"): ["B 1", "A 2"], ("erp", "sales_order", "1"): ["x"]}
    assert history.differences(lines(saw, COMPLETE), ours) == []
    assert history.differences(lines(saw), {}) == []  # it may have more that was not written down
    assert history.differences(lines({**saw, "content": ["A 2"]}, COMPLETE), ours) == [
        "wh fulfilment_order F1: the hub has A 2, B 1, they have A 2"
    ]
    assert history.differences(lines(COMPLETE), ours) == [
        "wh fulfilment_order F1: the hub has A 2, B 1, they have nothing"
    ]
    assert history.differences(lines(saw, COMPLETE), {}) == [
        "wh fulfilment_order F1: the hub has nothing, they have A 2, B 1"
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_json"),
        ("[]", "missing_field"),
        ('{"what": "effected"}', "missing_field"),
        ('{"what": "told", "connection": "wh"}', "missing_field"),
    ],
)
def test_a_line_that_is_none_is_named(text: str, code: str) -> None:
    with pytest.raises(BadData) as error:
        history.read(["", json.dumps(COMPLETE), text])
    assert (error.value.path, error.value.code) == ("line 3", code)
