"""apply, export and seal, as one types them."""

from pathlib import Path

from tests.cli.conftest import Run
from tests.flows.config.test_applying import CONTRACT
from tests.kit.catalogue import sales_order
from tests.kit.world import World


def test_a_file_is_applied_once_and_comes_back(on_database: Run, tmp_path: Path):
    path = tmp_path / "connections.yaml"
    path.write_text(CONTRACT)
    planned = on_database("apply", str(path), "--dry-run")
    assert planned.code == 0
    assert "+ connection shop-eu\n" in planned.out
    assert planned.out.endswith("10 changes to make\n")

    done = on_database("apply", str(path), "--json")
    assert (done.code, len(done.json["changes"]), done.json["untouched"]) == (0, 10, [])
    assert {one["code"] for one in done.json["warnings"]} == {"missing_secret"}
    assert on_database("apply", str(path)).out.endswith("0 changes made\n")

    exported = tmp_path / "exported.yaml"
    assert on_database("export", "--to", str(exported)).code == 0
    assert on_database("export").out == exported.read_text()
    assert on_database("apply", str(exported)).out.endswith("0 changes made\n")
    assert on_database("export", "--json").json["merchants"] == [
        {"code": "acme", "name": "Acme Ltd", "currency": "EUR", "status": "active"}
    ]


def test_what_the_file_does_not_name_is_said_to_be_left_alone(on_database: Run):
    assert on_database("apply", "-", stdin=CONTRACT).code == 0
    done = on_database("apply", "-", stdin="network: {http: true}")
    assert "= not in the file, left as they are: shop-eu, wh-ams, wh-ber\n" in done.out
    assert "~ network: private: 127.0.0.0/8 -> nothing\n" in done.out


def test_a_wrong_file_leaves_with_65_each_error_with_its_place(on_database: Run):
    text = CONTRACT.replace("adapter: shopify", "adapter: shopfy").replace(
        "on_hand: 5", "on_hand: x"
    )
    done = on_database("apply", "-", stdin=text)
    assert done.code == 65
    assert done.errors == {"connections.0.adapter": "unknown_code", "stock.1.on_hand": "bad_number"}
    assert on_database("export").out == ""


def test_an_empty_hub_exports_an_empty_file(on_database: Run):
    assert (on_database("export").code, on_database("export").out) == (0, "")


def test_a_sealed_secret_is_one_that_apply_takes(on_database: Run):
    sealed = on_database("seal", stdin="s3cret\n")
    assert sealed.code == 0
    assert sealed.out.startswith("enc:")
    assert "s3cret" not in sealed.out
    text = CONTRACT.replace("env:WH_AMS_SECRET", sealed.out.strip())
    done = on_database("apply", "-", "--json", stdin=text)
    assert done.code == 0
    assert "connections.1.secrets.app_secret" not in {one["path"] for one in done.json["warnings"]}


def test_nothing_cannot_be_sealed(orderhub: Run):
    assert orderhub("seal", stdin="\n").code == 64


def test_connections_are_listed_paused_resumed_and_tested(on_database: Run, world: World):
    listed = on_database("connections", "list")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.out.splitlines()[-3:]] == ["erp", "shop", "wh"]

    paused = on_database("connections", "pause", "wh", "--reason", "they move house", "--json")
    assert (paused.code, paused.json) == (0, {"code": "wh", "status": "paused"})
    assert world.one("SELECT status, paused_because FROM connection WHERE code = 'wh'") == (
        "paused",
        "they move house",
    )
    assert "Paused: they move house.\n" in on_database("connections", "list").out
    again = on_database("connections", "pause", "wh")
    assert (again.code, again.errors) == (65, {"": "conflict"})

    world.tell("shop", sales_order(1), key="1")
    world.tell("wh", sales_order(1), key="1")
    world.run()
    assert world.sql("SELECT status FROM work WHERE connection = 'wh'") == [("waiting",)]
    resumed = on_database("connections", "resume", "wh")
    assert (resumed.code, resumed.out) == (0, "resumed: wh\n")
    assert world.sql("SELECT DISTINCT status FROM work WHERE connection = 'wh'") != [("waiting",)]
    assert on_database("connections", "resume", "wh").code == 65
    assert [
        tuple(row) for row in world.sql("SELECT action, subject FROM audit ORDER BY number")
    ] == [("connection.pause", "connection:wh"), ("connection.resume", "connection:wh")]


def test_what_a_process_lacks_stands_in_the_list(on_database: Run, world: World):
    world.sql(
        """INSERT INTO hindrance (host, pid, kind, connection, direction, lacks, name)
        VALUES ('h', 41, 'worker', 'wh', 'out', 'env', 'WH_TOKEN')"""
    )
    listed = on_database("connections", "list").out
    assert "by worker h:41, for want of the environment variable WH_TOKEN.\n" in listed
    (found,) = on_database("connections", "list", "--json").json["items"][2]["hindered"]
    assert {**found, "since": ""} == {
        "process": "worker h:41",
        "directions": ["out"],
        "lacks": "env",
        "name": "WH_TOKEN",
        "since": "",
    }


def test_a_test_says_what_is_missing_and_leaves_with_1(on_database: Run, world: World):
    world.sql(
        """UPDATE connection SET adapter = 'generic_warehouse',
        secrets = '{"webhook_secret": "env:NOT_SET_ANYWHERE"}' WHERE code = 'wh'"""
    )
    done = on_database("connections", "test", "wh", "--json")
    assert done.code == 1
    assert (done.json["ok"], done.json["message"]) == (
        False,
        "secrets.webhook_secret: the environment variable NOT_SET_ANYWHERE is not set",
    )
    assert on_database("connections", "test", "nowhere").code == 65


def test_a_replay_on_a_paused_connection_says_that_it_waits(on_database: Run, world: World):
    kept = world.tell_raw("shop", "sales_order", b"{not json", key="1")
    world.run()
    assert on_database("connections", "pause", "shop").code == 0
    done = on_database("messages", "replay", str(kept.id), "--reason", "mended")
    waits = "1 replayed; shop paused: it waits until `orderhub connections resume`\n"
    assert (done.code, done.out) == (0, waits)


def test_a_partner_is_asked_now_what_changed(on_database: Run, world: World):
    none = on_database("connections", "poll", "shop")
    assert (none.code, none.errors) == (65, {"": "conflict"})
    world.sql(
        """INSERT INTO poll (merchant_id, connection, topic, every_s, due)
        VALUES ('acme', 'shop', 'orders', 300, now() + interval '1 hour')"""
    )
    done = on_database("connections", "poll", "shop", "--since", "2026-11-24T08:00:00Z")
    assert (done.code, done.out) == (0, "shop is asked for orders\n")
    assert world.one("SELECT due <= now(), asked_since::text FROM poll")[0] is True
    assert world.sql("SELECT action, subject, detail FROM audit") == [
        (
            "connection.poll",
            "connection:shop",
            {"topics": ["orders"], "since": "2026-11-24T08:00:00+00:00"},
        )
    ]
    assert on_database("connections", "pause", "shop").code == 0
    assert on_database("connections", "poll", "shop").code == 65
