"""What the warehouse tells the hub: signed, in order or not, once or twice, until it is taken."""

import hashlib
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from lxml import etree

from adapters.kit.testing.scripted_partner import SILENCE, Told
from sandbox.qimen import Warehouse, Way
from tests.kit.listener import TAKEN
from tests.sandbox.client import call
from tests.sandbox.qimen.client import create_body, post

REFUSED = Told(
    200, b"<response><flag>failure</flag><code>x</code></response>", {"content-type": "text/xml"}
)


def create(warehouse, code="D1", **pieces):
    body = create_body(code, **(pieces or {"A": 3, "B": 2}))
    assert post(warehouse.url, "deliveryorder.create", body)["flag"] == "success"


def told(hub):
    """(what, when it is a confirm: its type, pieces by line, its outBizCode) of each message."""
    found = []
    for request in hub.asked:
        root = etree.fromstring(request.body)
        if request.query["method"] == "orderprocess.report":
            found.append((root.findtext("process/processStatus"),))
        else:
            pieces = [int(it.findtext("actualQty")) for it in root.iterfind("orderLines/orderLine")]
            order = root.find("deliveryOrder")
            found.append(
                ("confirm", order.findtext("confirmType"), pieces, order.findtext("outBizCode"))
            )
    return found


def test_an_order_is_accepted_picked_packed_and_confirmed(warehouse, hub):
    create(warehouse)
    entries = warehouse.work("D1")
    assert told(hub) == [
        ("ACCEPT",), ("PICK",), ("PACKAGE",), ("confirm", "0", [3, 2], "WMS000000001-1"),
    ]  # fmt: skip
    assert [it["document"]["ok"] for it in entries] == [True] * 4
    assert warehouse.stock == {"A": {"ZP": 7}, "B": {"ZP": 3}}
    assert warehouse.work("D1") == []


def test_the_messages_are_signed_as_qimen_signs(warehouse, hub):
    create(warehouse)
    warehouse.work("D1")
    for request in hub.asked:
        params = dict(parse_qsl(urlsplit(request.target).query))
        made = params.pop("sign")
        assert set(params) == {
            "method", "timestamp", "format", "app_key", "v", "sign_method", "customerId",
        }  # fmt: skip
        text = "".join(f"{name}{params[name]}" for name in sorted(params)).encode()
        raw = b"sandbox-secret" + text + request.body + b"sandbox-secret"
        assert made == hashlib.md5(raw, usedforsecurity=False).hexdigest().upper()
        assert request.path == "/in/test"


def test_a_confirm_holds_the_mandatory_fields(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(steps=()))
    (request,) = hub.asked
    root = etree.fromstring(request.body)
    for path in ("deliveryOrderCode", "warehouseCode", "orderType", "status", "confirmType"):
        assert root.findtext(f"deliveryOrder/{path}"), path
    for path in ("logisticsCode", "expressCode", "items/item/itemCode", "items/item/quantity"):
        assert root.findtext(f"packages/package/{path}"), path
    assert [it.findtext("orderLineNo") for it in root.iterfind("orderLines/orderLine")] == [
        "1", "2",
    ]  # fmt: skip


def test_two_packages_share_the_pieces_and_have_their_own_numbers(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(steps=(), packages=2))
    packages = etree.fromstring(hub.asked[0].body).findall("packages/package")
    pieces = [
        sum(int(it.text) for it in package.iterfind("items/item/quantity")) for package in packages
    ]
    assert pieces == [3, 2]
    assert len({it.findtext("expressCode") for it in packages}) == 2


def test_a_partial_confirm_comes_before_the_final_one_with_the_rest(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(steps=(), partial=True))
    assert told(hub) == [
        ("confirm", "1", [2, 1], "WMS000000001-1"),
        ("confirm", "0", [1, 1], "WMS000000001-2"),
    ]


def test_single_pieces_are_parted_by_line(warehouse, hub):
    create(warehouse, A=1, B=1)
    warehouse.work("D1", Way(steps=(), partial=True))
    assert [it[2] for it in told(hub)] == [[1, 0], [0, 1]]


def test_what_is_short_is_not_confirmed(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(steps=(), short={"A": 2}))
    assert told(hub) == [("confirm", "0", [1, 2], "WMS000000001-1")]


def test_what_is_not_there_is_not_shipped(warehouse, hub):
    create(warehouse, B=7)
    warehouse.work("D1", Way(steps=()))
    assert told(hub)[0][2] == [5]
    assert warehouse.stock["B"] == {"ZP": 0}


def test_a_rejected_order_is_reported_and_nothing_leaves(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(reject="no capacity"))
    assert told(hub) == [("REJECT",)]
    assert warehouse.stock["A"] == {"ZP": 10}
    assert warehouse.work("D1") == []


def test_a_duplicate_is_the_same_word_for_word(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(steps=(), duplicate=True))
    assert len(hub.asked) == 2
    assert hub.asked[0].body == hub.asked[1].body


def test_reordered_the_last_is_told_first(warehouse, hub):
    create(warehouse)
    warehouse.work("D1", Way(partial=True, reorder=True))
    assert [it[:2] for it in told(hub)] == [
        ("confirm", "0"), ("confirm", "1"), ("PACKAGE",), ("PICK",), ("ACCEPT",),
    ]  # fmt: skip


def test_a_message_is_repeated_until_it_is_taken_and_every_answer_kept(warehouse, hub):
    create(warehouse)
    hub.answers = [Told(503), REFUSED]
    (entry,) = warehouse.work("D1", Way(steps=()))
    assert (entry["document"]["ok"], entry["document"]["tries"]) == (True, 3)
    assert [(it["status"], it["flag"]) for it in entry["document"]["answers"]] == [
        (503, None), (200, "failure"), (200, "success"),
    ]  # fmt: skip
    assert len({it.body for it in hub.asked}) == 1


def test_it_gives_up_after_its_tries_and_says_so(warehouse, hub):
    create(warehouse)
    hub.answers = [REFUSED] * 3
    (entry,) = warehouse.work("D1", Way(steps=()))
    assert (entry["document"]["ok"], entry["document"]["tries"]) == (False, 3)


def until(true, seconds=60.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


@pytest.fixture
def auto(hub):
    with Warehouse(hub_url=hub.door, auto=True, delay=0.02, way=Way(steps=())) as made:
        yield made


def test_by_itself_it_ships_all_that_comes(auto, hub):
    for n in range(12):
        create(auto, f"D{n}")
    until(lambda: len(auto.sent) == 12)
    assert {it["key"] for it in auto.sent} == {f"D{n}" for n in range(12)}
    assert all(it["document"]["ok"] for it in auto.sent)


def test_a_rule_of_kind_work_turns_an_order_off_its_way(auto, hub):
    auto.misbehave([
        {"do": "duplicate", "kind": "work", "times": 1},
        {"do": "reject", "kind": "work", "times": 1},
    ])  # fmt: skip
    for code in ("D1", "D2", "D3"):
        create(auto, code)
        until(lambda code=code: any(it["key"] == code for it in auto.sent))
    until(lambda: len(auto.sent) == 4)
    assert [(it["kind"], it["key"]) for it in auto.sent] == [
        ("deliveryorder.confirm", "D1"), ("deliveryorder.confirm", "D1"),
        ("orderprocess.report", "D2"), ("deliveryorder.confirm", "D3"),
    ]  # fmt: skip


def test_what_a_stop_kept_from_being_told_is_told_after_the_start(hub):
    hub.usually = lambda _: SILENCE
    with Warehouse(hub_url=hub.door, auto=True, delay=0, way=Way(steps=("PICK",))) as warehouse:
        create(warehouse)
        time.sleep(0.1)
        warehouse.stop()
        assert not any(it["document"]["ok"] for it in warehouse.sent)
        hub.asked.clear()
        hub.usually = lambda _: TAKEN
        warehouse.start()
        until(lambda: sum(it["document"]["ok"] for it in warehouse.sent) == 2)
    assert [it[0] for it in told(hub)] == ["PICK", "confirm"]


def test_a_stock_take_reports_signed_differences_in_pages(warehouse, hub):
    warehouse.count({"A": 8, "B": 6, "C": 1}, page_size=2)
    pages = [etree.fromstring(it.body) for it in hub.asked]
    assert [it.findtext("currentPage") for it in pages] == ["1", "2"]
    assert {it.findtext("totalPage") for it in pages} == {"2"}
    rows = [
        (it.findtext("itemCode"), it.findtext("quantity"), it.findtext("totalQty"))
        for page in pages
        for it in page.iterfind("items/item")
    ]
    assert rows == [("A", "-2", "8"), ("B", "1", "6"), ("C", "1", "1")]
    assert warehouse.stock["A"] == {"ZP": 8}


def test_a_movement_of_its_own_is_reported(warehouse, hub):
    warehouse.change("A", -1, quality="ZP")
    row = etree.fromstring(hub.asked[0].body).find("items/item")
    assert hub.asked[0].query["method"] == "stockchange.report"
    assert (row.findtext("itemCode"), row.findtext("quantity")) == ("A", "-1")
    assert row.findtext("outBizCode")
    assert warehouse.stock["A"] == {"ZP": 9}


def test_work_is_asked_for_over_the_control_door(warehouse, hub):
    create(warehouse)
    url = f"{warehouse.url}/_sandbox"
    got = call("POST", f"{url}/work", {"code": "D1", "steps": [], "packages": 2})
    assert [it["kind"] for it in got.json["items"]] == ["deliveryorder.confirm"]
    assert call("GET", f"{url}/sent?key=D1").json["next"] == 1
    assert call("POST", f"{url}/count", {"A": 1}).json["items"][0]["kind"] == "inventory.report"
    assert call("POST", f"{url}/change", {"item": "B", "delta": 2}).status == 200
    assert call("POST", f"{url}/work", {"code": "D1", "speed": 9}).status == 422
    assert call("POST", f"{url}/work", {"code": "D7"}).status == 422
