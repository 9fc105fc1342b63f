"""How Amazon is talked to: its token, its quota, its cursor, and its word on a wish to cancel."""

from datetime import UTC, datetime

import pytest

from adapters.amazon_mcf.conformance import CONFORMS, TOKENS
from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Cursor
from hub.model.errors import TryLater

ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
SINCE = Cursor(datetime(2026, 11, 1, tzinfo=UTC))
TOKEN = Told.json({"access_token": "amazon-access", "expires_in": 3600})


def account(**answers):
    """An account that answers each path the same each time; `order` is the answer to any order."""
    by_path = {
        TOKENS: TOKEN,
        **{f"{ORDERS}{path}": told for path, told in answers.pop("at").items()},
    }
    return CONFORMS.partner(lambda asked: by_path[asked.path])


def row(number, status, changed):
    order = {"sellerFulfillmentOrderId": number, "fulfillmentOrderStatus": status}
    return {**order, "statusUpdatedDate": changed}


def listed(*rows):
    whole = {f"/{it['sellerFulfillmentOrderId']}": Told.json({"payload": {}}) for it in rows}
    return account(at={"": Told.json({"payload": {"fulfillmentOrders": list(rows)}}), **whole})


def test_calls_bear_the_token_in_amazons_own_header_and_no_other():
    with account(at={"/F-1": Told(404)}) as (asked, parts):
        assert parts.find(sample("fulfilment_order")) is None
        token, question = asked.asked
    assert b"client_secret=amazon-app-secret" in token.body
    assert question.headers["x-amz-access-token"] == "amazon-access"
    assert "authorization" not in question.headers


@pytest.mark.parametrize(("rate", "seconds"), [("0.5", 2), ("2.0", 1), ("0.0167", 60), ("x", 5)])
def test_a_quota_that_is_used_up_says_when_to_come_again(rate, seconds):
    told = Told.json(
        {"errors": [{"code": "QuotaExceeded"}]}, 429, **{"x-amzn-RateLimit-Limit": rate}
    )
    with account(at={"": told}) as (_, parts), pytest.raises(TryLater) as later:
        parts.send(sample("fulfilment_order"), "k")
    assert later.value.retry_after == seconds


@pytest.mark.parametrize(
    ("rows", "after"),
    [
        ([row("F-1", "COMPLETE", "2026-11-20T10:00:00Z")], 20),
        (
            [
                row("F-1", "COMPLETE", "2026-11-20T10:00:00Z"),
                row("F-2", "Processing", "2026-11-10T10:00:00Z"),
            ],
            10,
        ),
        (
            [
                row("F-1", "Complete", "2026-11-20T10:00:00Z"),
                row("F-2", "PROCESSING", "2026-10-02T10:00:00Z"),
            ],
            20,
        ),
        ([row("F-1", "Complete", "soon")], 1),
    ],
    ids=["all is over", "one is open", "one is open for too long", "no time is told"],
)
def test_the_cursor_stays_before_what_is_open_but_not_for_ever(rows, after):
    with listed(*rows) as (asked, parts):
        (page,) = parts.list("orders", SINCE)
        assert asked.asked[1].query == {"queryStartDate": "2026-11-01T00:00:00Z"}
    assert len(page.changes) == len(rows)
    assert page.after.at.day == after


@pytest.mark.parametrize(
    ("status", "word"),
    [("CANCELLED", "cancelled"), ("CompletePartialled", "cancel_refused"), ("Planning", None)],
)
def test_how_the_order_stands_is_the_word_on_a_wish_to_cancel(status, word):
    order = Told.json({"payload": {"fulfillmentOrder": {"fulfillmentOrderStatus": status}}})
    with account(at={"/F-1/cancel": Told.json({}), "/F-1": order}) as (_, parts):
        receipt = parts.send(sample("fulfilment_cancellation"), "k")
        found = parts.find(sample("fulfilment_cancellation"))
    said = [it.status for it in receipt.documents]
    assert said == ([word] if word else [])
    assert [it.status for it in found.documents] == said if word else found is None


def test_a_refused_wish_to_cancel_is_a_word_with_amazons_reason():
    refused = Told.json({"errors": [{"code": "InvalidInput", "message": "already shipping"}]}, 400)
    order = Told.json({"payload": {"fulfillmentOrder": {"fulfillmentOrderStatus": "Processing"}}})
    with account(at={"/F-1/cancel": refused, "/F-1": order}) as (_, parts):
        (word,) = parts.send(sample("fulfilment_cancellation"), "k").documents
    assert word.status == "cancel_refused"
    assert "already shipping" in word.message
