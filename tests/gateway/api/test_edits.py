"""An order edited over the Open API: previewed, then applied as it was previewed."""

from tests.gateway.api.test_orders import order
from tests.kit.world.gateway import Gateway


def test_an_edit_is_previewed_then_applied_once(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")
    id_ = gateway.call("POST", "orders", key, order(payment_state="pending")).json["id"]
    fewer = {"lines": [{"line_no": 1, "quantity": "1"}]}
    path = f"orders/{id_}/edits"
    previewed = gateway.call("POST", f"{path}?preview=true", key, fewer)
    assert (previewed.status_code, previewed.json["applied"]) == (200, False)
    assert previewed.json["books"]["difference"] == "-10.00"
    assert gateway.call("GET", f"orders/{id_}", key).json["version"] == 1
    unseen = gateway.call("POST", path, key, fewer)
    assert (unseen.status_code, unseen.json["errors"][0]["code"]) == (422, "missing_field")
    asked = {**fewer, "seen": previewed.json["seen"]}
    done = gateway.call("POST", path, key, asked)
    assert done.json == {**previewed.json, "applied": True}
    late = gateway.call("POST", path, key, {**asked, "lines": [{"line_no": 2, "quantity": "0"}]})
    assert (late.status_code, late.json["errors"][0]["code"]) == (409, "order_changed")


def test_a_preview_shows_pieces_as_people_write_them(gateway: Gateway) -> None:
    gateway.world.stock("wh-a", "acme", A=10, B=10)
    key = gateway.key("all")
    id_ = gateway.call("POST", "orders", key, order()).json["id"]
    gateway.world.run()
    fewer = {"lines": [{"line_no": 1, "quantity": "1"}]}
    previewed = gateway.call("POST", f"orders/{id_}/edits?preview=true", key, fewer).json
    lines = [it for part in previewed["warehouses"] for it in part["lines"]]
    assert lines
    assert [it for it in lines if "." in it["quantity"]] == []
