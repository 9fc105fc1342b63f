"""decode and encode: no database, exit 0, 64 or 65, and every error with its place."""

import json
from pathlib import Path

import pytest

from adapters.kit import registry
from adapters.kit.samples import trees
from tests.cli.conftest import Run
from tests.kit.catalogue import sales_order

NOTICE = {
    "type": "fulfilment_order",
    "fulfilment_order_id": "F01",
    "order_number": "#1001",
    "channel_order_id": "1001",
    "merchant": "acme",
    "warehouse": "wh-ams",
    "created_at": "2026-11-24T10:00:00Z",
    "ship_to": {
        "name": "Ada Bakker",
        "lines": ["Keizersgracht 1"],
        "region": "Noord-Holland",
        "city": "Amsterdam",
        "postal_code": "1015CJ",
        "country": "NL",
        "phone": "+31201234567",
    },
    "lines": [{"line_no": 1, "sku": "A", "title": "Article A", "quantity": "2"}],
}


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a database nor an adapter's settings are there to be used."""
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", "postgresql://u@127.0.0.1:1/none")


def test_decode_prints_canonical_documents(orderhub: Run):
    done = orderhub("decode", "generic_channel", "sales_order", stdin=json.dumps(sales_order()))
    assert (done.code, done.err) == (0, "")
    assert list(done.json) == ["documents", "warnings"]
    (document,) = done.json["documents"]
    assert (document["type"], document["order_number"]) == ("sales_order", "#1001")
    assert document["totals"]["grand_total"] == "30.00"
    assert document["source"]["connection"] == "generic_channel"
    assert done.json["warnings"] == []


def test_decode_reads_a_file(orderhub: Run, tmp_path: Path):
    path = tmp_path / "order.json"
    path.write_text(json.dumps(sales_order()))
    from_file = orderhub("decode", "generic_channel", "sales_order", str(path))
    assert from_file.code == 0
    piped = orderhub("decode", "generic_channel", "sales_order", "-", stdin=path.read_text())
    assert from_file == piped


SAMPLES = [
    (name, file)
    for name in registry.entries()
    for file in sorted((registry.entry(name).folder() / "samples").glob("*"))
]


@pytest.mark.parametrize(("name", "file"), SAMPLES, ids=lambda it: getattr(it, "stem", it))
def test_every_adapters_samples_decode_without_its_settings(
    orderhub: Run, name: str, file: Path
) -> None:
    named = {topic.replace("/", "."): topic for topic in registry.entry(name).manifest.topics}
    done = orderhub("decode", name, named[file.stem], str(file))
    assert (done.code, done.err) == (0, "")
    assert {document["type"] for document in done.json["documents"]} <= set(
        registry.entry(name).manifest.gives
    )
    assert done.json["documents"]


AGREED = {
    ("shipbob", "return"): ("--with", "location_id=7"),
    ("shiphero", "return"): ("--with", "warehouse=7"),
}
"""What a partner cannot be told something without."""


@pytest.mark.parametrize("name", registry.entries())
def test_every_adapter_encodes_what_it_takes_without_its_settings(orderhub: Run, name: str) -> None:
    for kind in registry.entry(name).manifest.takes:
        told = json.dumps(trees()[kind])
        done = orderhub("encode", name, kind, *AGREED.get((name, kind), ()), stdin=told)
        assert (done.code, done.err) == (0, ""), kind
        assert done.out


def test_what_has_no_consequence_is_no_error(orderhub: Run):
    done = orderhub("decode", "shopify", "inventory_levels/update", stdin="{}")
    assert done.code == 0
    assert done.json["documents"] == []
    assert [one["code"] for one in done.json["warnings"]] == ["own_stock"]


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        (b"", "", "empty_body"),
        (b" \n", "", "empty_body"),
        (b"\xff\xfe{}", "", "bad_encoding"),
        (b'{"a": ', "", "bad_json"),
        (b"[]", "", "bad_json"),
        (b'{"qty": 1, "qty": 999}', "qty", "duplicate_key"),
        (b"[" * 100 + b"]" * 100, "", "too_deep"),
        (b'{"type": "refund", "refund_id": "\\ud800"}', "type", "wrong_type"),
        (b'{"type": "refund"}', "type", "wrong_type"),
        (b"x" * (16 * 1024 * 1024 + 1), "", "too_large"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_bad_data_leaves_with_65_and_nothing_on_standard_output(orderhub: Run, raw, path, code):
    done = orderhub("decode", "generic_channel", "sales_order", stdin=raw)
    assert done.code == 65
    assert done.errors == {path: code}


def test_all_that_is_wrong_with_a_document_is_said_at_once(orderhub: Run):
    order = sales_order()
    order["lines"][1]["quantity"] = "-1"
    order["currency"] = "EURO"
    del order["placed_at"]
    done = orderhub("decode", "generic_channel", "sales_order", stdin=json.dumps(order))
    assert done.code == 65
    assert done.errors == {
        "lines.1.quantity": "bad_quantity",
        "currency": "unknown_code",
        "placed_at": "missing_field",
    }
    assert [sorted(one) for one in json.loads(done.err)["errors"]] == [
        ["code", "message", "path"]
    ] * 3


@pytest.mark.parametrize("command", ["decode", "encode"])
def test_an_unknown_adapter_is_told_the_known_ones(orderhub: Run, command):
    done = orderhub(command, "shopfy", "orders/create", stdin="{}")
    assert (done.code, done.out) == (64, "")
    for name in registry.entries():
        assert name in done.err


@pytest.mark.parametrize("name", registry.entries())
def test_an_unknown_topic_is_told_the_known_ones(orderhub: Run, name):
    done = orderhub("decode", name, "no/such/topic", stdin="{}")
    assert (done.code, done.out) == (64, "")
    for topic in registry.entries()[name].manifest.topics:
        assert topic in done.err

    done = orderhub("encode", name, "no_such_document", stdin="{}")
    assert (done.code, done.out) == (64, "")
    for taken in registry.entries()[name].manifest.takes:
        assert taken in done.err


def test_encode_prints_what_the_partner_would_get(orderhub: Run):
    done = orderhub("encode", "generic_warehouse", "fulfilment_order", stdin=json.dumps(NOTICE))
    assert (done.code, done.err) == (0, "")
    assert done.json["fulfilment_order_id"] == "F01"
    assert done.json["lines"][0]["quantity"] == "2"


def test_a_fulfilment_order_with_documents_of_its_own_is_one_document(orderhub: Run):
    told = json.dumps({"type": "fulfilment_order", **NOTICE, "documents": []})
    done = orderhub("encode", "shipbob", "fulfilment_order", stdin=told)
    assert (done.code, done.err) == (0, "")
    assert done.json["reference_id"] == "F01"


def test_encode_prints_xml_where_the_partner_speaks_it(orderhub: Run):
    text = json.dumps(NOTICE)
    done = orderhub("encode", "qimen", "fulfilment_order", "--with", "owner_code=ACME", stdin=text)
    assert (done.code, done.err) == (0, "")
    assert "<deliveryOrderCode>F01</deliveryOrderCode>" in done.out
    assert "<ownerCode>ACME</ownerCode>" in done.out
    wrapped = orderhub("encode", "qimen", "fulfilment_order", "--json", stdin=text)
    assert "<deliveryOrderCode>F01</deliveryOrderCode>" in wrapped.json["wire"]


def test_a_term_that_there_is_none_of_is_wrong_usage(orderhub: Run):
    for term in ("colour=red", "owner_code"):
        done = orderhub("encode", "qimen", "fulfilment_order", "--with", term, stdin="{}")
        assert (done.code, done.out) == (64, "")


def test_what_decode_prints_encode_takes(orderhub: Run):
    decoded = orderhub("decode", "generic_channel", "sales_order", stdin=json.dumps(sales_order()))
    encoded = orderhub("encode", "tryton", "sales_order", stdin=decoded.out)
    assert (encoded.code, encoded.err) == (0, "")
    assert "1001" in encoded.out


@pytest.mark.parametrize(
    ("raw", "path", "code"),
    [
        ("", "", "empty_body"),
        ("[]", "", "bad_json"),
        ('{"documents": {}}', "documents", "wrong_type"),
        ('{"documents": [7]}', "documents.0", "wrong_type"),
        ('{"documents": [{"type": "refund"}]}', "documents", "missing_field"),
        ('{"type": "refund"}', "type", "wrong_type"),
        (json.dumps({**NOTICE, "lines": 7}), "lines", "wrong_type"),
        (
            json.dumps({"documents": [{**NOTICE, "created_at": "24 Nov"}]}),
            "documents.0.created_at",
            "bad_time",
        ),
    ],
)
def test_a_document_that_is_none_leaves_with_65(orderhub: Run, raw, path, code):
    done = orderhub("encode", "generic_warehouse", "fulfilment_order", stdin=raw)
    assert done.code == 65
    assert done.errors == {path: code}


def test_adapters_are_listed_with_what_they_can(orderhub: Run):
    done = orderhub("adapters", "--json")
    assert done.code == 0
    by_name = {one["name"]: one for one in done.json["items"]}
    assert set(by_name) == set(registry.entries())
    assert by_name["shopify"]["port"] == "channel"
    assert by_name["shopify"]["takes"][:3] == ["shipment", "stock_level", "order_cancellation"]
    text = orderhub("adapters").out
    assert text.splitlines()[0].split()[:3] == ["name", "port", "level"]


def test_one_adapter_tells_its_settings_and_its_score(orderhub: Run):
    done = orderhub("adapters", "generic_channel", "--json")
    assert done.code == 0
    settings = {one["name"]: one for one in done.json["settings"]}
    assert settings["webhook_secret"]["secret"] is True
    assert settings["webhook_secret"]["required"] is True
    assert settings["url"] == {
        "name": "url",
        "secret": False,
        "required": False,
        "default": None,
        "meaning": settings["url"]["meaning"],
    }
    told = {"passed", "not asked: it honours keys", "one by one", "not polled"}
    assert set(done.json["score"].values()) == told
    text = orderhub("adapters", "generic_channel", "--no-score").out
    assert "webhook_secret" in text
    assert "conformance" not in text
