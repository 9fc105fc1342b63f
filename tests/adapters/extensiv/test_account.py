"""How Extensiv is talked to: the version it is asked to change, and its clock."""

from datetime import UTC, datetime

import pytest

from adapters.extensiv.conformance import CONFORMS, TOKENS
from adapters.kit.samples import sample
from adapters.kit.testing.scripted_partner import Told
from adapters.ports import Cursor
from hub.model.errors import Rejected, TryLater

TOKEN = Told.json({"access_token": "extensiv-access", "expires_in": 3600})


def row(**read_only):
    return {"ReadOnly": {"OrderId": 9001, **read_only}, "ReferenceNum": "F-1"}


def account(order, after):
    """An account with one order, in its seventh version, that answers `after` to a change of it."""

    def script(asked):
        if asked.path == TOKENS:
            return TOKEN
        if asked.path == "/orders":
            return Told.json({"ResourceList": [order]})
        return Told.json(order, etag='"7"') if asked.method == "GET" else after

    return CONFORMS.partner(script)


def test_a_wish_to_cancel_names_the_version_and_the_answer_is_the_word():
    with account(row(), Told(204)) as (asked, parts):
        receipt = parts.send(sample("fulfilment_cancellation"), "k")
        told = asked.asked[-1]
    assert (told.path, told.headers["if-match"]) == ("/orders/9001/canceler", '"7"')
    assert [it.status for it in receipt.documents] == ["cancelled"]


@pytest.mark.parametrize(
    ("closed", "word"),
    [({}, "cancelled"), ({"ProcessDate": "2026-05-05T16:20:11"}, "cancel_refused")],
)
def test_what_is_closed_is_not_asked_to_stop(closed, word):
    with account(row(IsClosed=True, **closed), Told(500)) as (asked, parts):
        for tell in (lambda it: parts.send(it, "k"), parts.find):
            (said,) = tell(sample("fulfilment_cancellation")).documents
            assert said.status == word
    assert {it.method for it in asked.asked} == {"GET", "POST"}
    assert {it.path for it in asked.asked if it.method == "POST"} == {TOKENS}


@pytest.mark.parametrize(("status", "fate"), [(412, TryLater), (409, TryLater), (428, Rejected)])
def test_what_changed_meanwhile_is_tried_again_later(status, fate):
    refusal = Told.json({"ErrorCode": "Concurrency"}, status)
    with account(row(), refusal) as (_, parts), pytest.raises(fate):
        parts.send(sample("fulfilment_cancellation"), "k")


def test_changes_are_asked_for_by_the_warehouses_clock_and_read_by_it():
    at_noon = row(LastModifiedDate="2026-05-04T12:00:00")
    pages = [Told.json({"ResourceList": [at_noon]}), Told.json({"ResourceList": []})]

    def script(asked):
        return TOKEN if asked.path == TOKENS else pages.pop(0)

    with CONFORMS.partner(script) as (asked, _):
        parts = CONFORMS.connected(asked.url, time_zone="America/New_York")
        (page,) = parts.list("orders", Cursor(datetime(2026, 5, 4, 14, tzinfo=UTC)))
        first = asked.asked[1].query
    assert first["rql"] == "ReadOnly.LastModifiedDate=ge=2026-05-04T10:00:00"
    assert page.after == Cursor(datetime(2026, 5, 4, 16, tzinfo=UTC))
