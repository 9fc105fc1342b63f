"""What is kept back and how channels share: set, promised by, and told at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.flows.orders import reconsider
from hub.flows.stock import freshness, stock_out
from hub.model.errors import BadData
from hub.store.config import snapshot
from tests.kit.catalogue import stock_report
from tests.kit.world import Merchant

SHOP = ("shipment", "stock_level")


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    made = new_merchant(shop_takes=SHOP, A=10, B=10)
    made.shop(f"{made.at_shop.code}-2", takes=SHOP)
    return made


def rule(acme: Merchant, **body: Any) -> int:
    with acme.world.unit() as unit:
        return len(set_rules(unit, acme.code, body, "ann"))


def told(acme: Merchant, *skus: str) -> dict[str, dict[str, int]]:
    """Channel (1, 2) -> SKU -> what it was told last, after the sweep has looked."""
    for sku in skus:
        acme.world.sql(
            "INSERT INTO stock_dirty VALUES (:m, :sku) ON CONFLICT DO NOTHING", m=acme.code, sku=sku
        )
    with acme.world.unit() as unit:
        while stock_out.publish(unit):
            pass
    rows = acme.rows(
        "SELECT connection, sku, available FROM level_told WHERE merchant_id = :merchant"
    )
    by_channel: dict[str, dict[str, int]] = {}
    for row in rows:
        name = "2" if row.connection.endswith("-2") else "1"
        by_channel.setdefault(name, {})[row.sku] = int(row.available)
    return by_channel


def safeties(acme: Merchant) -> dict[str, int]:
    rows = acme.rows(
        "SELECT sku, safety FROM stock_level WHERE merchant_id = :merchant AND quality = 'good'"
    )
    return {row.sku: int(row.safety) for row in rows}


def count(acme: Merchant, report: str, at: datetime, **pieces: int) -> None:
    lines = [{"sku": sku, "on_hand": str(n)} for sku, n in pieces.items()]
    tree = stock_report(report, warehouse=acme.at_wh.code, lines=lines)
    acme.world.tell(acme.at_wh.code, {**tree, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
    acme.world.run()


def test_the_most_particular_rule_says_what_a_level_keeps_back(acme: Merchant) -> None:
    wh = acme.at_wh.code
    rule(acme, safety=[{"pieces": "1"}, {"warehouse": wh, "pieces": "2"}])
    assert safeties(acme) == {"A": 2, "B": 2}
    rule(acme, safety=[{"sku": "A", "pieces": "3"}])
    assert safeties(acme) == {"A": 3, "B": 2}
    rule(acme, safety=[{"warehouse": wh, "sku": "A", "pieces": "4"}])
    assert safeties(acme) == {"A": 4, "B": 2}
    assert told(acme) == {"1": {"A": 6, "B": 8}, "2": {"A": 6, "B": 8}}
    assert rule(acme, safety=[{"sku": "A", "pieces": "3"}]) == 0


def test_a_level_that_is_new_keeps_back_what_the_rules_say(acme: Merchant) -> None:
    acme.world.sql(
        "INSERT INTO product (merchant_id, sku, title) VALUES (:m, 'NEW', 'New')", m=acme.code
    )
    rule(acme, safety=[{"pieces": "4"}])
    count(acme, "r1", datetime(2026, 11, 24, tzinfo=UTC), NEW=9)
    assert safeties(acme) == {"A": 4, "B": 4, "NEW": 4}
    assert told(acme)["1"]["NEW"] == 5


def test_what_is_kept_back_is_not_promised_until_the_rule_lets_it_go(acme: Merchant) -> None:
    rule(acme, safety=[{"sku": "A", "pieces": "9"}])
    acme.order(1, lines=[("A", 2)])
    acme.world.run()
    assert (acme.row(1).status, acme.stock()["A"]) == ("held", (10, 0))
    rule(acme, safety=[{"sku": "A", "pieces": "8"}])
    with acme.world.unit() as unit:
        reconsider.look_again(unit)
    assert (acme.row(1).status, acme.stock()["A"]) == ("open", (10, 2))
    acme.world.check_books()


def test_channels_are_told_their_shares(acme: Merchant) -> None:
    first, second = acme.at_shop.code, f"{acme.at_shop.code}-2"
    rule(acme, shares=[{"percent": 70, "channel": first}, {"fixed": 2, "channel": second}])
    assert told(acme) == {"1": {"A": 7, "B": 7}, "2": {"A": 2, "B": 2}}
    rule(
        acme,
        shares=[
            {"fixed": 6, "channel": first},
            {"priority": [first, second]},
            {"fixed": 10, "channel": first, "sku": "B"},
        ],
    )
    assert told(acme) == {"1": {"A": 6, "B": 10}, "2": {"A": 4, "B": 0}}


def test_a_level_that_is_too_old_is_told_as_its_floor_until_it_is_counted(acme: Merchant) -> None:
    wh, first = acme.at_wh.code, acme.at_shop.code
    rule(acme, shares=[{"floor": 3, "channel": first}])
    acme.world.sql(
        """UPDATE connection SET options = '{"stock_max_age_s": 3600}' WHERE code = :wh""", wh=wh
    )
    now = datetime.now(UTC)
    count(acme, "r1", now - timedelta(minutes=30), A=10)
    look(acme)
    assert told(acme) == {"1": {"A": 10, "B": 3}, "2": {"A": 10, "B": 0}}
    (sentence,) = acme.rows(
        "SELECT sentence FROM incident WHERE merchant_id = :merchant AND status = 'open'"
    )[0]
    assert sentence.startswith(f"{wh} did not count 1 levels for 3600 s")
    count(acme, "r2", now - timedelta(minutes=20), B=10)
    look(acme)
    assert told(acme)["2"] == {"A": 10, "B": 10}
    assert (
        acme.rows("SELECT 1 FROM incident WHERE merchant_id = :merchant AND status = 'open'") == []
    )


def look(acme: Merchant) -> None:
    with acme.world.unit() as unit:
        unit.directory = snapshot.load(unit.db, 0)
        freshness.look(unit)


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        (
            {"safety": [{"warehouse": "nowhere", "pieces": "1"}]},
            "safety.0.warehouse",
            "unknown_code",
        ),
        ({"safety": [{"pieces": "-1"}]}, "safety.0.pieces", "bad_quantity"),
        ({"safety": [{"pieces": "1"}, {"pieces": "2"}]}, "safety.1", "duplicate_key"),
        ({"shares": [{"percent": 10, "channel": "x"}]}, "shares.0.rules.0.channel", "unknown_code"),
        ({"shares": [{"many": 10}]}, "shares.0.rules.0", "bad_data"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(
    acme: Merchant, body: dict[str, Any], path: str, code: str
) -> None:
    with pytest.raises(BadData) as refused:
        rule(acme, **body)
    assert [(one.path, one.code) for one in refused.value.problems()] == [(path, code)]
    assert safeties(acme) == {"A": 0, "B": 0}


def test_where_no_age_is_set_any_more_all_levels_hold_again(acme: Merchant) -> None:
    wh = acme.at_wh.code
    for options, stale in (('{"stock_max_age_s": 3600}', 2), ("{}", 0)):
        acme.world.sql(
            "UPDATE connection SET options = CAST(:o AS jsonb) WHERE code = :wh", o=options, wh=wh
        )
        look(acme)
        rows = acme.rows("SELECT 1 FROM stock_level WHERE merchant_id = :merchant AND stale")
        assert len(rows) == stale
    assert acme.incidents() == ["stock_not_fresh"]
    assert (
        acme.rows("SELECT 1 FROM incident WHERE merchant_id = :merchant AND status = 'open'") == []
    )
