"""A merchant's terms for returns over the Open API: checked as in the connections file, kept whole
in the audit, and in force for the next return.
"""

from tests.kit.world.gateway import Gateway

PATH = "return-terms?merchant=acme"
TERMS = {
    "window_days": 14,
    "review": [{"name": "small", "when": {"value_at_most": "20"}, "then": "approve"}],
    "warehouses": [{"warehouse": "wh-a"}],
}


def test_terms_are_read_replaced_and_taken_away(gateway: Gateway) -> None:
    key = gateway.key("returns:read", "returns:manage")
    usual = gateway.call("GET", PATH, key).json
    assert (usual["own"], usual["terms"]["window_days"]) == (False, 30)
    made = gateway.call("POST", PATH, key, TERMS)
    assert (made.status_code, made.json["own"]) == (200, True)
    assert gateway.call("GET", PATH, key).json == made.json
    assert made.json["terms"]["review"][0]["name"] == "small"
    assert gateway.store.directory().returns["acme"]["window_days"] == 14
    assert gateway.call("POST", PATH, key, TERMS).json == made.json  # nothing to change
    gone = gateway.call("POST", PATH, key, {})
    assert gone.json == usual
    rows = gateway.world.sql(
        "SELECT action, detail FROM audit WHERE chain = 'acme' AND action LIKE 'returns.%' "
        "ORDER BY number"
    )
    made_and_gone = [row.detail for row in rows[-2:]]  # the chain keeps what other tests did
    assert [it["is"].get("window_days") for it in made_and_gone] == [14, None]
    assert [it["was"].get("window_days") for it in made_and_gone] == [None, 14]


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
