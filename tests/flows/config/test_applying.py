"""The connections file: applied, it is what the hub does; applied again, it changes nothing."""

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
import sqlalchemy as sa

from adapters.kit import registry
from adapters.kit.settings_check import Known
from hub.flows.config import applying, polling
from hub.flows.config.applying import Outcome, shape
from hub.flows.config.applying.adapters import EVENTS
from hub.flows.config.applying.rows import Connection, Limits, Merchant, Network, Stock
from hub.flows.unit import Unit
from hub.model.errors import BadData
from hub.rules.orders import review_rules
from hub.rules.returns import policy
from hub.rules.routing.rulebook import routing_rules
from hub.store import tables
from hub.store.base.database import Database
from hub.store.base.sealing import DataKey, Vault
from hub.store.config import secrets, snapshot
from hub.store.migrate import upgrade
from hub.store.people import audit_checks
from hub.store.stock import stock_levels
from tests.kit.fixtures import ROOT

AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
VAULT = Vault([DataKey(b"key1", bytes(range(32)))])
KNOWN = Known(functools.partial(secrets.reveal, VAULT))

CONTRACT = """
network: {private: ["127.0.0.0/8"], http: true}
merchants:
  - {code: acme, name: Acme Ltd, currency: EUR}
connections:
  - code: shop-eu
    kind: channel
    adapter: shopify
    merchant: acme
    settings: {api_url: "http://127.0.0.1:9001", shop: acme-eu}
    secrets: {webhook_secret: "env:SHOP_EU_SECRET", access_token: "file:/run/secrets/shop-eu"}
    limits: {rate_per_s: 20, concurrency: 4, timeout_s: 15}
    subscribes: [order.fulfilled, stock.changed]
  - code: wh-ams
    kind: warehouse
    adapter: qimen
    merchant: acme
    settings: {api_url: "http://127.0.0.1:9002", app_key: k, customer_id: c, owner_code: ACME,
      warehouse_code: AMS1}
    secrets: {app_secret: "env:WH_AMS_SECRET"}
  - {code: wh-ber, kind: warehouse, adapter: generic_warehouse, merchant: acme,
     secrets: {webhook_secret: "env:WH_BER_SECRET"}}
products:
  - {merchant: acme, sku: TSHIRT-M, title: T-shirt M, gtin: "4006381333931"}
stock:
  - {warehouse: wh-ams, sku: TSHIRT-M, on_hand: 100}
  - {warehouse: wh-ams, sku: MUG, on_hand: 5}
routing:
  - merchant: acme
    rules:
      - {filter: ships_to, warehouse: wh-ams, countries: [NO, BE, DE]}
      - {sort: fewest_splits}
      - {sort: priority, order: [wh-ams, wh-ber]}
      - {fallback: backorder}
"""


@pytest.fixture
def database(db_url: str) -> Iterator[Database]:
    database = Database(db_url)
    yield database
    database.dispose()


def run(database: Database, text: str | bytes, *, dry_run: bool = False) -> Outcome:
    with database.begin() as db:
        return applying.apply(unit(db), text, KNOWN, "ann", dry_run=dry_run)


def unit(db: sa.Connection) -> Unit:
    return Unit(db, VAULT, snapshot.load(db, snapshot.version_of(db)), AT)


def refused(database: Database, text: str | bytes) -> dict[str, str]:
    """What is said of a file that is wrong; and nothing of it was done."""
    before = everything(database)
    with pytest.raises(BadData) as error:
        run(database, text)
    assert everything(database) == before
    return {problem.path: problem.code for problem in error.value.problems()}


TABLES = ("merchant", "connection", "product", "stock_level", "routing", "setting", "lane", "audit")


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.begin() as db:
        return {
            name: [
                tuple(row)
                for row in db.execute(
                    sa.select(tables.metadata.tables[name]).order_by(sa.text("1, 2"))
                )
            ]
            for name in TABLES
        }


def test_the_file_of_the_contract_is_what_the_hub_then_does(database):
    outcome = run(database, CONTRACT)
    assert [str(change) for change in outcome.changes] == [
        "~ network: private: nothing -> 127.0.0.0/8; http: False -> True",
        "+ merchant acme",
        "+ connection shop-eu",
        "+ connection wh-ams",
        "+ connection wh-ber",
        "+ product acme TSHIRT-M",
        "+ product acme MUG",
        "+ stock acme wh-ams:good:TSHIRT-M",
        "+ stock acme wh-ams:good:MUG",
        "+ routing acme",
    ]
    with database.begin() as db:
        now = snapshot.load(db, 1)
        levels = stock_levels.available(db, ["acme"], ["TSHIRT-M", "MUG"])
        lanes = db.execute(
            sa.text("SELECT connection, count(*) FROM lane GROUP BY 1 ORDER BY 1")
        ).all()
        products = db.execute(sa.text("SELECT sku, title, gtin FROM product ORDER BY 1")).all()
    shop = now.connections["shop-eu"]
    assert (shop.kind, shop.adapter, shop.merchant, shop.status) == (
        "channel",
        "shopify",
        "acme",
        "active",
    )
    assert shop.secrets["access_token"] == "file:/run/secrets/shop-eu"
    assert shop.takes == {"shipment", "stock_level"}
    assert shop.gives == {"sales_order", "refund", "return", "product"}
    assert shop.limits == {"rate_per_s": 20, "concurrency": 4, "timeout_s": 15}
    assert now.network == {"private": ["127.0.0.0/8"], "http": True}
    assert now.rules["acme"][0]["countries"] == ["NO", "BE", "DE"]
    assert {(row.sku, row.available) for row in levels} == {
        ("TSHIRT-M", Decimal(100)),
        ("MUG", Decimal(5)),
    }
    assert [tuple(row) for row in lanes] == [("shop-eu", 8), ("wh-ams", 9), ("wh-ber", 8)]
    assert [tuple(row) for row in products] == [
        ("MUG", "MUG", None),
        ("TSHIRT-M", "T-shirt M", "4006381333931"),
    ]


def test_the_same_file_again_changes_nothing(database):
    run(database, CONTRACT)
    before = everything(database)
    assert run(database, CONTRACT).changes == ()
    assert everything(database) == before


def test_a_dry_run_says_what_would_change_and_does_nothing(database):
    before = everything(database)
    planned = run(database, CONTRACT, dry_run=True)
    assert everything(database) == before
    assert planned.changes == run(database, CONTRACT).changes


POLLED = """
merchants: [{code: acme, name: Acme, currency: EUR}]
connections:
  - code: books
    kind: erp
    adapter: soap_erp
    merchant: acme
    settings: {api_url: "https://erp.example/hub", user: hub}
    secrets: {password: "env:WH_AMS_SECRET"}
    poll: {items: {every_s: 60}}
"""


def test_whoever_was_connected_may_be_asked_what_changed_at_once(database):
    def asked() -> list[str]:
        with database.begin() as db:
            made = unit(db)
            partner = made.directory.connections["books"]
            topics = polling.poll_by(made, partner, "ann", None)
            assert made.rings == {("poll", "books", 0)}
            return topics

    run(database, POLLED, dry_run=True)
    run(database, POLLED)
    assert asked() == ["items", "stock"]
    run(database, POLLED.replace("{every_s: 60}", "false"))
    assert asked() == ["stock"]
    with database.begin() as db:
        rows = db.execute(sa.text("SELECT topic, every_s, due IS NULL FROM poll ORDER BY topic"))
        assert [tuple(row) for row in rows] == [("items", 60, True), ("stock", 300, False)]


def test_what_is_exported_changes_nothing_where_it_came_from_and_makes_the_same_elsewhere(
    database, empty_db_url
):
    run(database, CONTRACT)
    with database.begin() as db:
        text = applying.as_yaml(applying.export(unit(db), KNOWN))
    assert run(database, text).changes == ()

    upgrade(empty_db_url)
    elsewhere = Database(empty_db_url)
    try:
        assert len(run(elsewhere, text).changes) == 10
        with elsewhere.begin() as db:
            assert applying.as_yaml(applying.export(unit(db), KNOWN)) == text
    finally:
        elsewhere.dispose()


def test_an_export_is_the_file_as_one_would_write_it(database):
    run(database, CONTRACT)
    with database.begin() as db:
        tree = applying.export(unit(db), KNOWN)
    assert tree["stock"][1] == {"warehouse": "wh-ams", "sku": "TSHIRT-M", "on_hand": 100}
    assert tree["products"][1] == {
        "merchant": "acme",
        "sku": "TSHIRT-M",
        "title": "T-shirt M",
        "gtin": "4006381333931",
    }
    assert tree["connections"][2] == {
        "code": "wh-ber",
        "kind": "warehouse",
        "adapter": "generic_warehouse",
        "merchant": "acme",
        "secrets": {"webhook_secret": "env:WH_BER_SECRET"},
    }
    assert list(tree) == [
        "network",
        "merchants",
        "connections",
        "products",
        "stock",
        "routing",
    ]


def test_a_change_raises_the_version_and_is_audited_with_before_and_after(database):
    run(database, CONTRACT)
    with database.begin() as db:
        before = snapshot.version_of(db)
    outcome = run(database, CONTRACT.replace("rate_per_s: 20", "rate_per_s: 5"))
    assert [str(change) for change in outcome.changes] == [
        "~ connection shop-eu: limits.rate_per_s: 20 -> 5"
    ]
    with database.begin() as db:
        versions = db.execute(sa.text("SELECT code, version FROM connection ORDER BY code")).all()
        last = db.execute(
            sa.text("SELECT * FROM audit WHERE chain = 'acme' ORDER BY number DESC LIMIT 1")
        ).one()
        assert snapshot.version_of(db) == before + 1
        assert audit_checks.verify(db, "acme") == []
    assert [tuple(row) for row in versions] == [("shop-eu", 2), ("wh-ams", 1), ("wh-ber", 1)]
    assert (last.actor, last.action, last.subject) == ("ann", "connection.change", "shop-eu")
    assert last.detail == {"fields": [{"path": "limits.rate_per_s", "before": 20, "after": 5}]}


def test_what_the_file_does_not_name_is_left_alone_and_said(database):
    run(database, CONTRACT)
    outcome = run(database, "merchants: [{code: other, name: Other, currency: CNY}]")
    assert [str(change) for change in outcome.changes] == ["+ merchant other"]
    assert outcome.untouched == ("shop-eu", "wh-ams", "wh-ber")
    with database.begin() as db:
        assert set(snapshot.load(db, 1).connections) == {"shop-eu", "wh-ams", "wh-ber"}


def test_opening_stock_is_booked_once_for_ever(database):
    run(database, CONTRACT)
    outcome = run(database, CONTRACT.replace("on_hand: 100", "on_hand: 250"))
    assert outcome.changes == ()
    assert ("stock.0.on_hand", "opened_before") in {
        (one.path, one.code) for one in outcome.warnings
    }
    with database.begin() as db:
        booked = db.execute(sa.text("SELECT sku, delta, reason, actor FROM ledger ORDER BY sku"))
        assert [tuple(row) for row in booked] == [
            ("MUG", Decimal(5), "opening", "ann"),
            ("TSHIRT-M", Decimal(100), "opening", "ann"),
        ]


def test_an_opening_balance_of_zero_makes_the_product_known_and_comes_back_in_the_export(database):
    text = CONTRACT.replace("sku: MUG, on_hand: 5", "sku: MUG, on_hand: 0, quality: defective")
    run(database, text)
    with database.begin() as db:
        tree = applying.export(unit(db), KNOWN)
    assert tree["stock"][0] == {
        "warehouse": "wh-ams",
        "sku": "MUG",
        "on_hand": 0,
        "quality": "defective",
    }
    assert run(database, text).changes == ()


def test_fields_of_a_product_that_the_file_does_not_name_are_kept(database):
    run(database, CONTRACT)
    more = CONTRACT.replace('gtin: "4006381333931"', "weight_g: 180, gtin: 4006381333931")
    assert [str(change) for change in run(database, more).changes] == [
        "~ product acme TSHIRT-M: weight_g: nothing -> 180"
    ]
    assert run(database, CONTRACT).changes == ()
    renamed = CONTRACT.replace("title: T-shirt M", "title: Shirt")
    assert [str(change) for change in run(database, renamed).changes] == [
        "~ product acme TSHIRT-M: title: T-shirt M -> Shirt"
    ]


def test_an_operators_warehouse_holds_goods_of_several_merchants(database):
    text = """
    merchants: [{code: a, name: A, currency: EUR}, {code: b, name: B, currency: EUR}]
    connections:
      - {code: hall, kind: warehouse, adapter: generic_warehouse, country: NL, capabilities: [cold],
         secrets: {webhook_secret: "env:S"}}
    stock:
      - {warehouse: hall, sku: X, on_hand: 1, merchant: a}
      - {warehouse: hall, sku: X, on_hand: 2, merchant: b, quality: defective}
    """
    run(database, text)
    with database.begin() as db:
        rows = db.execute(
            sa.text("SELECT merchant_id, quality, on_hand FROM stock_level ORDER BY 1")
        )
        assert [tuple(row) for row in rows] == [("a", "good", 1), ("b", "defective", 2)]
        hall = snapshot.load(db, 1).connections["hall"]
        assert hall.options == {"country": "NL", "capabilities": ["cold"]}
    assert run(database, text).changes == ()


def test_a_sealed_secret_is_taken_and_one_of_another_installation_refused(database):
    other = Vault([DataKey(b"key2", bytes(32))])
    sealed = CONTRACT.replace("env:WH_AMS_SECRET", secrets.seal(VAULT, "s3cret"))
    foreign = CONTRACT.replace("env:WH_AMS_SECRET", secrets.seal(other, "s3cret"))
    assert refused(database, foreign) == {"connections.1.secrets.app_secret": "missing_secret"}
    run(database, sealed)
    assert run(database, sealed).changes == ()
    with database.begin() as db:
        details = db.scalars(sa.text("SELECT detail::text FROM audit")).all()
    assert not any("enc:" in text and "enc:***" not in text for text in details)


def test_what_is_stored_of_a_sealed_secret_is_bound_to_its_connection(database):
    first, second = (
        CONTRACT.replace("env:SHOP_EU_SECRET", secrets.seal(VAULT, word)) for word in ("one", "two")
    )
    run(database, first)
    stored = secrets_of(database)
    assert secrets.reveal(VAULT, stored, ("acme", "shop-eu"))["webhook_secret"] == "one"
    for owner in (("acme", "wh-ams"), ("globex", "shop-eu")):
        with pytest.raises(BadData, match="for another connection"):
            secrets.reveal(VAULT, stored, owner)
    same = CONTRACT.replace("env:SHOP_EU_SECRET", secrets.seal(VAULT, "one"))
    assert run(database, first).changes == run(database, same).changes == ()
    assert secrets_of(database) == stored
    assert [one.name for one in run(database, second).changes] == ["shop-eu"]
    moved = CONTRACT.replace("env:WH_AMS_SECRET", stored["webhook_secret"])
    assert refused(database, moved) == {"connections.1.secrets.app_secret": "missing_secret"}


def secrets_of(database: Database) -> dict[str, str]:
    with database.begin() as db:
        found = db.scalar(sa.text("SELECT secrets FROM connection WHERE code = 'shop-eu'"))
        return {"webhook_secret": found["webhook_secret"]}


def test_a_secret_that_is_not_at_hand_is_a_warning_that_names_it(database, monkeypatch):
    monkeypatch.setenv("SHOP_EU_SECRET", "hush")
    warnings = {one.path: one.message for one in run(database, CONTRACT).warnings}
    assert sorted(warnings) == [
        "connections.0.secrets.access_token",
        "connections.1.secrets.app_secret",
        "connections.2.secrets.webhook_secret",
    ]
    assert "WH_AMS_SECRET" in warnings["connections.1.secrets.app_secret"]


def test_everything_that_is_wrong_is_said_at_once_with_its_place(database):
    text = """
    network: {private: ["10.0.0.1/8", "office"], htp: true}
    merchants:
      - {code: acme, name: Acme, currency: EURO}
      - {code: "a b", name: A, currency: EUR}
      - {code: operator, name: O, currency: EUR}
    connections:
      - {code: one, kind: shop, adapter: shopify}
      - {code: two, kind: channel, adapter: shopfy, merchant: nobody}
      - {code: three, kind: erp, adapter: generic_channel, secrets: {webhook_secret: hush}}
      - {code: four, kind: channel, adapter: generic_channel, settings: {webhook_secret: hush,
         url: "http://example.com", colour: red}, subscribes: [order.eaten], time_zone: Mars/Base,
         limits: {rate_per_s: 0, speed: 3}}
      - {code: five, kind: warehouse, adapter: qimen, release_on: paid,
         settings: {api_url: "https://10.1.2.3/"}}
      - {code: five, kind: warehouse, adapter: generic_warehouse,
         secrets: {webhook_secret: "env:S"}}
    products:
      - {merchant: nobody, sku: A, title: A}
      - {sku: B}
      - {sku: C, title: C, wieght: 3}
    stock:
      - {warehouse: six, sku: A, on_hand: 1}
      - {warehouse: five, sku: A, on_hand: -1}
    routing:
      - rules: [{sort: magic}, {filter: ships_to, warehouse: five, countries: []}, {fallback: hold},
          {sort: priority, order: [seven]}]
    discounts: []
    """
    assert refused(database, text) == {
        "discounts": "unknown_field",
        "network.htp": "unknown_field",
        "merchants.0.currency": "unknown_code",
        "merchants.1.code": "string_pattern_mismatch",
        "merchants.2.code": "reserved",
        "connections.0.kind": "unknown_code",
        "connections.1.merchant": "unknown_code",
        "connections.1.adapter": "unknown_code",
        "connections.2.secrets.webhook_secret": "plain_secret",
        "connections.2.kind": "wrong_kind",
        "connections.3.limits.rate_per_s": "greater_than",
        "connections.3.limits.speed": "unknown_field",
        "connections.4.release_on": "unknown_field",
        "connections.4.settings.api_url": "network_refused",
        "connections.4.settings.app_key": "missing_field",
        "connections.4.secrets.app_secret": "missing_field",
        "connections.4.settings.customer_id": "missing_field",
        "connections.4.settings.owner_code": "missing_field",
        "connections.4.settings.warehouse_code": "missing_field",
        "connections.5": "duplicate_key",
        "products.0.merchant": "unknown_code",
        "products.1.title": "missing_field",
        "products.2.wieght": "unknown_field",
        "stock.0.warehouse": "unknown_code",
        "stock.1.on_hand": "bad_quantity",
        "routing.0.rules.0.sort": "unknown_code",
        "routing.0.rules.1.countries": "missing_field",
        "routing.0.rules.3.order.0": "unknown_code",
    }


def test_what_a_connection_says_is_held_against_its_adapter(database):
    text = """
    connections:
      - {code: four, kind: channel, adapter: generic_channel, time_zone: Mars/Base,
         subscribes: [order.fulfilled, journal.posted],
         settings: {webhook_secret: hush-hush, url: "http://example.com", colour: red}}
    """
    assert refused(database, text) == {
        "connections.0.settings.webhook_secret": "plain_secret",
        "connections.0.settings.url": "network_refused",
        "connections.0.settings.colour": "unknown_field",
        "connections.0.subscribes.1": "unknown_code",
        "connections.0.time_zone": "bad_time",
    }


def test_no_value_of_a_secret_is_ever_said(database):
    text = CONTRACT.replace("env:SHOP_EU_SECRET", "hush-hush").replace(
        "shop: acme-eu", "shop: acme-eu, access_token: hush-hush"
    )
    with pytest.raises(BadData) as error:
        run(database, text)
    assert "hush" not in str([str(error.value), error.value.problems()])


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("kind: channel", "kind: erp"), "connections.0.kind"),
        (("merchant: acme\n    settings", "settings"), "connections.0.merchant"),
    ],
)
def test_a_connection_keeps_its_kind_and_its_merchant(database, change, path):
    run(database, CONTRACT)
    with pytest.raises(BadData) as error:
        run(database, CONTRACT.replace(*change, 1))
    assert (path, "fixed") in {(one.path, one.code) for one in error.value.problems()}
    assert run(database, CONTRACT).changes == ()


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        ("", "", "wrong_type"),
        ("just words", "", "wrong_type"),
        ("- a\n- b", "", "wrong_type"),
        ("connections: {", "", "bad_yaml"),
        ("connections: 5", "connections", "wrong_type"),
        ("connections: [5]", "connections.0", "wrong_type"),
        ("connections: []\nconnections: []", "connections", "duplicate_key"),
        ("merchants: [{code: a, code: b}]", "merchants.0.code", "duplicate_key"),
        ("merchants: &x [{code: a}]\nstock: *x", "stock", "bad_yaml"),
        ("merchants: !!python/object:os.system []", "merchants", "bad_yaml"),
        ("? [a]\n: b", "?", "bad_yaml"),
        ("merchants: " + "[" * 40 + "]" * 40, "merchants" + ".0" * 32, "bad_yaml"),
        ("merchants: " + "[" * 100_000, "", "bad_yaml"),
        (b"merchants: \xff\xfe", "", "bad_encoding"),
        ("merchants: \x00", "", "bad_encoding"),
        ("a: " + "b" * 17 * 1024 * 1024, "", "too_large"),
    ],
    ids=range(16),
)
def test_a_file_that_is_no_such_file_is_refused_with_its_place(database, text, path, code):
    assert refused(database, text) == {path: code}


def test_words_that_yaml_takes_for_something_else_stay_words(database):
    text = """
    merchants: [{code: "no", name: On, currency: NOK}]
    connections:
      - {code: wh, kind: warehouse, adapter: generic_warehouse, merchant: no, country: NO,
         secrets: {webhook_secret: "env:S"}}
    products: [{merchant: no, sku: 007, title: 2026-11-24}, {merchant: no, sku: 12e3, title: yes}]
    routing:
      - {merchant: no, rules: [{filter: cut_off, warehouse: wh, time: 14:30}]}
    """
    run(database, text)
    with database.begin() as db:
        rows = db.execute(sa.text("SELECT sku, title FROM product ORDER BY sku")).all()
        now = snapshot.load(db, 1)
    assert [tuple(row) for row in rows] == [("007", "2026-11-24"), ("12e3", "yes")]
    assert now.connections["wh"].options["country"] == "NO"
    assert now.rules["no"][0]["time"] == "14:30"
    assert run(database, text).changes == ()


PAGE = ROOT / "docs/connections.md"


def test_the_file_on_its_page_is_one_that_is_taken_and_given_back(database):
    text = PAGE.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    assert len(run(database, text).changes) == 9
    assert run(database, text).changes == ()
    with database.begin() as db:
        exported = applying.as_yaml(applying.export(unit(db), KNOWN))
    assert run(database, exported).changes == ()


def test_every_rule_on_the_page_is_one_that_is_known(database):
    page = PAGE.read_text("utf-8")
    for kind, models in routing_rules.KINDS.items():
        for word, model in models.items():
            assert f"{{{kind}: {word}" in page
            for name, about in model.model_fields.items():
                assert (about.alias or name) in page


def test_every_word_of_a_review_rule_is_on_the_page():
    page = PAGE.read_text("utf-8")
    for model in (review_rules.When, review_rules.Then, review_rules.ReviewRule):
        words = [about.alias or name for name, about in model.model_fields.items()]
        assert [word for word in words if f"`{word}`" not in page] == []
    for codes in (review_rules.Holding, review_rules.Approved):
        assert [code for code in get_args(codes) if f"`{code}`" not in page] == []


REVIEW = """
merchants: [{code: acme, name: Acme, currency: EUR}]
review:
  - merchant: acme
    rules:
      - {name: a, when: {skus: [X]}, then: THEN}
"""


@pytest.mark.parametrize(
    ("then", "place", "code"),
    [
        ("{}", "then", "missing_field"),
        ("{hold: no_route}", "then.hold", "unknown_code"),
        ("{warehouse: {prefer: nowhere}}", "then.warehouse", "unknown_code"),
        ("{colour: red}", "then.colour", "unknown_field"),
    ],
)
def test_a_wrong_review_rule_is_refused_with_its_place(database, then, place, code):
    text = REVIEW.replace("THEN", then)
    assert refused(database, text) == {f"review.0.rules.0.{place}": code}


def test_review_rules_are_kept_exported_and_can_be_taken_away(database):
    text = REVIEW.replace("THEN", "{hold: risk}")
    run(database, text)
    with database.begin() as db:
        assert applying.export(unit(db), KNOWN)["review"][0]["rules"][0]["name"] == "a"
    assert run(database, text).changes == ()
    none = "review: [{merchant: acme, rules: []}]"
    assert len(run(database, none).changes) == 1
    with database.begin() as db:
        assert "review" not in applying.export(unit(db), KNOWN)
    assert run(database, none).changes == ()


BEFORE, NEXT_YEAR = AT - timedelta(days=1), datetime(2027, 1, 2, tzinfo=UTC)
RETURNS = """
merchants: [{code: acme, name: Acme, currency: EUR}]
returns:
  - {merchant: acme, TERMS}
"""


@pytest.mark.parametrize(
    ("terms", "place", "code"),
    [
        ("window_days: -1", "window_days", "greater_than_equal"),
        ("settle: perhaps", "settle", "unknown_code"),
        ("colour: red", "colour", "unknown_field"),
        ("restocking_percent: '101'", "restocking_percent", "less_than_equal"),
        ("review: [{name: a, then: burn}]", "review.0.then", "unknown_code"),
        ("warehouses: [{warehouse: nowhere}]", "warehouses.0.warehouse", "unknown_code"),
        (
            "review: [{name: a, when: {channels: [nowhere]}, then: ask}]",
            "review.0.when.channels.0",
            "unknown_code",
        ),
    ],
)
def test_wrong_terms_of_returns_are_refused_with_their_place(database, terms, place, code):
    assert refused(database, RETURNS.replace("TERMS", terms)) == {f"returns.0.{place}": code}


def test_terms_of_returns_are_kept_exported_changed_and_can_be_taken_away(database):
    def known(at=AT):
        with database.begin() as db:
            return policy.of(snapshot.load(db, 0).returns, "acme", at)

    def exported():
        with database.begin() as db:
            return applying.export(unit(db), KNOWN)

    text = RETURNS.replace("TERMS", "settle: auto, restocking_percent: '10'")
    run(database, text)
    assert known().restocking_percent == 10
    assert exported()["returns"] == [
        {"merchant": "acme", "settle": "auto", "restocking_percent": "10"}
    ]
    assert run(database, text).changes == ()
    assert run(database, applying.as_yaml(exported())).changes == ()
    (change,) = run(database, RETURNS.replace("TERMS", "window_days: null")).changes
    assert {it.path: it.after for it in change.fields} == {
        "window_days": None,
        "settle": "by_hand",
        "restocking_percent": "0",
    }
    assert known().window_days is None
    none = "returns: [{merchant: acme}]"
    assert len(run(database, none).changes) == 1
    assert known() == policy.Policy()
    assert "returns" not in exported()
    assert run(database, none).changes == ()


def test_terms_of_returns_of_several_moments_follow_each_other(database):
    rows = """
merchants: [{code: acme, name: Acme, currency: EUR}]
returns:
  - {merchant: acme, valid_from: "2027-01-01T00:00:00Z", window_days: 7}
  - {merchant: acme, window_days: 14}
"""

    def days():
        with database.begin() as db:
            known = snapshot.load(db, 0).returns
            exported = applying.as_yaml(applying.export(unit(db), KNOWN))
        found = [policy.of(known, "acme", at).window_days for at in (BEFORE, AT, NEXT_YEAR)]
        return found, len(known.get("acme", ())), exported

    assert [it.name for it in run(database, rows).changes] == [
        *("acme", "acme", "acme from 2027-01-01T00:00:00Z")
    ]
    found, versions, exported = days()
    assert (found, versions) == ([30, 14, 7], 2)
    assert run(database, rows).changes == ()
    assert run(database, exported).changes == ()
    # what counts from now on counts over what was to begin later, and the row says that anew
    run(database, rows.replace("14", "10"))
    assert days()[:2] == ([30, 10, 7], 4)
    run(database, RETURNS.replace("TERMS", "window_days: 5"))
    assert days()[:2] == ([30, 5, 5], 5)
    assert refused(database, rows.replace("2027-01-01T00:00:00Z", "soon")).keys() == {
        "returns.0.valid_from"
    }


def test_every_term_of_returns_is_on_the_page():
    page = PAGE.read_text("utf-8")
    for model in (policy.Policy, policy.When, policy.PlaceRule, policy.Reason, policy.ReviewRule):
        assert [word for word in model.model_fields if f"`{word}`" not in page] == []


def test_every_key_of_the_file_is_on_its_page():
    page = PAGE.read_text("utf-8")
    models = (Network, Merchant, Connection, Limits, Stock)
    named = {name for model in models for name in model.model_fields}
    named |= {*shape.SECTIONS, *EVENTS, *shape.PRODUCT_FIELDS, *EVENTS.values()}
    assert [name for name in sorted(named) if f"`{name}`" not in page] == []


SERVICES = """
merchants: [{code: acme, name: Acme, currency: EUR}, {code: other, name: Other, currency: EUR}]
connections:
  - {code: shop, kind: channel, adapter: generic_channel, merchant: acme,
     secrets: {webhook_secret: "env:SHOP"}, fulfilment_services: {printhouse-pod: CODE}}
  - {code: wh-print, kind: warehouse, adapter: generic_warehouse, merchant: acme,
     secrets: {webhook_secret: "env:WH"}}
  - {code: wh-far, kind: warehouse, adapter: generic_warehouse, merchant: other,
     secrets: {webhook_secret: "env:WH"}}
"""


@pytest.mark.parametrize("code", ["wh-nowhere", "wh-far", "shop"])
def test_a_fulfilment_service_is_a_warehouse_that_the_merchant_has(database, code):
    place = "connections.0.fulfilment_services.printhouse-pod"
    assert refused(database, SERVICES.replace("CODE", code)) == {place: "unknown_code"}


def test_the_fulfilment_services_of_a_channel_are_kept_and_exported(database):
    run(database, SERVICES.replace("CODE", "wh-print"))
    with database.begin() as db:
        shop = snapshot.load(db, 1).connections["shop"]
    assert shop.options["fulfilment_services"] == {"printhouse-pod": "wh-print"}
    assert run(database, SERVICES.replace("CODE", "wh-print")).changes == ()


def test_every_event_has_an_adapter_that_takes_it() -> None:
    takes = {kind for entry in registry.entries().values() for kind in entry.manifest.takes}
    assert set(EVENTS.values()) == takes


def test_a_channel_that_is_new_or_moves_is_told_of_all_its_stock(database):
    def touched() -> list[str]:
        with database.begin() as db:
            rows = db.scalars(sa.text("DELETE FROM stock_dirty RETURNING sku")).all()
        return sorted(rows)

    run(database, CONTRACT)
    touched()
    shop = """
connections:
  - {code: late, kind: channel, adapter: shopify, merchant: acme, settings: {shop: SHOP},
     secrets: {webhook_secret: "env:S", access_token: "env:T"}, hold_on_note: NOTE,
     subscribes: [EVENT]}
"""

    def late(name: str, note: str, event: str) -> list[str]:
        told = shop.replace("SHOP", name).replace("NOTE", note).replace("EVENT", event)
        run(database, told)
        return touched()

    assert late("one", "true", "stock.changed") == ["MUG", "TSHIRT-M"]
    assert late("one", "false", "stock.changed") == []
    assert late("two", "false", "stock.changed") == ["MUG", "TSHIRT-M"]
    assert late("two", "false", "order.fulfilled") == []
    assert late("two", "false", "stock.changed") == ["MUG", "TSHIRT-M"]
