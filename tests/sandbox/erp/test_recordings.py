"""The recorded exchanges with a real Tryton, asked of the sandbox: the answers are alike.

Numbers of records, stamps and dates of the day are the server's own; all else must agree. The ERP
is brought to where the recording stood: two articles without stock, three parties before the buyer.
"""

import json

import pytest

from sandbox.erp import Erp
from tests.kit.fixtures import SHARED
from tests.sandbox.client import call
from tests.sandbox.erp.client import JSON, Client

FOLDER = SHARED / "backoffice/tryton"
PRODUCTS = {"SKU-RED-M": "T-Shirt red M", "SKU-MUG": "Mug"}
FIRST_SALE = [
    "06_product_search_read", "07_party_create", "08_party_address_read", "09_warehouses",
    "10_sale_create", "13_sale_create_bad_field", "15_sale_confirm_too_early", "16_sale_quote",
    "17_sale_confirm", "18_sale_process", "19_sale_read", "20_shipment_search",
    "21_shipment_assign_try_no_stock", "22_shipment_assign_force", "23_inventory_moves_read",
    "24_shipment_pick", "25_shipment_write_qty_partial", "26_outgoing_moves",
    "27_outgoing_move_short_pick_write", "28_shipment_pack", "29_shipment_do",
    "30_shipment_read_done", "32_shipment_do_twice", "46_concurrency_error",
    "49_read_missing_record", "50_invoice_search", "52_delete_processed_sale",
    "83_return_customer_shipments_model", "84_complaint_types",
]  # fmt: skip
OWN_SAMPLE = {
    "request": {"method": "POST", "path": "/<database>/rpc/", "body": {
        "id": 1, "method": "model.sale.sale.confirm", "params": [[1], {"company": 1}]}},
    "response": {"status": 200, "body": {"id": 1, "error": ["UserError", [
        "You are trying to read records \"1\" of \"Sale\" that don't exist.", "", None]]}},
}  # fmt: skip


@pytest.fixture
def client():
    with Erp(products=PRODUCTS, pieces=0.0, company="Dunder Mifflin") as erp:
        client = Client(erp)
        for name in ("second", "third"):
            address = [["create", [{"city": name}]]]
            client.model("party.party", "create", [{"name": name, "addresses": address}])
        yield client


def recorded(name):
    path = FOLDER / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else None


def ask(client, exchange):
    body = json.dumps(exchange["request"]["body"]).encode()
    path = exchange["request"]["path"].replace("<database>", "erp")
    return call("POST", client.erp.url + path, body, client.headers)


def plain(value):
    """Without what is the server's own: stamps, and which day it is."""
    if isinstance(value, dict):
        if value.get("__class__") == "date":
            return "a day"
        return {key: plain(it) for key, it in value.items() if key != "_timestamp"}
    return [plain(it) for it in value] if isinstance(value, list) else value


def test_the_first_recorded_sale_goes_the_same_way(client):
    if recorded("10_sale_create") is None:
        assert ask(client, OWN_SAMPLE).json == OWN_SAMPLE["response"]["body"]
        return
    for name in FIRST_SALE:
        exchange = recorded(name)
        got = ask(client, exchange)
        assert got.status == exchange["response"]["status"], name
        assert plain(json.loads(got.body)) == plain(exchange["response"]["body"]), name


def test_the_door_answers_as_recorded(client):
    for name in ("01_server_version", "04_no_auth", "03_login_wrong_password"):
        exchange = recorded(name)
        if exchange is None:
            assert ask(client, OWN_SAMPLE).status == 200
            continue
        client.headers = dict(JSON)
        got = ask(client, exchange)
        wanted = exchange["response"]
        assert got.status == wanted["status"], name
        for header, value in wanted["headers"].items():
            assert got.headers[header.lower()] == value, name
        if isinstance(wanted["body"], dict):
            assert got.json == wanted["body"]


def test_preferences_bear_what_was_recorded(client):
    exchange = recorded("05_user_preferences")
    if exchange is None:
        assert client.context["company"] == 1
        return
    given, wanted = client.context, exchange["response"]["body"]["result"]
    same = ("company_filter", "companies", "company", "company.rec_name", "language", "employees")
    assert {name: given[name] for name in same} == {name: wanted[name] for name in same}


def test_fields_are_described_as_recorded(client):
    exchange = recorded("51_fields_get_sale")
    if exchange is None:
        assert client.model("sale.sale", "fields_get", ["party"])["party"]["type"] == "many2one"
        return
    wanted = exchange["response"]["body"]["result"]
    given = client.model("sale.sale", "fields_get", list(wanted))
    assert set(given) == set(wanted)
    for name, field in wanted.items():
        assert given[name]["type"] == field["type"], name
        assert given[name].get("relation") == field.get("relation"), name
