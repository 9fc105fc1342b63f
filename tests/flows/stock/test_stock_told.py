"""Channels are told of stock that changed, and of nothing else."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.ports import Receipt
from hub import flows
from hub.flows.config import pause
from hub.flows.stock import stock_out
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from tests.kit import plans
from tests.kit.catalogue import product, shipment, stock_report
from tests.kit.world import Merchant

SHOP = ("shipment", "stock_level")
MANY = 20_000


@pytest.fixture
def selling(new_merchant: Callable[..., Merchant]) -> Merchant:
    """A merchant whose shop was told of its stock once."""
    acme = new_merchant(shop_takes=SHOP, A=10, B=10)
    count(acme, "r0", A=11, B=10)
    acme.world.sql("INSERT INTO stock_dirty VALUES (:m, 'B') ON CONFLICT DO NOTHING", m=acme.code)
    publish(acme)
    return acme


def count(acme: Merchant, report: str, **pieces: int) -> None:
    lines = [{"sku": sku, "on_hand": str(n)} for sku, n in pieces.items()]
    acme.world.tell(acme.at_wh.code, report_of(acme, report, lines))
    acme.world.run()


def report_of(acme: Merchant, report: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return stock_report(report, warehouse=acme.at_wh.code, lines=lines)


def publish(acme: Merchant) -> None:
    """The sweep looks at what was touched, and the shop is told."""
    with acme.world.unit() as unit:
        while stock_out.publish(unit):
            pass
    acme.world.run()


def levels(acme: Merchant) -> list[tuple[str, int]]:
    return [
        (document.sku, int(document.available))
        for kind, _, document in acme.at_shop.told
        if kind == "stock_level"
    ]


def written(acme: Merchant) -> int:
    """Tellings of stock that were ever given to the outbox."""
    rows = acme.rows(
        "SELECT 1 FROM message WHERE merchant_id = :merchant AND topic = 'stock_level'"
    )
    return len(rows)


def test_a_count_of_equal_levels_tells_nothing(selling: Merchant) -> None:
    assert sorted(levels(selling)) == [("A", 11), ("B", 10)]
    count(selling, "r1", A=11, B=10)
    assert selling.rows("SELECT sku FROM stock_dirty WHERE merchant_id = :merchant") == []
    publish(selling)
    assert written(selling) == 2


def test_of_a_count_only_what_differs_is_told(selling: Merchant) -> None:
    count(selling, "r1", A=11, B=7)
    publish(selling)
    assert levels(selling)[2:] == [("B", 7)]


def test_a_shipment_of_what_was_reserved_changes_nothing_that_may_be_sold(
    selling: Merchant,
) -> None:
    number = selling.notify(lines=[("A", 2)])
    publish(selling)
    assert levels(selling)[2:] == [("A", 9)]
    selling.says(shipment(number))
    publish(selling)
    assert selling.stock()["A"] == (9, 0)
    assert levels(selling)[2:] == [("A", 9)]


def test_a_level_that_changes_back_before_it_is_sent_is_told_as_it_is_now(
    selling: Merchant,
) -> None:
    count(selling, "r1", A=5)
    with selling.world.unit() as unit:
        stock_out.publish(unit)
    count(selling, "r2", A=11)  # sends what is due, too
    publish(selling)
    assert levels(selling)[2:] == [("A", 5), ("A", 11)]
    count(selling, "r3", A=5)
    count(selling, "r4", A=11)
    publish(selling)
    assert len(levels(selling)) == 4


def test_after_a_connection_was_resumed_what_is_looked_at_is_told_again(selling: Merchant) -> None:
    with selling.world.unit() as unit:
        pause.pause(unit, selling.at_shop.code, "by hand")
        pause.resume(unit, selling.at_shop.code)
    count(selling, "r1", A=12)
    count(selling, "r2", A=11)
    publish(selling)
    assert levels(selling)[2:] == [("A", 11)]


def test_a_level_that_the_channel_had_no_use_for_is_told_once_it_lists_the_article(
    selling: Merchant,
) -> None:
    selling.at_shop.answers = [lambda *_: Receipt("not listed", kept=False)]
    count(selling, "r1", A=9)
    publish(selling)
    shop = selling.at_shop.code
    selling.world.tell(shop, product("A", channel=shop, title="Article A, listed now"))
    selling.world.run()
    publish(selling)
    assert levels(selling)[2:] == [("A", 9), ("A", 9)]


_PLANNED_FOR_FEW = sa.text("SET LOCAL plan_cache_mode = force_generic_plan")
"""As after a few small counts: the database keeps the plan that was good for those."""


def test_a_full_count_of_equal_levels_writes_no_telling_and_asks_a_few_times(
    new_merchant: Callable[..., Merchant], capsys: pytest.CaptureFixture[str]
) -> None:
    acme = new_merchant(shop_takes=SHOP, A=1)
    acme.world.sql(
        """INSERT INTO product (merchant_id, sku, title)
        SELECT :m, 'S' || n, 'Many' FROM generate_series(1, :many) AS n""",
        m=acme.code,
        many=MANY,
    )
    for table, columns in (
        ("stock_level", "warehouse, merchant_id, sku, on_hand"),
        ("level_told", "connection, merchant_id, sku, available"),
    ):
        acme.world.sql(
            f"INSERT INTO {table} ({columns}) SELECT :of, :m, 'S' || n, 3"  # noqa: S608
            " FROM generate_series(1, :many) AS n",
            of=acme.at_wh.code if table == "stock_level" else acme.at_shop.code,
            m=acme.code,
            many=MANY,
        )
    lines = [{"sku": f"S{n}", "on_hand": "3"} for n in range(1, MANY + 1)]
    partner = acme.world.store.directory().connections[acme.at_wh.code]
    report = read("stock_report", report_of(acme, "r1", lines))
    started = time.monotonic()
    with acme.world.unit() as unit, plans.statements(unit.db) as made:
        unit.db.execute(_PLANNED_FOR_FEW)
        (verdict,) = flows.take(unit, [Told(report, partner, new_id(), new_id())])
    seconds = time.monotonic() - started
    publish(acme)
    assert (verdict.status, written(acme)) == ("done", 0)
    assert len(made) <= 13
    with capsys.disabled():
        print(f"\n{MANY} equal levels: {seconds:.1f} s, {len(made)} statements")
