"""What Shopify is asked keeps to its published schemas, in every version that there is."""

import json
from dataclasses import replace

import pytest
from graphql import parse, validate

from adapters.kit.conformance import Contract, checks, conformance_of
from adapters.kit.conformance.contract import graphql_schema
from adapters.kit.testing.scripted_partner import Asked
from adapters.shopify import paying_back, stock
from adapters.shopify.admin import OPERATIONS
from adapters.shopify.stock import KEYED_SINCE
from tests.kit.fixtures import SHARED

pytestmark = pytest.mark.slow

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
SCHEMAS = SHARED / "schemas"
UNTIL_KEYED = {stock.SET, paying_back.PAY_BACK}
SINCE_KEYED = {stock.SET_KEYED, paying_back.PAY_BACK_KEYED}


def contract(version: str) -> Contract:
    made = Contract("graphql", f"shopify/admin_{version}.introspection.json.gz")
    if made.found(SCHEMAS) is None:
        pytest.skip("the published schemas are not here")
    return made


@pytest.mark.parametrize("version", VERSIONS)
def test_every_operation_is_valid(version: str) -> None:
    left_out = UNTIL_KEYED if version >= KEYED_SINCE else SINCE_KEYED
    assert len(OPERATIONS) == 22
    file = contract(version).found(SCHEMAS)
    assert file is not None
    schema = graphql_schema(file)
    wrong = {
        text: [error.message for error in validate(schema, parse(text))]
        for text in set(OPERATIONS.values()) - left_out
    }
    assert {text: said for text, said in wrong.items() if said} == {}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "sentence",
    [
        "every document taken is told and a repeat tells it once",
        "after a lost answer the partner is asked",
    ],
)
def test_what_it_is_told_is_valid_with_its_variables(version: str, sentence: str) -> None:
    blanks = conformance_of("shopify", SCHEMAS)
    assert blanks is not None
    settings = {**blanks.settings, "api_version": version}
    checks()[sentence](replace(blanks, settings=settings, contract=contract(version)))


def test_a_field_that_is_not_there_is_named() -> None:
    body = json.dumps({"query": "{ shop { nome } }"}).encode()
    asked = Asked("POST", "/admin/api/2026-07/graphql.json", {}, body)
    with pytest.raises(AssertionError, match="Cannot query field 'nome' on type 'Shop'"):
        contract("2026-07").check_all([asked], SCHEMAS)
