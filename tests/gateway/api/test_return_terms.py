"""A merchant's terms for returns over the Open API: checked as in the connections file, kept whole
in the audit, and in force for the next return.
"""

from datetime import timedelta

import pytest

from hub.rules.returns import policy
from tests.kit.world.gateway import Gateway

PATH = "return-terms?merchant=acme"
TERMS = {
    "window_days": 14,
    "review": [{"name": "small", "when": {"value_at_most": "20"}, "then": "approve"}],
    "warehouses": [{"warehouse": "wh-a"}],
}


@pytest.fixture(autouse=True)
def without_terms(gateway: Gateway) -> None:
    """Versions are only added to: what another test agreed is taken away."""
    gateway.call("POST", PATH, gateway.key("all"), {})


def test_terms_are_read_replaced_and_taken_away(gateway: Gateway) -> None:
    key = gateway.key("returns:read", "returns:manage")
    usual = gateway.call("GET", PATH, key).json
    assert (usual["own"], usual["terms"]["window_days"]) == (False, 30)
    made = gateway.call("POST", PATH, key, TERMS)
    assert (made.status_code, made.json["own"]) == (200, True)
    assert gateway.call("GET", PATH, key).json == made.json
    assert made.json["terms"]["review"][0]["name"] == "small"
    assert gateway.store.directory().returns["acme"][-1].terms["window_days"] == 14
    assert gateway.call("POST", PATH, key, TERMS).json == made.json  # nothing to change
    gone = gateway.call("POST", PATH, key, {}).json
    assert (gone["own"], gone["terms"]) == (False, usual["terms"])
    before = len(usual["versions"])
    assert [it["terms"].get("window_days") for it in gone["versions"][before:]] == [14, None]
    rows = gateway.world.sql(
        "SELECT action, detail FROM audit WHERE chain = 'acme' AND action LIKE 'returns.%' "
        "ORDER BY number"
    )
    made_and_gone = [row.detail for row in rows[-2:]]  # the chain keeps what other tests did
    assert [it["is"].get("window_days") for it in made_and_gone] == [14, None]
    assert [it["was"].get("window_days") for it in made_and_gone] == [None, 14]


def test_terms_of_a_day_to_come_count_from_that_day_on(gateway: Gateway) -> None:
    key = gateway.key("all", merchant="acme")
    first = gateway.call("POST", "return-terms", key, {"window_days": 21}).json
    day = (gateway.world.clock() + timedelta(days=2)).isoformat()
    made = gateway.call("POST", "return-terms", key, {"window_days": 7, "valid_from": day}).json
    assert made["terms"]["window_days"] == 21
    number = len(first["versions"])
    last = made["versions"][-1]
    assert (last["version"], last["terms"]) == (number + 1, {"window_days": 7})
    again = gateway.call("POST", "return-terms", key, {"window_days": 7, "valid_from": day}).json
    assert again == made
    row = gateway.world.sql(
        "SELECT subject, detail FROM audit WHERE chain = 'acme' AND action LIKE 'returns.%' "
        "ORDER BY number"
    )[-1]
    assert row.subject.startswith("acme from 20")
    assert (row.detail["was"], row.detail["is"]) == ({"window_days": 21}, {"window_days": 7})
    with gateway.world.unit() as unit:
        known, now = unit.directory.returns, unit.at
    days = [policy.of(known, "acme", now + timedelta(days=n)).window_days for n in (1, 3)]
    assert days == [21, 7]
    wrong = gateway.call("POST", "return-terms", key, {"window_days": 9, "valid_from": "soon"})
    assert (wrong.status_code, wrong.json["errors"][0]["path"]) == (422, "valid_from")


def test_what_is_wrong_is_named_and_changes_nothing(gateway: Gateway) -> None:
    key = gateway.key("all")
    for wrong, path in (
        ({"window_days": -1}, "window_days"),
        ({"warehouses": [{"warehouse": "nowhere"}]}, "warehouses.0.warehouse"),
        ({"policy": {}}, "policy"),
    ):
        answer = gateway.call("POST", PATH, key, wrong)
        assert answer.status_code == 422
        assert answer.json["errors"][0]["path"].endswith(path)
    assert gateway.call("GET", PATH, key).json["own"] is False


def test_a_merchants_key_has_its_own_terms_alone(gateway: Gateway) -> None:
    own = gateway.key("all", merchant="acme")
    assert gateway.call("POST", "return-terms", own, TERMS).json["merchant"] == "acme"
    other = gateway.key("all", merchant="beta")
    assert gateway.call("GET", PATH, other).status_code == 422
    assert gateway.call("GET", "return-terms", other).json["own"] is False
    assert gateway.call("POST", PATH, gateway.key("returns:write"), TERMS).status_code == 403
