"""How long customers are kept, over the Open API: said, counted, tried, within reach."""

from tests.kit.world.gateway import Gateway

PATH = "customer-retention"


def test_it_is_tried_said_and_taken_back(gateway: Gateway) -> None:
    key = gateway.key("customers:read", "customers:erase", merchant="acme")
    none = {"merchant": "acme", "days": None, "past": 0}
    assert gateway.call("GET", PATH, key).json == none
    tried = gateway.call("POST", f"{PATH}/preview", key, {"days": 400})
    assert (tried.status_code, tried.json) == (200, {"merchant": "acme", "days": 400, "past": 0})
    assert gateway.call("GET", PATH, key).json == none
    assert gateway.call("POST", PATH, key, {"days": 400}).json["days"] == 400
    assert gateway.call("GET", PATH, key).json["days"] == 400
    assert gateway.call("POST", PATH, key, {"days": None}).json == none


def test_what_is_wrong_is_named_and_others_are_out_of_reach(gateway: Gateway) -> None:
    whole = gateway.key("all")
    for body in ({"days": 29}, {"days": "soon"}, {}):
        answer = gateway.call("POST", f"{PATH}?merchant=acme", whole, body)
        assert (answer.status_code, answer.json["errors"][0]["path"]) == (422, "days")
    reader = gateway.key("customers:read", merchant="acme")
    assert gateway.call("POST", PATH, reader, {"days": 400}).status_code == 403
    other = gateway.key("all", merchant="beta")
    refused = gateway.call("POST", f"{PATH}?merchant=acme", other, {"days": 400})
    assert refused.status_code == 422
    assert gateway.call("GET", f"{PATH}?merchant=acme", whole).json["days"] is None
