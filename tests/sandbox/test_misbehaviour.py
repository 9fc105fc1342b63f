"""Each fault, shown on the shop: what the caller sees, and whether the thing was done."""

import http.client
import time

import pytest

from sandbox.misbehaviour import Plan
from sandbox.shopify import Shop
from tests.sandbox.client import Got, call

TOKEN = {"X-Shopify-Access-Token": "sandbox-token"}
PLACE = 72_000_000_001


def set_level(shop: Shop) -> Got:
    """A call with an effect: the record grows by one when it is done."""
    item = shop.item("MUG-WHITE").id
    body = {"location_id": PLACE, "inventory_item_id": item, "available": 5}
    return call("POST", f"{shop.url}/admin/api/2026-07/inventory_levels/set.json", body, TOKEN)


def test_too_many_requests_with_and_without_a_time_to_wait(shop):
    shop.misbehave([{"do": "429", "times": 1, "retry_after": 2}, {"do": "429", "times": 1}])
    first, second, third = set_level(shop), set_level(shop), set_level(shop)
    assert (first.status, first.headers["retry-after"]) == (429, "2")
    assert (second.status, "retry-after" in second.headers) == (429, False)
    assert third.status == 200
    assert len(shop.record) == 1


@pytest.mark.parametrize(("fault", "done"), [("500_before", 0), ("500_after", 1)])
def test_an_error_comes_before_or_after_it_was_done(shop, fault, done):
    shop.misbehave([{"do": fault, "times": 1}])
    assert set_level(shop).status == 500
    assert len(shop.record) == done
    assert set_level(shop).status == 200
    assert len(shop.record) == done + 1


@pytest.mark.parametrize(("fault", "done"), [("lost", 1), ("down", 0)])
def test_no_answer_comes_back(shop, fault, done):
    shop.misbehave([{"do": fault, "times": 1}])
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        set_level(shop)
    assert len(shop.record) == done
    assert [it["fault"] for it in shop.calls] == [fault]


def test_down_still_answers_the_control_door(shop):
    shop.misbehave([{"do": "down"}])
    assert call("GET", f"{shop.url}/_sandbox/health").json["status"] == "ok"


@pytest.mark.parametrize(("more", "done"), [({}, 0), ({"done": True}, 1)])
def test_a_login_page_comes_instead_of_an_answer(shop, more, done):
    shop.misbehave([{"do": "html", **more}])
    got = set_level(shop)
    assert (got.status, got.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert got.body.startswith(b"<!doctype html>")
    assert len(shop.record) == done


def test_a_body_is_cut(shop):
    shop.misbehave([{"do": "cut"}])
    with pytest.raises(http.client.IncompleteRead):
        set_level(shop)
    assert len(shop.record) == 1


def test_the_content_type_is_wrong_and_the_body_right(shop):
    shop.misbehave([{"do": "content_type", "type": "text/plain"}])
    got = set_level(shop)
    assert got.headers["content-type"] == "text/plain"
    assert got.json["inventory_level"]["available"] == 5


def test_the_login_is_refused_for_a_while(shop):
    shop.misbehave([{"do": "401", "times": 1}])
    assert [set_level(shop).status, set_level(shop).status] == [401, 200]


def test_slow_adds_its_delay_and_lets_the_next_rule_speak(shop):
    shop.misbehave([{"do": "slow", "ms": 80}, {"do": "429", "times": 1}])
    before = time.monotonic()
    assert set_level(shop).status == 429
    assert time.monotonic() - before >= 0.08
    assert shop.calls[-1]["fault"] == "slow+429"


def test_graphql_says_throttled_with_http_200(shop):
    shop.misbehave([{"do": "throttled", "kind": "shop"}])
    url = f"{shop.url}/admin/api/2026-07/graphql.json"
    got = call("POST", url, {"query": "{ shop { id } }"}, TOKEN)
    assert got.status == 200
    assert got.json["errors"][0]["extensions"]["code"] == "THROTTLED"


def test_a_rule_concerns_its_kind_of_call_only(shop):
    shop.misbehave([{"do": "500_before", "kind": "POST fulfillments"}])
    assert set_level(shop).status == 200
    url = f"{shop.url}/admin/api/2026-07/fulfillments.json"
    assert call("POST", url, {"fulfillment": {}}, TOKEN).status == 500


def test_skip_and_times_are_counted():
    plan = Plan({})
    plan.replace([{"do": "429", "skip": 1, "times": 2}])
    assert [len(plan.hits("any")) for _ in range(5)] == [0, 1, 1, 0, 0]


def test_the_same_seed_strikes_the_same_calls():
    def strokes(seed: int) -> list[int]:
        plan = Plan({})
        plan.replace([{"do": "lost", "share": 0.3}], seed)
        return [len(plan.hits("any")) for _ in range(200)]

    assert strokes(4) == strokes(4)
    assert strokes(4) != strokes(5)
    assert 30 < sum(strokes(4)) < 90


@pytest.mark.parametrize("rule", [{"do": "explode"}, {}, {"do": "429", "times": 0}])
def test_a_rule_that_makes_no_sense_is_refused_and_the_plan_stays(shop, rule):
    shop.misbehave([{"do": "429"}])
    with pytest.raises(ValueError, match=r"unknown fault|times must be"):
        shop.misbehave([rule])
    assert set_level(shop).status == 429


def test_the_plan_is_told_over_http_and_ended_by_an_empty_one(shop):
    told = {"rules": [{"do": "500_before"}], "seed": 3}
    assert call("POST", f"{shop.url}/_sandbox/misbehave", told).status == 200
    assert set_level(shop).status == 500
    assert call("POST", f"{shop.url}/_sandbox/misbehave", {"rules": []}).status == 200
    assert set_level(shop).status == 200
    wrong = call("POST", f"{shop.url}/_sandbox/misbehave", {"rules": [{"do": "no"}]})
    assert wrong.status == 422
    assert wrong.json["error"].startswith("unknown fault 'no'")


def test_the_record_is_read_over_http_in_pieces_and_forgotten_on_reset(shop):
    for _ in range(3):
        set_level(shop)
    url = f"{shop.url}/_sandbox"
    part = call("GET", f"{url}/record?from=1&kind=stock").json
    assert ([it["document"]["quantity"] for it in part["items"]], part["next"]) == ([5, 5], 3)
    assert call("GET", f"{url}/record?kind=refund").json["items"] == []
    assert [it["kind"] for it in call("GET", f"{url}/calls").json["items"]] == [
        "POST inventory_levels/set"
    ] * 3
    assert call("POST", f"{url}/reset").status == 200
    assert (shop.record, shop.calls) == ([], [])
    assert call("GET", f"{url}/nothing").status == 404


def test_records_are_written_as_json_lines_too(tmp_path):
    path = tmp_path / "shop.jsonl"
    with Shop(record_path=path) as shop:
        set_level(shop)
    (line,) = path.read_text().splitlines()
    assert '"journal": "shop.record"' in line
    assert '"key": "MUG-WHITE"' in line
