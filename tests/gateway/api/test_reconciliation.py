"""What providers report and nothing matches, over the Open API: seen, decided, undone."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from hub import flows
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from hub.store.orders import fulfilments
from tests.flows.reconciliation.till import line, report
from tests.gateway.api.test_orders import order
from tests.kit.catalogue import shipment
from tests.kit.world.gateway import Gateway
from tests.kit.world.world import World

PATH = "reconciliation"


def hear(world: World, tree: dict[str, Any]) -> None:
    """A provider of the merchant reports."""
    if "psp" not in world.store.directory().connections:
        world.connect("psp", "finance")
    document = read("settlement_report", {**tree, "source": {"connection": "psp", "id": "x"}})
    partner = world.store.directory().connections["psp"]
    with world.unit() as unit:
        (verdict,) = flows.take(unit, [Told(document, partner, new_id(), new_id())])
    assert verdict.status == "done"


@pytest.fixture
def key(gateway: Gateway) -> str:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")
    assert gateway.call("POST", "orders", key, order(1001)).status_code == 201
    differs = line("t1", "29.00", channel_order_id="1001")
    hear(gateway.world, report("R1", differs, line("sub", "0", "39.00", kind="fee")))
    return key


def items(gateway: Gateway, key: str, query: str = "") -> list[dict[str, Any]]:
    answer = gateway.call("GET", f"{PATH}?{query}", key)
    assert answer.status_code == 200, answer.json
    return list(answer.json["items"])


def codes(answer: TestResponse) -> list[str]:
    return [it["code"] for it in answer.json["errors"]]


def test_what_is_left_shows_both_sides_and_their_difference(gateway: Gateway, key: str) -> None:
    (ours,) = items(gateway, key, "side=ours&reason=amount_differs")
    (theirs,) = items(gateway, key, "side=theirs&reason=amount_differs")
    for item in (ours, theirs):
        assert (item["ours"], item["theirs"]) == ("30.000000", "29.000000")
        assert item["difference"] == "-1.000000"
    assert (theirs["proposal"], theirs["provider"]) == ("match_by_hand", "psp")
    assert [it["reference"] for it in items(gateway, key, "reason=fee_without_order")] == ["sub"]
    assert items(gateway, key, "age=older") == []


def test_pages_follow_each_other_over_both_sides(gateway: Gateway, key: str) -> None:
    seen, cursor = [], ""
    while True:
        answer = gateway.call("GET", f"{PATH}?limit=1{cursor}", key).json
        seen += [it["id"] for it in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert len(seen) == len(set(seen)) == len(items(gateway, key)) == 3


def test_a_small_difference_is_matched_by_hand_and_undone(gateway: Gateway, key: str) -> None:
    (ours,) = items(gateway, key, "side=ours&reason=amount_differs")
    (theirs,) = items(gateway, key, "side=theirs&reason=amount_differs")
    body = {"ours": [ours["id"]], "theirs": [theirs["id"]], "note": "rounded"}
    made = gateway.call("POST", f"{PATH}/match", key, body)
    assert (made.status_code, made.json["id"][0]) == (201, "M")
    assert codes(gateway.call("POST", f"{PATH}/match", key, body)) == ["not_open"]
    undone = gateway.call("POST", f"{PATH}/{theirs['id']}/undo", key).json
    assert undone["state"] == "open"
    assert gateway.call("GET", f"{PATH}/{ours['id']}", key).json["state"] == "open"


def test_a_decision_that_cannot_be_is_refused(gateway: Gateway, key: str) -> None:
    (fee,) = items(gateway, key, "reason=fee_without_order")
    path = f"{PATH}/{fee['id']}"
    assert codes(gateway.call("POST", f"{path}/write-off", key)) == ["above_the_limit"]
    assert gateway.call("POST", f"{path}/explain", key, {}).status_code == 422
    assert gateway.call("POST", f"{path}/accept", key).json["state"] == "accepted"
    assert gateway.call("POST", f"{path}/accept", key).status_code == 409
    assert gateway.call("GET", f"{PATH}/Lnothing", key).status_code == 404


def test_each_sees_its_own_and_who_may_only_read_decides_nothing(
    gateway: Gateway, key: str
) -> None:
    beta = gateway.key("reconciliation:read", merchant="beta")
    assert items(gateway, beta) == []
    acme = gateway.key("reconciliation:read", merchant="acme")
    (fee, *_) = items(gateway, acme, "side=theirs")
    refused = gateway.call("POST", f"{PATH}/{fee['id']}/accept", acme)
    assert refused.status_code == 403
    assert gateway.call("GET", f"{PATH}/{fee['id']}", beta).status_code == 404


def test_a_parcel_that_a_carrier_weighs_heavier_waits_for_a_person(
    gateway: Gateway, key: str
) -> None:
    world = gateway.world
    world.run()
    told = fulfilments.number(world.one("SELECT id FROM fulfilment_order"))
    parcel = {"carrier": "dhl", "tracking_number": "JD1", "weight_kg": "1.0"}
    cost = {"code": "carriage", "amount": "5.00", "currency": "EUR"}
    world.tell("wh-a", shipment(told, packages=[parcel], costs=[cost]), key=told)
    world.run()
    rows = (
        line("JD1", "-5.00", kind="carriage", weight_kg="2.0"),
        line("JD9", "-4.00", kind="carriage", weight_kg="1.0"),
    )
    hear(world, report("I1", *rows, payout=None))
    (heavier,) = items(gateway, key, "side=theirs&reason=weight_differs")
    assert (heavier["reference"], heavier["ours"], heavier["theirs"], heavier["proposal"]) == (
        "JD1",
        "-5.000000",
        "-5.000000",
        "ask_the_carrier",
    )
    (stranger,) = items(gateway, key, "side=theirs&reason=unknown")
    assert (stranger["reference"], stranger["amount"]) == ("JD9", "-4.000000")
    assert codes(gateway.call("POST", f"{PATH}/{heavier['id']}/explain", key, {})) != []
    taken = gateway.call("POST", f"{PATH}/{heavier['id']}/accept", key).json
    assert taken["state"] == "accepted"
