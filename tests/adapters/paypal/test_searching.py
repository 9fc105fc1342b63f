"""How PayPal's Transaction Search is asked for a day: whole, or not at all."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import responses

from adapters.kit.http import Transport
from adapters.kit.registry import make
from adapters.kit.settings import outward
from adapters.kit.tokens import InProcess
from adapters.paypal import Settings
from adapters.ports import Cursor
from hub.model.errors import Ignored, NotAuthorised, Rejected, TryLater
from mappings.kit import Context, code_lists, zone

API = "https://api-m.paypal.com"
PATH, TOKENS = f"{API}/v1/reporting/transactions", f"{API}/v1/oauth2/token"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def account(now=NOON, place="UTC", **secrets):
    at = Context("pp", codes=code_lists("paypal"), zone=zone(place))
    secrets = {"webhook_secret": "s", "client_secret": "c", **secrets}
    transport = replace(Transport(), tokens=InProcess())
    return make("paypal", {"client_id": "hub"}, secrets, at, transport, lambda: now)


def listed(parts, since=None):
    return [change for page in parts.list("transactions", Cursor(since)) for change in page.changes]


def row(number, amount="10.00", fee="-0.50", code="T0006", **more):
    return {
        "transaction_info": {
            "transaction_id": number,
            "transaction_event_code": code,
            "transaction_status": "S",
            "transaction_initiation_date": "2026-11-23T10:00:00+0000",
            "transaction_updated_date": "2026-11-23T10:00:05+0000",
            "transaction_amount": {"currency_code": "EUR", "value": amount},
            "fee_amount": {"currency_code": "EUR", "value": fee},
            **more,
        }
    }


def answer(rows, *, fresh="2026-11-24T09:59:59+0000", **more):
    return {
        "transaction_details": rows,
        "account_number": "ACCT1",
        "last_refreshed_datetime": fresh,
        "page": 1,
        "total_items": len(rows),
        "total_pages": 1,
        **more,
    }


@pytest.fixture
def paypal():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as partner:
        partner.post(TOKENS, json={"access_token": "t-1", "expires_in": 32400})
        yield partner


def searches(paypal):
    return [call.request.params for call in paypal.calls if call.request.url.startswith(PATH)]


def test_all_pages_of_a_day_are_one_report_for_each_currency(paypal):
    sale = row("B2", "20.00", invoice_id="1001")
    abroad = row("C3", "9.00", transaction_amount={"currency_code": "USD", "value": "9.00"})
    refund = row("D4", "-5.00", "0.15", "T1107", paypal_reference_id="B2")
    paypal.get(PATH, json=answer([sale, abroad], total_items=4, total_pages=2))
    paypal.get(PATH, json=answer([row("A1"), refund], total_items=4, total_pages=2, page=2))
    parts = account()
    (change,) = listed(parts)
    euros, dollars = parts.decode(change.delivery.topic, change.raw)
    assert (euros.report_id, dollars.report_id) == ("ACCT1-20261123-EUR", "ACCT1-20261123-USD")
    told = [(it.reference, it.kind, it.gross, it.fee, it.net) for it in euros.lines]
    assert told == [
        ("A1-T0006-EUR", "sale", Decimal("10.00"), Decimal("0.50"), Decimal("9.50")),
        ("B2-T0006-EUR", "sale", Decimal("20.00"), Decimal("0.50"), Decimal("19.50")),
        ("C3-T0006-EUR", "fee", Decimal(0), Decimal("0.50"), Decimal("-0.50")),
        ("D4-T1107-EUR", "refund", Decimal("-5.00"), Decimal("-0.15"), Decimal("-4.85")),
    ]
    assert (euros.lines[1].channel_order_id, euros.lines[3].original) == ("1001", "B2")
    assert [line.net for line in dollars.lines] == [Decimal("9.00")]
    assert [query["page"] for query in searches(paypal)] == ["1", "2"]


def test_a_day_is_one_of_the_connections_zone_and_no_window_is_longer(paypal):
    paypal.get(PATH, json=answer([]))
    pages = list(
        account(place="Europe/Berlin").list("transactions", Cursor(NOON - timedelta(days=40)))
    )
    windows = [(query["start_date"], query["end_date"]) for query in searches(paypal)]
    assert windows[-1] == ("2026-11-22T23:00:00Z", "2026-11-23T22:59:59Z")
    assert windows[9] == ("2026-10-23T22:00:00Z", "2026-10-24T21:59:59Z")
    assert windows[10] == ("2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z")  # 25 hours
    assert len(pages) == len(windows) == 40
    assert not any(page.changes for page in pages)


def test_a_day_that_is_told_twice_is_one(paypal):
    paypal.get(PATH, json=answer([row("A1"), row("B2")]))
    paypal.get(PATH, json=answer([row("B2"), row("A1")], fresh="2026-11-24T11:59:59+0000"))
    parts = account()
    (first,), (again,) = listed(parts), listed(parts)
    assert first == again


def test_a_day_that_paypal_does_not_know_to_its_end_is_asked_for_later(paypal):
    paypal.get(PATH, json=answer([row("A1")], fresh="2026-11-23T22:00:00+0000"))
    with pytest.raises(TryLater, match="until 2026-11-23 22:00") as later:
        listed(account())
    assert later.value.retry_after == 1800


@pytest.mark.parametrize("fresh", [None, "soon", "", 7, []])
def test_a_list_that_does_not_say_how_fresh_it_is_is_not_taken(paypal, fresh):
    paypal.get(PATH, json=answer([row("A1")], fresh=fresh))
    with pytest.raises(TryLater):
        listed(account())


def test_in_the_first_hours_the_day_before_is_not_asked_for(paypal):
    paypal.get(PATH, json=answer([]))
    listed(account(NOON.replace(hour=3)))
    assert [query["start_date"] for query in searches(paypal)] == ["2026-11-22T00:00:00Z"]


def test_a_day_with_more_than_is_listed_is_asked_for_in_halves(paypal):
    paypal.get(PATH, json={"name": "RESULTSET_TOO_LARGE", "maximum_items": 10000}, status=400)
    paypal.get(PATH, json=answer([row("A1")]))
    paypal.get(PATH, json=answer([row("B2")]))
    (change,) = listed(account())
    assert len(json.loads(change.raw)["transaction_details"]) == 2
    assert [(it["start_date"], it["end_date"]) for it in searches(paypal)] == [
        ("2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z"),
        ("2026-11-23T00:00:00Z", "2026-11-23T11:59:59Z"),
        ("2026-11-23T12:00:00Z", "2026-11-23T23:59:59Z"),
    ]


def test_halves_have_an_end(paypal):
    paypal.get(PATH, json={"name": "RESULTSET_TOO_LARGE"}, status=400)
    with pytest.raises(Rejected, match="more than PayPal lists"):
        listed(account())


def test_a_list_of_which_a_part_is_missing_is_not_taken(paypal):
    paypal.get(PATH, json=answer([row("A1")], total_items=2))
    with pytest.raises(TryLater, match="1 of 2"):
        listed(account())


def test_a_token_that_ended_is_renewed_once(paypal):
    paypal.get(PATH, json={"error": "invalid_token"}, status=401)
    paypal.get(PATH, json=answer([row("A1")]))
    assert len(listed(account())) == 1
    assert sum(call.request.url == TOKENS for call in paypal.calls) == 2


def test_a_client_that_may_not_search_pauses_the_connection(paypal):
    paypal.get(PATH, json={"name": "NOT_AUTHORIZED"}, status=403)
    with pytest.raises(NotAuthorised):
        listed(account())


def test_a_client_that_gets_no_token_is_said_without_its_secret():
    with responses.RequestsMock() as partner:
        partner.post(TOKENS, json={"error": "invalid_client"}, status=401)
        with pytest.raises(NotAuthorised) as refused:
            listed(account(client_secret="very-secret"))
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "told", [[], "x", None, {"transaction_details": {}}, {"transaction_details": [1]}]
)
def test_what_is_no_list_is_asked_for_again(paypal, told):
    whole = {**answer([]), **told} if isinstance(told, dict) else told
    paypal.get(PATH, json=whole)
    with pytest.raises(TryLater):
        listed(account())


def test_what_is_pending_or_an_authorisation_moves_nothing():
    rows = [row("A1", transaction_status="P"), row("B2", code="T1300")]
    raw = json.dumps(
        {**answer(rows), "start_date": "2026-11-23T00:00:00Z", "end_date": "2026-11-23T23:59:59Z"}
    )
    with pytest.raises(Ignored):
        account().decode("transactions", raw.encode())


def test_the_clients_secret_is_for_calls_alone():
    assert outward(Settings) == {"client_secret"}
