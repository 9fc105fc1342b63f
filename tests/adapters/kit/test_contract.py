"""What we ask, held to a description of a partner's own."""

import json
from pathlib import Path

import pytest

from adapters.kit.conformance import Contract
from adapters.kit.testing.scripted_partner import Asked

pytestmark = pytest.mark.slow

ORDER = {
    "type": "object",
    "required": ["no"],
    "additionalProperties": False,
    "properties": {"no": {"type": "string"}, "note": {"type": "string", "nullable": True}},
}
OPENAPI = {
    "openapi": "3.0.3",
    "info": {"title": "Dock", "version": "1"},
    "paths": {
        "/orders/{no}": {
            "parameters": [{"name": "no", "in": "path"}],
            "put": {
                "parameters": [{"$ref": "#/components/parameters/dry"}],
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/O"}}}
                },
            },
        }
    },
    "components": {
        "schemas": {"O": ORDER},
        "parameters": {"dry": {"name": "dry", "in": "query"}},
    },
}
SWAGGER = {
    "swagger": "2.0",
    "basePath": "/v1",
    "paths": {
        "/orders": {
            "post": {
                "parameters": [{"name": "it", "in": "body", "schema": {"$ref": "#/definitions/O"}}]
            }
        }
    },
    "definitions": {"O": ORDER},
}
XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="order">
<xs:complexType><xs:sequence><xs:element name="no" type="xs:int"/></xs:sequence></xs:complexType>
</xs:element></xs:schema>"""


def asked(method: str, target: str, body: object) -> Asked:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Asked(method, target, {}, raw)


@pytest.mark.parametrize(
    ("one", "wrong"),
    [
        (asked("PUT", "/api/orders/7?dry=1", {"no": "7", "note": None}), None),
        (asked("PUT", "/api/orders/7", {"no": 7}), r"\$.no: 7 is not of type 'string'"),
        (asked("PUT", "/api/orders/7", {}), "'no' is a required property"),
        (asked("PUT", "/api/orders/7", {"no": "7", "nr": 1}), "'nr' was unexpected"),
        (asked("PUT", "/api/orders/7?wet=1", {"no": "7"}), "no query parameter wet"),
        (asked("POST", "/api/orders/7", {}), "no such operation"),
        (asked("PUT", "/api/orders/7/lines", {}), "no such operation"),
    ],
)
def test_a_json_body_is_held_to_an_openapi(one: Asked, wrong: str | None, tmp_path: Path) -> None:
    (tmp_path / "dock.json").write_text(json.dumps(OPENAPI))
    hold(Contract("openapi", "dock.json", under="/api"), one, wrong, tmp_path)


@pytest.mark.parametrize(
    ("body", "wrong"), [({"no": "7"}, None), ({"number": "7"}, "'no' is a required property")]
)
def test_a_json_body_is_held_to_a_swagger(body: object, wrong: str | None, tmp_path: Path) -> None:
    (tmp_path / "dock.json").write_text(json.dumps(SWAGGER))
    hold(Contract("openapi", "dock.json"), asked("POST", "/v1/orders", body), wrong, tmp_path)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"<order><no>7</no></order>", None),
        (b"<order><no>x</no></order>", "not a valid value of the atomic type 'xs:int'"),
        (b"<order/>", "Missing child element"),
    ],
)
def test_an_xml_body_is_held_to_an_xsd(body: bytes, wrong: str | None, tmp_path: Path) -> None:
    (tmp_path / "dock.xsd").write_text(XSD)
    hold(Contract("xsd", "dock.xsd"), asked("POST", "/", body), wrong, tmp_path)


def test_without_its_file_nothing_is_held(tmp_path: Path) -> None:
    contract = Contract("openapi", "dock.json")
    assert contract.found(tmp_path, None) is None
    contract.check_all([asked("POST", "/nowhere", {})], tmp_path, None)


def hold(contract: Contract, one: Asked, wrong: str | None, folder: Path) -> None:
    if wrong is None:
        contract.check_all([one], folder)
        return
    with pytest.raises(AssertionError, match=wrong):
        contract.check_all([one], folder)


def test_a_request_keeps_to_one_of_several_files_and_some_paths_stand_in_none(
    tmp_path: Path,
) -> None:
    for name, told in (("a.json", OPENAPI), ("b.json", SWAGGER)):
        (tmp_path / name).write_text(json.dumps(told))
    both = Contract("openapi", "a.json", further=("b.json", "c.json"), beside=("/token*",))
    good = [
        asked("PUT", "/orders/1", {"no": "1"}),
        asked("POST", "/v1/orders", {"no": "1"}),
        asked("POST", "/token/x", {}),
    ]
    both.check_all(good, tmp_path)
    for odd, why in (
        ("/v1/orders", "'no' is a required property"),
        ("/other", "no such operation"),
    ):
        with pytest.raises(AssertionError, match=why):
            both.check_all([asked("POST", odd, {})], tmp_path)
