"""Deliveries refused at the door leave a trace that says of which connection, and for what."""

import json
import re
from typing import Any

import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from hub.flows.ops import health
from hub.flows.unit import Unit
from hub.gateway.intake.tally import CODES, OTHER, Tally
from hub.model.errors import NotAuthentic
from hub.store.base.database import Database
from hub.store.base.failures import DatabaseAway
from tests.kit.catalogue import sales_order
from tests.kit.world.gateway import Gateway
from tests.kit.world.signing import signed

BODY = json.dumps(sales_order()).encode()
WRONG = "whsec_" + "d3JvbmctYXMtd3JvbmctY2FuLWJl"


def write(gateway: Gateway) -> None:
    """What the gateway does every three seconds."""
    gateway.app._tally.write()  # type: ignore[attr-defined]


def refuse(gateway: Gateway, times: int, connection: str = "shop-a") -> None:
    for _ in range(times):
        answer = gateway.post_in(connection, BODY, signed(BODY, secret=WRONG))
        assert answer.status_code in {401, 429}


def seen(gateway: Gateway, connection: str = "shop-a") -> dict[str, Any]:
    """The connection as the Open API shows it."""
    items = gateway.call("GET", "connections", gateway.key("connections:read")).json["items"]
    return next(one for one in items if one["code"] == connection)


def look(gateway: Gateway) -> list[tuple[str, str, str]]:
    """The incidents about deliveries that stand open after the hub looked after itself."""
    from datetime import UTC, datetime  # noqa: PLC0415

    with gateway.store.database.begin() as db:
        unit = Unit(db, gateway.store.vault, gateway.store.directories.read(db), datetime.now(UTC))
        health.look(unit, "host", [], [])
    rows = gateway.world.sql(
        """SELECT kind, subject, sentence FROM incident
        WHERE status = 'open' AND kind = 'deliveries_refused'"""
    )
    return [tuple(row) for row in rows]


def test_thirteen_webhooks_with_a_wrong_secret_are_seen(gateway: Gateway) -> None:
    refuse(gateway, 13)
    write(gateway)
    found = seen(gateway)
    assert found["state"] == "deliveries_refused"
    assert found["says"] == "Its deliveries are refused as bad_signature: see webhook_secret."
    arriving = found["deliveries"]
    assert arriving["accepted_at"] is None
    assert arriving["refused_code"] in {"bad_signature", "too_many_failures"}
    assert sum(arriving["refused_last_hour"].values()) == 13
    assert arriving["refused_last_hour"] == arriving["refused_last_day"]
    assert seen(gateway, "shop-b")["state"] == "works"


def test_one_that_was_right_and_is_refused_again_and_again_is_an_incident_until_one_is_taken(
    gateway: Gateway,
) -> None:
    gateway.world.sql(
        """UPDATE connection SET secrets = secrets || '{"another": "env:X"}' WHERE code = 'wh-a'"""
    )
    assert gateway.post_in("shop-a", BODY).status_code == 200
    refuse(gateway, 4)
    write(gateway)
    assert look(gateway) == []
    refuse(gateway, 1)
    write(gateway)
    sentence = (
        "Deliveries of shop-a held good and are refused now, as bad_signature: "
        "its webhook_secret may have been changed on one side."
    )
    assert look(gateway) == [("deliveries_refused", "connection:shop-a", sentence)]
    assert gateway.post_in("shop-a", BODY).status_code == 200
    write(gateway)
    assert look(gateway) == []
    assert seen(gateway)["state"] == "works"


def test_the_incident_says_where_the_secret_is_kept_and_never_what_it_is(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", "whsec_c2VjcmV0LW9mLXRoZS10b3du")
    gateway.world.sql(
        """UPDATE connection SET secrets = '{"webhook_secret": "env:SHOP_SECRET"}',
        version = version + 1 WHERE code = 'shop-a'"""
    )
    gateway.world.sql(
        """UPDATE setting SET value = jsonb_build_object('version',
        CAST(value ->> 'version' AS int) + 1) WHERE name = 'directory'"""
    )
    again = Gateway(gateway.world)
    assert again.post_in("shop-a", BODY).status_code == 200
    refuse(again, 5)
    write(again)
    again.app.close()
    ((_, _, sentence),) = look(gateway)
    assert "its webhook_secret (env:SHOP_SECRET) may have" in sentence


def test_strangers_who_sign_nothing_are_counted_and_no_incident(gateway: Gateway) -> None:
    assert gateway.post_in("shop-a", BODY).status_code == 200
    for _ in range(10):
        headers = {"Content-Type": "application/json"}
        assert gateway.post_in("shop-a", BODY, headers).status_code in {401, 429}
    write(gateway)
    assert (look(gateway), seen(gateway)["state"]) == ([], "works")
    assert seen(gateway)["deliveries"]["refused_last_hour"]["missing_signature"] > 0


def test_several_gateways_add_up(gateway: Gateway) -> None:
    another = Gateway(gateway.world)
    refuse(gateway, 3)
    refuse(another, 4)
    write(gateway)
    write(another)
    another.app.close()
    assert sum(seen(gateway)["deliveries"]["refused_last_hour"].values()) == 7


def test_what_is_older_than_an_hour_or_a_day_is_counted_no_more(gateway: Gateway) -> None:
    refuse(gateway, 2)
    write(gateway)
    gateway.world.sql("UPDATE refusal SET slot = slot - interval '2 hours'")
    arriving = seen(gateway)["deliveries"]
    assert (arriving["refused_last_hour"], arriving["refused_last_day"]) == (
        {},
        {"bad_signature": 2},
    )
    gateway.world.sql("UPDATE refusal SET slot = slot - interval '23 hours'")
    assert seen(gateway)["deliveries"]["refused_last_day"] == {}


def test_a_flood_is_one_row_and_one_statement(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[Any] = []
    unit = Database.unit

    def counted(self: Database, work: Any, *rest: Any) -> Any:
        statements.append(work)
        return unit(self, work, *rest)

    tally = Tally(gateway.store)
    for _ in range(100_000):
        tally.refused("shop-a", "bad_signature")
    monkeypatch.setattr(Database, "unit", counted)
    tally.write()
    tally.write()  # nothing new, nothing written
    assert len(statements) == 1
    assert [
        tuple(row) for row in gateway.world.sql("SELECT connection, code, count FROM refusal")
    ] == [("shop-a", "bad_signature", 100_000)]


def test_while_the_database_is_away_the_counts_are_kept(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("away")

    tally = Tally(gateway.store)
    tally.accepted("shop-a")
    tally.refused("shop-a", "bad_signature")
    with monkeypatch.context() as patched:
        patched.setattr(Database, "unit", away)
        tally.write()
    tally.refused("shop-a", "bad_signature")
    tally.write()
    found = seen(gateway)["deliveries"]
    assert found["refused_last_hour"] == {"bad_signature": 2}
    assert found["accepted_at"] is not None


def test_nothing_that_a_caller_or_an_adapter_makes_up_becomes_a_row_or_a_label(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/in/nobody", "/in/../x", "/in/shop-a%0a", "/in/" + "x" * 500):
        gateway.client.post(path, data=BODY)

    def verify(*_: object) -> None:
        raise NotAuthentic("made-up by 198.51.100.7")

    monkeypatch.setattr("adapters.kit.standard.check_standard", verify)
    with capture_logs():
        gateway.post_in("shop-a", BODY)
    write(gateway)
    assert [tuple(row) for row in gateway.world.sql("SELECT connection, code FROM refusal")] == [
        ("shop-a", OTHER)
    ]
    shown = generate_latest(gateway.app.metrics.whole).decode()
    codes = re.findall(r'orderhub_deliveries_refused\{code="([^"]*)",connection="([^"]*)"\}', shown)
    assert codes == [(OTHER, "shop-a")]
    outcomes = set(re.findall(r'orderhub_intake_total\{[^}]*outcome="([^"]*)"', shown))
    assert outcomes <= CODES | {OTHER, "stored", "repeated"}
    assert 'orderhub_connection_state{connection="shop-a",state=' in shown


def test_the_gateway_writes_what_is_left_when_it_ends(gateway: Gateway) -> None:
    gone = Gateway(gateway.world)
    assert gone.post_in("shop-a", BODY).status_code == 200
    gone.app.close()
    assert seen(gateway)["deliveries"]["accepted_at"] is not None
