"""What HubSpot's answers come to: rows of a batch, errors by category, limits by policy."""

import json

import pytest

from adapters.hubspot.api import Exists, NotThere
from adapters.hubspot.conformance import CONFORMS
from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Receipt
from hub.model.errors import EndpointMissing, NotAuthorised, NotUnderstood, Rejected, TryLater
from tests.kit.fixtures import SHARED

FOLDER = SHARED / "backoffice" / "hubspot"
BATCH = [(sample("customer", customer_id=number), number) for number in ("81", "82", "83")]
ERROR = {"status": "error", "category": "VALIDATION_ERROR", "message": "email is invalid"}


def row(number, their="151"):
    return {"id": their, "new": True, "properties": {"hub_customer_id": number}}


def scripted(*answers):
    left = [it if isinstance(it, Told) else Told.json(it) for it in answers]
    return CONFORMS.partner(lambda _: left.pop(0))


def told(*answers, batch=BATCH):
    with scripted(*answers) as (account, parts):
        return parts.send_many(batch), [f"{it.method} {it.path}" for it in account.asked]


def test_rows_have_their_own_fate_in_whatever_order_they_are_answered():
    errors = [{**ERROR, "context": {"objectWriteTraceId": ["82"]}}]
    answer = {"status": "COMPLETE", "results": [row("83", "9"), row("81", "7")], "errors": errors}
    outcomes, asked = told(Told.json(answer, 207))
    assert asked == ["POST /crm/v3/objects/contacts/batch/upsert"]
    assert outcomes[0] == Receipt("7")
    assert outcomes[2] == Receipt("9")
    assert (type(outcomes[1]), str(outcomes[1])) == (Rejected, "email is invalid")


def test_an_error_that_names_nobody_is_of_the_only_row_left_else_of_none():
    one = {"results": [row("83"), row("81")], "errors": [ERROR]}
    assert type(told(Told.json(one, 207))[0][1]) is Rejected
    two = {"results": [row("83")], "errors": [ERROR]}
    assert [type(it) for it in told(Told.json(two, 207))[0][:2]] == [NotUnderstood] * 2


def test_a_batch_refused_whole_is_told_one_by_one():
    alone = [Told.json({"results": [row("81")]}), Told.json(ERROR, 400),
             Told.json({"results": [row("83")]})]  # fmt: skip
    outcomes, asked = told(Told.json(ERROR, 400), *alone)
    assert [type(it) for it in outcomes] == [Receipt, Rejected, Receipt]
    assert len(asked) == 4


def test_of_a_customer_told_twice_the_last_counts():
    older, newer = (sample("customer", customer_id="81", name=it) for it in ("Old", "New"))
    with scripted({"results": [row("81")]}) as (account, parts):
        assert parts.send_many([(older, "1"), (newer, "2")]) == [Receipt("151")] * 2
    (sent,) = json.loads(account.asked[0].body)["inputs"]
    assert sent["properties"]["lastname"] == "New"


@pytest.mark.parametrize(("bears", "comes"), [(None, Receipt), ("81", Receipt), ("99", Exists)])
def test_a_contact_with_that_mail_becomes_the_customer_unless_it_is_another(bears, comes):
    there = {"status": "error", "category": "CONFLICT",
             "message": "Contact already exists. Existing ID: 77"}  # fmt: skip
    found = {"id": "77", "properties": {"hub_customer_id": bears}}
    answers = [Told.json(there, 409), found, {"id": "77"}]
    (outcome,), asked = told(*answers, batch=BATCH[:1])
    assert type(outcome) is comes
    writes = [it for it in asked if it.startswith("PATCH")]
    assert writes == (["PATCH /crm/v3/objects/contacts/77"] if comes is Receipt else [])


@pytest.mark.parametrize(
    ("status", "said", "fate", "wait"),
    [
        (429, {"category": "RATE_LIMITS", "policyName": "TEN_SECONDLY_ROLLING"}, TryLater, 10),
        (429, {"category": "RATE_LIMITS", "policyName": "DAILY"}, TryLater, 3600),
        (429, {}, TryLater, 5),
        (423, {}, TryLater, None),
        (403, {"category": "MISSING_SCOPES"}, NotAuthorised, None),
        (404, {"category": "OBJECT_NOT_FOUND"}, NotThere, None),
        (404, {"message": "resource not found"}, NotThere, None),
        (404, {}, EndpointMissing, None),
        (400, {"category": "VALIDATION_ERROR"}, Rejected, None),
        (409, {"category": "CONFLICT"}, Exists, None),
    ],
)
def test_an_error_has_its_fate(status, said, fate, wait):
    (outcome,), _ = told(Told.json(said, status), batch=BATCH[:1])
    assert type(outcome) is fate
    assert getattr(outcome, "retry_after", None) == wait


@pytest.mark.collection
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the vendor's examples are not here")
@pytest.mark.parametrize("name", ["contacts", "companies", "deals", "orders"])
def test_the_example_of_an_error_that_the_vendor_gives_is_a_refusal(name):
    described = json.loads((FOLDER / f"{name}_v3.openapi.json").read_bytes())
    example = described["components"]["schemas"]["Error"]["example"]
    (outcome,), _ = told(Told.json(example, 400), batch=BATCH[:1])
    assert (type(outcome), str(outcome)) == (Rejected, example["message"])
