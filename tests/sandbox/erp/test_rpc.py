"""The ERP's door and its general methods: sessions, strict bodies, tags, domains, errors."""

import base64
import gzip
import json
from decimal import Decimal

import pytest

from sandbox.erp import Erp
from tests.sandbox.client import call
from tests.sandbox.erp.client import JSON, TODAY, Client, dec


@pytest.fixture
def client(erp):
    return Client(erp)


def raw(erp, body, path="/erp/rpc/", **headers):
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return call("POST", erp.url + path, sent, {**JSON, **headers})


COUNT = {"id": 7, "method": "model.party.party.search_count", "params": [[], {}]}


def test_the_version_is_told_to_everybody(erp):
    told = {"id": 1, "method": "common.server.version", "params": []}
    assert raw(erp, told, "/rpc/").json == {"id": 1, "result": "8.2"}
    assert raw(erp, {**told, "method": "common.db.list"}, "/rpc/").json["result"] == ["erp"]


def test_without_login_the_door_is_shut(erp):
    got = raw(erp, COUNT)
    assert (got.status, got.body) == (401, b"")
    assert got.headers["www-authenticate"] == 'Basic realm="Tryton"'


@pytest.mark.parametrize("params", [["hub", {"password": "no"}, "en"], ["x", {"password": "hub"}],
                                    ["hub", "hub"], []])  # fmt: skip
def test_a_wrong_login_is_401_as_a_page(erp, params):
    got = raw(erp, {"id": 1, "method": "common.db.login", "params": params})
    assert (got.status, got.headers["content-type"]) == (401, "text/html; charset=utf-8")


def test_basic_login_works_on_every_call(erp):
    basic = base64.b64encode(b"hub:hub").decode()
    assert raw(erp, COUNT, Authorization=f"Basic {basic}").json == {"id": 7, "result": 1}


@pytest.mark.parametrize(
    "header", ["Session !!", "Bearer x", "Basic aHViOm5v", "Session aHViOjE6eA=="]
)
def test_a_wrong_authorisation_is_401(erp, header):
    assert raw(erp, COUNT, Authorization=header).status == 401


def test_sessions_end_by_logout_and_by_themselves(erp, client):
    assert client.model("party.party", "search_count", []) == 1
    erp.expire_sessions()
    assert client.post("model.party.party.search_count", [], {}).status == 401
    again = Client(erp)
    assert again.post("common.db.logout").status == 200
    assert again.post("model.party.party.search_count", [], {}).status == 401


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", {**COUNT, "jsonrpc": "2.0"}, {"id": 1, "method": "m"},
        {"id": 1, "method": 3, "params": []}, {"id": 1, "method": "m", "params": {}},
        {**COUNT, "params": [{"__class__": "Decimal"}, {}]},
        {**COUNT, "params": [{"__class__": "Money"}, {}]},
    ],
)  # fmt: skip
def test_a_body_that_is_no_call_is_a_bad_request(erp, body):
    assert raw(erp, body).status == 400


def test_another_path_is_not_found(erp):
    assert raw(erp, COUNT, "/other/rpc/").status == 404
    assert raw(erp, COUNT, "/erp/").status == 404


def test_a_large_answer_is_labelled_gzip_even_for_those_who_did_not_ask(erp):
    asking, silent = Client(erp, **{"Accept-Encoding": "gzip"}), Client(erp)
    method = "model.sale.sale.fields_get"
    small = asking.post("model.party.party.search_count", [], {})
    assert "content-encoding" not in small.headers
    large = asking.post(method, [], {})
    assert large.headers["content-encoding"] == "gzip"
    assert "party" in json.loads(gzip.decompress(large.body))["result"]
    plain = silent.post(method, [], {})
    assert plain.headers["content-encoding"] == "gzip"
    assert json.loads(plain.body)["result"]["party"]["relation"] == "party.party"


def test_what_is_not_public_is_403_and_what_is_not_there_an_error(client):
    assert client.post("model.sale.sale.destroy", [1], {}).status == 403
    assert client.call("model.no.such.read", [1], [], {}) == ["'no.such'", ""]
    assert client.call("model.sale.sale.read", [1], {})[0].endswith(
        "missing 1 required positional argument: 'fields'"
    )


def test_the_context_must_come_last(client):
    assert client.call("model.party.party.search_count", []) == [
        "the last parameter must be the context", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"no_such_field": 1}, "'no_such_field'"),
        ({"name": 5}, "name: 5 is no char"),
        ({"active": 1}, "active: 1 is no boolean"),
        ({"addresses": [["make", []]]}, "addresses: ['make', []] is no command"),
    ],
)
def test_a_wrong_field_or_type_is_a_programming_error(client, values, error):
    assert client.model("party.party", "create", [{"name": "x", **values}]) == [error, ""]
    assert client.model("party.party", "search_count", []) == 1


def test_a_float_is_no_amount_and_a_text_no_date(client):
    line = {**client.line("MUG-WHITE", 1, "1"), "unit_price": 9.5}
    answer = client.model("sale.sale", "create", [client.sale_values("R", line)])
    assert answer == ["unit_price: 9.5 is no numeric", ""]
    answer = client.model("sale.sale", "create", [client.sale_values("R", sale_date="2026-11-22")])
    assert answer == ["sale_date: '2026-11-22' is no date", ""]


def test_a_missing_mandatory_value_and_a_missing_record_are_user_errors(client):
    answer = client.model("party.address", "create", [{"city": "x"}])
    assert answer[0] == "UserError"
    assert 'field "Party"' in answer[1][0]
    answer = client.model("party.address", "create", [{"party": 99}])
    assert answer[0] == "UserError"
    answer = client.model("sale.sale", "read", [999999], ["number"])
    assert answer == ["UserError", [
        'You are trying to read records "999999" of "Sale" that don\'t exist.', "", None,
    ]]  # fmt: skip


def test_a_call_that_fails_half_way_leaves_nothing_behind(erp, client):
    good = {"name": "good", "addresses": [["create", [{"city": "x"}]]]}
    bad = {"name": "bad", "addresses": [["create", [{"nope": 1}]]]}
    assert client.model("party.party", "create", [good, bad]) == ["'nope'", ""]
    assert client.model("party.party", "search_count", []) == 1
    assert client.model("party.address", "search_count", []) == 1
    assert erp.record == []
    (made,) = client.model("party.party", "create", [good])
    values = {"name": "new", "addresses": [["create", [{"nope": 1}]]]}
    assert client.model("party.party", "write", [made], values) == ["'nope'", ""]
    assert client.read("party.party", made, "name")["name"] == "good"


def test_lists_of_records_are_changed_by_commands(client):
    first = {"name": "a", "addresses": [["create", [{"city": "x"}, {"city": "y"}]]]}
    (party,) = client.model("party.party", "create", [first])
    one, two = client.read("party.party", party, "addresses")["addresses"]
    change = [["write", [one], {"city": "z"}], ["delete", [two]], ["create", [{"city": "w"}]]]
    client.model("party.party", "write", [party], {"addresses": change})
    found = client.read("party.party", party, "addresses.city")["addresses."]
    assert [it["city"] for it in found] == ["z", "w"]


def test_related_fields_are_read_under_their_own_key(client):
    party, address = client.party()
    record = client.read("party.address", address, "city", "party.name", "party.lang.code",
                         "country.code", "subdivision.code")  # fmt: skip
    assert record == {
        "id": address, "city": "Lyon", "party.": {"id": party, "name": "Zoë", "lang.": None},
        "country.": {"id": client.ids["countries"]["FR"], "code": "FR"}, "subdivision.": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("domain", "codes"),
    [
        ([["code", "=", "TSHIRT-M"]], ["TSHIRT-M"]),
        ([["code", "in", ["TSHIRT-S", "TSHIRT-L"]]], ["TSHIRT-L", "TSHIRT-S"]),
        ([["code", "like", "TSHIRT-_"], ["code", "!=", "TSHIRT-M"]], ["TSHIRT-L", "TSHIRT-S"]),
        ([["code", "ilike", "%mug%"]], ["MUG-WHITE"]),
        (["OR", ["code", "=", "LAMP-OAK"], [["code", "=", "MUG-WHITE"], ["id", ">", 0]]],
         ["LAMP-OAK", "MUG-WHITE"]),
        ([["type", "=", "service"], ["code", "not in", ["FEE", "TIP"]], ["code", "<", "E"]],
         ["ADJUSTMENT", "DISCOUNT"]),
        ([["template.name", "=", "Desk lamp, Oak"]], ["LAMP-OAK"]),
        ([["template", "=", "Desk lamp, Oak"]], ["LAMP-OAK"]),
        ([["default_uom.symbol", "=", "g"]], []),
        ([["code", "=", None]], []),
        (["AND", ["code", "=", "FEE"], ["active", "=", True]], ["FEE"]),
    ],
)  # fmt: skip
def test_domains_are_evaluated(client, domain, codes):
    rows = client.model(
        "product.product", "search_read", domain, 0, None, [["code", "ASC"]], ["code"]
    )
    assert [row["code"] for row in rows] == codes


def test_lists_in_domains_are_about_any_of_them(client):
    sale = client.sale("R-1", client.line("MUG-WHITE", 1, "1"))
    client.sale("R-2", client.line("TEAPOT-1L", 1, "1"))
    mug = client.ids["products"]["MUG-WHITE"]
    assert client.model("sale.sale", "search", [["lines.product", "=", mug]]) == [sale]
    assert client.model("sale.sale", "search", [["lines", "=", None]]) == []
    assert client.model("sale.line", "search_count", [["sale.reference", "like", "R-%"]]) == 2


def test_searches_are_ordered_and_cut(client):
    found = client.model("product.product", "search", [], 1, 2, [["code", "DESC"]])
    assert found == client.model("product.product", "search", [], 0, 3, [["code", "DESC"]])[1:]
    assert client.model("product.product", "search", [["no", "=", 1]]) == ["'no'", ""]


def test_a_record_that_moved_on_meanwhile_is_not_overwritten(client):
    party, _ = client.party()
    stamp = client.read("party.party", party, "_timestamp")["_timestamp"]
    seen = {"_timestamp": {f"party.party,{party}": stamp}}
    assert client.model("party.party", "write", [party], {"name": "X"}, **seen) is None
    assert client.model("party.party", "write", [party], {"name": "Y"}, **seen) == [
        "ConcurrencyException", "Records were modified in the meanwhile",
    ]  # fmt: skip
    assert client.read("party.party", party, "name")["name"] == "X"


def test_tagged_values_come_back_as_they_went_in(client):
    number = client.sale("R-1", client.line("MUG-WHITE", 2, "19.9000"))
    record = client.read("sale.sale", number, "sale_date", "lines.unit_price", "lines.quantity")
    assert record["sale_date"] == "{year}-{month}-{day}".format(**TODAY)
    (line,) = record["lines."]
    assert (line["unit_price"], line["quantity"]) == (Decimal("19.9000"), 2.0)


def test_an_open_catalogue_knows_every_code():
    with Erp(products={}, open_catalogue=True) as erp:
        client = Client(erp)
        rows = client.model(
            "product.product", "search_read", [["code", "in", ["NEW", "FEE"]]], 0, None, None,
            ["code", "type", "default_uom"],
        )  # fmt: skip
        assert {row["code"]: row["type"] for row in rows} == {"NEW": "goods", "FEE": "service"}
    with Erp(products={}) as erp:
        assert Client(erp).model("product.product", "search", [["code", "=", "NEW"]]) == []


def warned(answer):
    kind, (name, message, _) = answer
    assert kind == "UserWarning"
    return name, message


@pytest.mark.parametrize("way", ["skip", "create"])
def test_a_demanded_warning_comes_until_it_is_answered(erp, client, way):
    erp.misbehave([{"do": "warning", "kind": "model.party.party.create", "times": 1,
                    "message": "Really?"}])  # fmt: skip
    told = [{"name": "x"}]
    name, message = warned(client.model("party.party", "create", told))
    assert message == "Really?"
    assert warned(client.model("party.party", "create", told))[0] == name
    if way == "skip":
        assert client.model("res.user.warning", "skip", name, False) is None
    else:
        answered = {"user": 1, "name": name, "always": False}
        assert client.model("res.user.warning", "create", [answered]) == [1]
    assert client.model("party.party", "create", told) == [2]
    assert [it["kind"] for it in erp.record] == ["party"]


def test_a_refused_login_of_the_plan_looks_like_a_dead_session(erp, client):
    erp.misbehave([{"do": "401", "kind": "model.*", "times": 1}])
    got = client.post("model.party.party.search_count", [], {})
    assert (got.status, got.headers["www-authenticate"]) == (401, 'Basic realm="Tryton"')
    assert client.model("party.party", "search_count", []) == 1


def test_a_lost_answer_has_done_its_work(erp, client):
    erp.misbehave([{"do": "lost", "kind": "model.sale.sale.create", "times": 1}])
    values = client.sale_values("R-1", client.line("MUG-WHITE", 1, "1"))
    with pytest.raises(OSError):  # noqa: PT011 - reset or closed, as it comes
        client.model("sale.sale", "create", [values])
    assert client.model("sale.sale", "search_count", [["reference", "=", "R-1"]]) == 1


def test_amounts_are_written_plainly(client):
    number = client.sale("R-1", client.line("MUG-WHITE", 3, "0.1", rate=""))
    got = client.post("model.sale.sale.read", [number], ["total_amount"], {})
    assert got.json["result"][0]["total_amount"] == dec("0.30")
