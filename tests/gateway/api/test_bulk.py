"""Many orders asked at once over the Open API: tried first, then done, written down as a job."""

from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway


def test_many_are_tried_then_held_and_the_job_says_so(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")
    held = gateway.call("POST", "orders", key, order(payment_state="pending")).json["id"]
    wanted = {"action": "cancel", "reason": "sold out", "status": "held"}
    tried = gateway.call("POST", "orders/bulk", key, {**wanted, "dry_run": True})
    assert (tried.status_code, tried.json["done"]) == (200, [{"id": held, "status": "held"}])
    assert tried.json["job_id"] is None
    done = gateway.call("POST", "orders/bulk", key, wanted).json
    assert done["done"] == [{"id": held, "status": "cancelled"}]
    job = gateway.call("GET", f"jobs/{done['job_id']}", key).json
    assert (job["kind"], job["done"], job["total"]) == ("orders", 1, 1)
    none = {"action": "cancel", "reason": "x"}
    assert gateway.call("POST", "orders/bulk", key, none).status_code == 422
    late = gateway.call("POST", "orders/bulk", key, {**none, "ids": [held]}).json
    assert late["reasons"] == {"illegal_transition": 1}


def test_orders_are_merged_into_one_parcel_and_taken_apart_again(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")
    buyer = {"name": "Ada", "email": "ada@example.com"}
    ids = [
        gateway.call("POST", "orders", key, order(number, customer=buyer)).json["id"]
        for number in (1001, 1002)
    ]
    wanted = {"action": "merge", "reason": "one door", "ids": ids}
    tried = gateway.call("POST", "orders/bulk", key, {**wanted, "dry_run": True}).json
    assert (tried["parcels"], tried["reasons"]) == ([ids], {})
    done = gateway.call("POST", "orders/bulk", key, wanted).json
    assert (done["parcels"], [it["id"] for it in done["done"]]) == ([ids], ids)
    again = gateway.call("POST", "orders/bulk", key, wanted).json
    assert (again["parcels"], again["reasons"]) == ([], {"together_already": 2})
    apart = gateway.call("POST", "orders/bulk", key, {**wanted, "action": "separate"}).json
    assert ([it["id"] for it in apart["done"]], apart["parcels"]) == (ids, [])
