"""messages, trace and doctor on a hub with something in it."""

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from hub.cli.watch import checks
from hub.store.base.ids import new_id
from hub.store.orders import fulfilments
from tests.cli.conftest import Run
from tests.kit.catalogue import sales_order, shipment, status
from tests.kit.world import World


@pytest.fixture
def shipped(world: World) -> str:
    """An order that went all the way; its fulfilment order."""
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = fulfilments.number(world.sql("SELECT id FROM fulfilment_order")[0][0])
    world.tell("wh", status(number, "accepted"), key=number)
    world.tell("wh", shipment(number), key=number)
    world.run()
    return number


@pytest.fixture
def parked(world: World) -> UUID:
    """A message that nobody can read."""
    kept = world.tell_raw("shop", "sales_order", b'{"type": "sales_order"}', key="7")
    world.run()
    assert world.message_status(kept.id) == "parked"
    return kept.id


def test_an_order_is_traced_through_all_partners(on_database: Run, world: World, shipped: str):
    done = on_database("trace", "#1001")
    assert done.code == 0
    assert done.out.startswith("order #1001 of shop (1001) is completed, 30 EUR, merchant acme\n")
    lines = [line.split() for line in done.out.splitlines() if line.startswith("20")]
    told = [(line[1], line[2], line[3]) for line in lines if line[1] != "hub"]
    assert told == [
        ("in", "shop", "sales_order"),
        *told[1:3],
        ("in", "wh", "fulfilment_status"),
        ("in", "wh", "shipment"),
        *told[5:],
    ]
    assert sorted(told[1:3]) == [("out", "erp", "sales_order"), ("out", "wh", "fulfilment_order")]
    assert sorted(told[5:]) == [("out", "erp", "shipment"), ("out", "shop", "shipment")]
    assert "TRACK-s1" in done.out
    assert f"{shipped}  wh" in done.out
    assert "3 of 3" in done.out
    assert "Ada" not in done.out


@pytest.mark.parametrize("name", ["number", "channel", "id", "fulfilment"])
def test_an_order_is_found_by_any_of_its_names(on_database: Run, world: World, shipped: str, name):
    names = {
        "number": "#1001",
        "channel": "1001",
        "id": str(world.order().id),
        "fulfilment": shipped,
    }
    done = on_database("trace", names[name], "--json")
    assert done.code == 0
    assert done.json["order"]["channel_order_id"] == "1001"
    assert done.json["order"]["status"] == "completed"
    assert [one["id"] for one in done.json["fulfilment_orders"]] == [shipped]
    times = [step["at"] for step in done.json["timeline"]]
    assert times == sorted(times)
    assert len(done.json["messages"]) == 7


def test_an_order_that_is_none_or_several_is_said(on_database: Run, world: World):
    nothing = on_database("trace", "4507")
    assert (nothing.code, nothing.errors) == (65, {"": "not_found"})
    world.merchant().shop("shop2", takes=())
    world.tell("shop", sales_order(), key="1001")
    world.tell("shop2", sales_order(channel="shop2", minute=1), key="1001")
    world.run()
    several = on_database("trace", "#1001")
    assert several.code == 65
    assert "of shop" in several.err
    assert "of shop2" in several.err
    one = on_database("trace", str(world.sql("SELECT id FROM sales_order ORDER BY id")[0][0]))
    assert one.code == 0


def test_messages_are_listed_page_by_page(on_database: Run, world: World, shipped: str):
    first = on_database("messages", "list", "--limit", "4", "--json").json
    rest = on_database("messages", "list", "--cursor", first["next_cursor"], "--json").json
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (4, 3, None)
    ids = [one["id"] for one in [*first["items"], *rest["items"]]]
    assert ids == sorted(ids, reverse=True)
    assert first["items"][0]["status"] == "delivered"
    out = on_database("messages", "list", "--direction", "out", "--connection", "erp").out
    assert [line.split()[4] for line in out.splitlines()[1:]] == ["shipment", "sales_order"]
    wrong = on_database("messages", "list", "--cursor", "nonsense")
    assert (wrong.code, wrong.errors) == (65, {"cursor": "bad_id"})


def test_one_message_is_shown_with_its_attempts_and_its_payload_only_on_demand(
    on_database: Run, world: World, parked: UUID
):
    done = on_database("messages", "show", str(parked), "--json")
    assert done.code == 0
    assert done.json["status"] == "parked"
    assert done.json["error"]["code"] == "missing_field"
    assert [one["number"] for one in done.json["attempts_made"]] == [1]
    assert "payload" not in done.json

    shown = on_database("messages", "show", str(parked), "--payload")
    assert '{"type": "sales_order"}' in shown.out
    assert world.one("SELECT action FROM audit") == "message.payload"
    missing = on_database("messages", "show", str(new_id()))
    assert (missing.code, missing.errors) == (65, {"": "not_found"})


def test_a_parked_message_is_replayed_by_its_id_and_that_is_audited(
    on_database: Run, world: World, parked: UUID
):
    done = on_database("messages", "replay", str(parked), "--reason", "mended", "--json")
    assert (done.code, done.json["replayed"]) == (0, 1)
    assert world.message_status(parked) == "received"
    assert world.one("SELECT action, detail ->> 'reason' FROM audit") == (
        "message.replay",
        "mended",
    )
    again = on_database("messages", "replay", str(parked), "--reason", "again")
    assert (again.code, again.errors) == (65, {"": "conflict"})


def test_a_selection_is_counted_first_and_then_replayed(
    on_database: Run, world: World, parked: UUID
):
    args = ("--status", "parked", "--code", "missing_field", "--reason", "mended", "--json")
    counted = on_database("messages", "replay", *args, "--dry-run").json
    assert counted == {
        "selected": 1,
        "replayed": 0,
        "left": 0,
        "overtaken": {},
        "refused": [],
        "paused": [],
        "dry_run": True,
    }
    assert world.message_status(parked) == "parked"
    assert on_database("messages", "replay", *args).json["replayed"] == 1
    assert world.message_status(parked) == "received"
    assert on_database("messages", "replay", *args).json["replayed"] == 0


def test_what_partners_sent_cannot_write_to_the_terminal(on_database: Run, world: World):
    world.tell_raw("shop", "orders\x1b[2J\nall is well", b"{}", key="k\u202e")
    out = on_database("messages", "list").out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert len(out.splitlines()) == 2


PARTNER = """
network: {{private: ["127.0.0.0/8"], http: true}}
merchants: [{{code: acme, name: A, currency: EUR}}]
connections:
  - {{code: wh, kind: warehouse, adapter: qimen, merchant: acme,
     settings: {{api_url: "http://127.0.0.1:{port}/", app_key: k, customer_id: c, owner_code: o,
     warehouse_code: w}}, secrets: {{app_secret: "env:WH_SECRET"}}}}
"""


def findings(done) -> dict[str, dict[str, str]]:
    return {one["what"]: one for one in done.json["findings"]}


def test_the_doctor_finds_a_healthy_hub_healthy(on_database: Run, tmp_path: Path):
    assert on_database("seal", stdin="x").code == 0  # makes the keys
    tmp_path.chmod(0o700)
    done = on_database("doctor", "--json")
    found = findings(done)
    assert list(found) == [
        *("home", "disk", "keys", "broker", "database", "migrations", "clock", "trouble")
    ]
    assert {name: one["state"] for name, one in found.items() if name != "disk"} == dict.fromkeys(
        [name for name in found if name != "disk"], "ok"
    )
    assert done.code == 0
    assert " ok" in on_database("doctor").out.splitlines()[-1]


def test_the_doctor_says_which_connection_fails_and_what_to_do(on_database: Run, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        text = PARTNER.format(port=closed.getsockname()[1])
    assert on_database("apply", "-", stdin=text).code == 0
    done = on_database("doctor", "--json")
    assert (done.code, done.json["state"]) == (1, "fail")
    wh = findings(done)["connection wh"]
    assert (wh["state"], wh["do"]) == ("fail", "mend it in the connections file")
    assert "WH_SECRET" in wh["says"]

    monkeypatch.setenv("WH_SECRET", "hush-hush")
    done = on_database("doctor", "--json")
    wh = findings(done)["connection wh"]
    assert (done.code, wh["state"]) == (1, "fail")
    assert wh["do"] == "it does not answer: see its address and network"
    assert "hush" not in json.dumps(done.json)


def test_the_doctor_tells_a_database_that_is_away_or_behind(
    orderhub: Run, empty_db_url, monkeypatch
):
    monkeypatch.setenv("ORDERHUB_DATABASE_URL", "postgresql://u:hush@127.0.0.1:1/db")
    away = orderhub("doctor", "--json")
    assert (away.code, findings(away)["database"]["state"]) == (1, "fail")
    assert "hush" not in away.out

    monkeypatch.setenv("ORDERHUB_DATABASE_URL", empty_db_url)
    behind = orderhub("doctor", "--json")
    assert behind.code == 1
    assert findings(behind)["migrations"]["do"] == "orderhub migrate"


def test_the_doctor_sees_what_is_open_to_others_and_what_is_not_there(
    on_database: Run, tmp_path: Path, monkeypatch
):
    tmp_path.chmod(0o777)
    assert findings(on_database("doctor", "--json"))["home"]["do"] == f"chmod go-w {tmp_path}"
    tmp_path.chmod(0o700)
    (tmp_path / "keys").write_text("nonsense")
    (tmp_path / "keys").chmod(0o600)
    assert findings(on_database("doctor", "--json"))["keys"]["state"] == "fail"
    monkeypatch.setenv("ORDERHUB_HOME", str(tmp_path / "new"))
    assert findings(on_database("doctor", "--json"))["home"]["state"] == "warn"


def test_a_clock_that_differs_is_a_failure(db_url):
    def late() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=8)

    found = {one.what: one for one in checks.database(db_url, embedded=False, clock=late)}
    assert found["clock"].state == "fail"
    assert found["clock"].says.startswith("8.")
    assert found["database"].state == "ok"
