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
