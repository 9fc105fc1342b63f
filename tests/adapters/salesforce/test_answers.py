"""What Salesforce's answers come to: rows of a collection, errors by code, tokens renewed once."""

import json

import pytest

from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Receipt
from adapters.salesforce.api import Doubled, NotThere
from adapters.salesforce.conformance import CONFORMS
from hub.model.errors import (
    EndpointMissing,
    NeedsPerson,
    NotAuthorised,
    NotUnderstood,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from tests.kit.fixtures import SHARED

FOLDER = SHARED / "backoffice" / "salesforce"
ONE = sample("customer")
TWO = [(sample("customer", customer_id=number), number) for number in ("81", "82/3")]


def scripted(*answers):
    left = [it if isinstance(it, Told) else Told.json(it) for it in answers]

    def script(asked):
        if asked.path == "/services/oauth2/token":
            return Told.json({"access_token": "t", "token_type": "Bearer"})
        return left.pop(0)

    return CONFORMS.partner(script)


def refused(code, status, **more):
    return Told.json([{"errorCode": code, "message": "no", **more}], status)


def outcome_of(answer):
    with scripted(answer) as (_, parts):
        try:
            return parts.send(ONE, "k")
        except (NeedsPerson, OutcomeUnknown, TryLater) as fate:
            return fate


def test_a_collection_names_each_by_its_external_id_and_one_at_fault_holds_up_no_other():
    wrong = {"statusCode": "INVALID_EMAIL_ADDRESS", "message": "bad", "fields": ["Email"]}
    rows = [{"id": "003A", "success": True, "errors": [], "created": True},
            {"success": False, "errors": [wrong]}]  # fmt: skip
    with scripted(rows) as (organisation, parts):
        first, second = parts.send_many(TWO)
    (call,) = organisation.asked[1:]
    assert call.path == "/services/data/v61.0/composite/sobjects/Contact/Hub_Id__c"
    body = json.loads(call.body)
    assert (body["allOrNone"], [it["Hub_Id__c"] for it in body["records"]]) == (
        False,
        ["81", "82/3"],
    )
    assert {it["attributes"]["type"] for it in body["records"]} == {"Contact"}
    assert first == Receipt("003A")
    assert (type(second), second.path) == (Rejected, "Email")


def test_an_answer_that_does_not_say_what_became_of_each_is_not_understood():
    for answer in ([], {}, [{"id": "003A", "success": True}]):
        with scripted(answer) as (_, parts):
            assert {type(it) for it in parts.send_many(TWO)} == {NotUnderstood}


def test_an_external_id_is_written_so_that_it_stays_one_part_of_the_address():
    with scripted(Told(204)) as (organisation, parts):
        assert parts.send(TWO[1][0], "k") == Receipt("82/3")
    assert organisation.asked[1].target.endswith("/Hub_Id__c/82%2F3")


@pytest.mark.parametrize(
    ("code", "status", "fate"),
    [
        ("REQUEST_LIMIT_EXCEEDED", 403, TryLater),
        ("UNABLE_TO_LOCK_ROW", 400, TryLater),
        ("SERVER_UNAVAILABLE", 503, TryLater),
        ("DUPLICATES_DETECTED", 400, Doubled),
        ("DUPLICATE_VALUE", 400, Doubled),
        ("REQUIRED_FIELD_MISSING", 400, Rejected),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", 400, Rejected),
        ("ENTITY_IS_DELETED", 404, NotThere),
        ("NOT_FOUND", 404, NotThere),
        ("INVALID_TYPE", 404, EndpointMissing),
        ("INSUFFICIENT_ACCESS_OR_READONLY", 403, NotAuthorised),
        ("UNKNOWN_EXCEPTION", 500, OutcomeUnknown),
        ("A_CODE_OF_TOMORROW", 400, Rejected),
    ],
)
def test_an_error_has_its_fate(code, status, fate):
    assert type(outcome_of(refused(code, status))) is fate


HTML = Told(404, b"<html>Nothing here</html>", {"content-type": "text/html"})
NO_FIELD = {"message": "Provided external ID field does not exist or is not accessible: Hub_Id__c"}


@pytest.mark.parametrize(
    ("answer", "comes"),
    [
        (refused("NOT_FOUND", 404), Receipt("81")),
        (HTML, EndpointMissing),
        (Told.json([{"errorCode": "NOT_FOUND", **NO_FIELD}], 404), EndpointMissing),
    ],
)
def test_nobody_is_forgotten_where_the_address_or_the_field_is_wrong(answer, comes):
    with scripted(answer) as (_, parts):
        try:
            outcome = parts.send(sample("customer_erasure", customer_id="81"), "k")
        except EndpointMissing as fate:
            outcome = type(fate)
    assert outcome == comes


def test_several_records_with_one_external_id_are_for_a_person():
    urls = [
        "/services/data/v61.0/sobjects/Contact/003A",
        "/services/data/v61.0/sobjects/Contact/003B",
    ]
    outcome = outcome_of(Told.json(urls, 300))
    assert (type(outcome), outcome.code) == (Doubled, "differs_at_partner")


def test_a_session_that_ended_is_renewed_once():
    ended = refused("INVALID_SESSION_ID", 401)
    made = {"id": "003A", "success": True, "errors": []}
    with scripted(ended, made) as (_, parts):
        assert parts.send(ONE, "k") == Receipt("003A")
    with scripted(ended, ended) as (_, parts), pytest.raises(NotAuthorised):
        parts.send(ONE, "k")


UPSERTS = {"create_success_response.json": "some_id", "upsert_created_success_response.json": "foo"}
TOKENS = [f"{it}_success_response.json" for it in ("auth", "reauth", "refresh")]
ANSWERS = sorted(FOLDER.glob("*.json"))


@pytest.mark.collection
@pytest.mark.parametrize("file", ANSWERS, ids=lambda it: it.name)
def test_each_recorded_answer_is_a_receipt_a_token_or_not_understood(file):
    if file.name in TOKENS:
        token = json.loads(file.read_bytes())["access_token"]
        with CONFORMS.partner(
            lambda asked: (
                Told(200, file.read_bytes(), {"content-type": "application/json"})
                if asked.path.endswith("/token")
                else Told.json({})
            )
        ) as (organisation, parts):
            parts.check()
        assert organisation.asked[-1].headers["authorization"] == f"Bearer {token}"
        return
    outcome = outcome_of(Told(200, file.read_bytes(), {"content-type": "application/json"}))
    if file.name in UPSERTS:
        assert outcome == Receipt(UPSERTS[file.name])
    else:
        assert type(outcome) is NotUnderstood
