"""A batch of counts or changes is decided in the order told, and asks as much as one does."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from hub import flows
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.merchant import OPERATOR
from hub.rules.messages.receiving import Verdict
from hub.store.base.ids import new_id
from hub.store.config import snapshot
from hub.store.stock import articles, stock_levels
from hub.store.stock.stock_levels import Movement
from tests.kit import plans
from tests.kit.catalogue import shipment, stock_change, stock_report
from tests.kit.world import Merchant

NOON = 12
MANY = 200
LEVELS = 1000


def report(number: str, *, hour: int = NOON, **pieces: int) -> dict[str, Any]:
    return stock_report(number, pieces=pieces, at=f"2026-11-24T{hour:02d}:00:00Z")


def change(number: str, **pieces: int) -> dict[str, Any]:
    at = f"2026-11-24T{NOON}:00:00Z"
    return stock_change(number, pieces=pieces, at=at, reason="damage")


def take(acme: Merchant, trees: Sequence[dict[str, Any]]) -> tuple[list[Verdict], list[str]]:
    """All of them in one transaction. Returns the verdicts, and the statements that were made."""
    partner = acme.world.store.directory().connections[acme.at_wh.code]
    told = []
    for tree in trees:
        number = tree.get("report_id") or tree["change_id"]
        source = {"connection": acme.at_wh.code, "id": number}
        document = read(tree["type"], {**tree, "source": source, "warehouse": acme.at_wh.code})
        told.append(Told(document, partner, new_id(), new_id()))
    with acme.world.unit() as unit, plans.statements(unit.db) as made:
        verdicts = flows.take(unit, told)
    return verdicts, made


def booked(acme: Merchant) -> list[tuple[str, Decimal, Decimal, str]]:
    """The ledger's lines of what was told, article by article in their order."""
    rows = acme.rows(
        """SELECT sku, delta, balance_after, document FROM ledger
        WHERE merchant_id = :merchant AND document LIKE 'stock!_%' ESCAPE '!' ORDER BY sku, id"""
    )
    return [tuple(row) for row in rows]


def test_a_later_count_of_a_batch_sees_what_an_earlier_one_moved(new_merchant: Any) -> None:
    acme = new_merchant(A=10, B=5)
    verdicts, _ = take(acme, [report("r1", A=7), report("r2", A=9, B=5), report("r3", A=9)])
    assert [one.status for one in verdicts] == ["done"] * 3
    assert booked(acme) == [
        ("A", Decimal(-3), Decimal(7), "stock_report:r1"),
        ("A", Decimal(2), Decimal(9), "stock_report:r2"),
    ]
    assert acme.stock() == {"A": (9, 0), "B": (5, 0)}
    acme.world.check_books()


def test_each_message_of_a_batch_gets_its_own_verdict(new_merchant: Any) -> None:
    acme = new_merchant(A=10, B=10)
    take(acme, [report("r0", A=10, hour=1)])
    verdicts, _ = take(
        acme,
        [
            report("r0", A=1, hour=23),
            report("r1", A=8),
            report("r2", A=1, hour=NOON - 1),
            report("r3", A=1, UNHEARD=1),
            report("r4", A=1, B=9, hour=NOON - 1),
            report("r5"),
        ],
    )
    assert [(one.status, one.code, one.path, one.waits_for) for one in verdicts] == [
        ("ignored", "repeated", "", None),
        ("done", "", "", None),
        ("ignored", "stale", "", None),
        ("waiting", "unknown_code", "lines.1.sku", "sku:UNHEARD"),
        ("done", "", "", None),
        ("done", "", "", None),
    ]
    assert acme.stock() == {"A": (8, 0), "B": (9, 0)}
    again, _ = take(acme, [report("r3", A=7), report("r2", A=1)])
    assert [one.code for one in again] == ["", "repeated"]  # what waited was not taken yet


def test_a_count_below_what_is_promised_is_told_once_however_often_it_is_counted(
    new_merchant: Any,
) -> None:
    acme = new_merchant(A=10, B=10)
    acme.notify(1, lines=[("A", 8), ("B", 8)])
    take(acme, [report("r1", A=5), report("r2", A=4, B=3)])
    rows = acme.rows(
        "SELECT sentence FROM incident WHERE merchant_id = :merchant ORDER BY sentence"
    )
    assert [row.sentence for row in rows] == [
        f"{acme.at_wh.code} counts 3 of B, but 8 are promised",
        f"{acme.at_wh.code} counts 5 of A, but 8 are promised",
    ]
    assert acme.stock() == {"A": (4, 8), "B": (3, 8)}


def test_the_time_of_each_count_is_kept_level_by_level(new_merchant: Any) -> None:
    acme = new_merchant(A=10, B=10)
    take(acme, [report("r1", A=10, hour=9), report("r2", B=10, hour=7), report("r3", A=10, hour=8)])
    rows = acme.rows(
        "SELECT sku, counted_at FROM stock_level WHERE merchant_id = :merchant ORDER BY sku"
    )
    assert [(row.sku, row.counted_at.hour) for row in rows] == [("A", 9), ("B", 7)]


def test_what_left_on_the_day_of_a_report_that_names_only_its_day_is_in_it(
    new_merchant: Any,
) -> None:
    """Its moment is the midnight before, and it was counted in the evening."""
    acme = new_merchant(A=10)
    acme.says(shipment(acme.notify(lines=[("A", 2)])))
    acme.world.run()
    take(acme, [report("r1", hour=0, A=8)])
    assert acme.stock() == {"A": (8, 0)}
    acme.world.check_books()


def test_changes_of_a_batch_are_a_ledger_line_each(new_merchant: Any) -> None:
    acme = new_merchant(A=10)
    verdicts, _ = take(acme, [change("c1", A=-3), change("c2", A=5), change("c3", X=1)])
    assert [one.code for one in verdicts] == ["", "", "unknown_code"]
    assert booked(acme) == [
        ("A", Decimal(-3), Decimal(7), "stock_change:c1"),
        ("A", Decimal(5), Decimal(12), "stock_change:c2"),
    ]
    again, _ = take(acme, [change("c2", A=5), change("c4", A=1)])
    assert [one.code for one in again] == ["repeated", ""]
    acme.world.check_books()


@pytest.mark.parametrize("tell", [report, change])
def test_a_batch_asks_no_more_than_a_single_message(
    tell: Callable[..., dict[str, Any]], new_merchant: Any
) -> None:
    acme = new_merchant(A=10_000, B=10_000, C=10_000)
    acme.notify(1, lines=[("A", 9_000)])
    one, made = take(acme, [tell("t0", A=1, B=2, X=1), tell("t1", A=1, B=2)])
    many, made_of_many = take(
        acme,
        [
            *[tell(f"m{n}", A=n, B=n + 1, C=2) for n in range(MANY)],
            *[tell(f"u{n}", A=n, **{f"U{n}": 1}) for n in range(MANY)],
        ],
    )
    assert [verdict.status for verdict in many] == ["done"] * MANY + ["waiting"] * MANY
    assert [verdict.status for verdict in one] == ["waiting", "done"]
    assert sorted(made_of_many) == sorted(made)
    assert len(booked(acme)) > MANY


def test_a_warehouse_of_the_operator_counts_the_goods_of_several_merchants(
    new_merchant: Any,
) -> None:
    acme, other = new_merchant(MINE=1), new_merchant(THEIRS=1)
    acme.world.sql(
        "UPDATE connection SET merchant_id = :operator WHERE code = :wh",
        operator=OPERATOR,
        wh=acme.at_wh.code,
    )
    with acme.world.store.database.begin() as db:
        snapshot.changed(db)
    verdicts, _ = take(acme, [report("r1", MINE=4), report("r2", THEIRS=7, MINE=3)])
    assert [one.status for one in verdicts] == ["done", "done"]
    rows = acme.world.sql(
        """SELECT merchant_id, sku, on_hand FROM stock_level WHERE warehouse = :wh
        ORDER BY sku""",
        wh=acme.at_wh.code,
    )
    assert [tuple(row) for row in rows] == [
        (acme.code, "MINE", Decimal(3)),
        (other.code, "THEIRS", Decimal(7)),
    ]


def test_a_code_that_is_a_sku_of_the_merchants_own_means_that_whatever_a_reference_says(
    new_merchant: Any,
) -> None:
    acme = new_merchant(A=1, B=1)
    with acme.world.store.database.begin() as db:
        for code in ("A", "THEIRS"):
            articles.refer(db, acme.at_wh.code, code, acme.code, "B")
        means = articles.articles_of(db, acme.at_wh.code, acme.code, ["A", "THEIRS", "UNHEARD"])
    assert means == {"A": (acme.code, "A"), "THEIRS": (acme.code, "B")}
    take(acme, [report("r1", A=7, THEIRS=5)])
    assert acme.stock() == {"A": (7, 0), "B": (5, 0)}


def test_moving_many_levels_looks_at_each_a_few_times(new_merchant: Any) -> None:
    acme = new_merchant(A=1)
    moved = [
        Movement(acme.code, acme.at_wh.code, f"S{n}", Decimal(-1), "x", "x", reserved=Decimal(2))
        for n in range(1, LEVELS + 1)
    ]
    with acme.world.store.database.begin() as db:
        savepoint = db.begin_nested()  # promised to nobody: the books of the others must not see it
        db.execute(_PROMISED, {"wh": acme.at_wh.code, "merchant": acme.code, "many": LEVELS})
        with plans.watched(db) as made:
            stock_levels.move(db, moved)
        left = db.execute(_LEFT, {"merchant": acme.code}).all()
        savepoint.rollback()
    (plan,) = [one for key, one in made.items() if "INTO stock_level" in key]
    assert LEVELS < plan.looked < 30 * LEVELS
    assert [tuple(row) for row in left] == [(4, 0, LEVELS)]


def test_counting_many_levels_that_no_statistics_know_of_looks_at_each_a_few_times(
    new_merchant: Any,
) -> None:
    acme, counted = new_merchant(A=1), datetime(2026, 11, 24, NOON, tzinfo=UTC)
    articles = [(acme.code, f"S{n}") for n in range(1, LEVELS + 1)]
    with acme.world.store.database.begin() as db:
        savepoint = db.begin_nested()
        db.execute(_PROMISED, {"wh": acme.at_wh.code, "merchant": acme.code, "many": LEVELS})
        with plans.watched(db) as made:
            locked = stock_levels.lock(db, acme.at_wh.code, articles)
            times = {(row.merchant_id, row.sku, row.quality): counted for row in locked}
            stock_levels.mark_counted(db, acme.at_wh.code, times)
        known = db.execute(_COUNTED, {"merchant": acme.code}).all()
        savepoint.rollback()
    assert len(made) == 2
    assert [plan.looked for plan in made.values() if not LEVELS < plan.looked < 30 * LEVELS] == []
    assert [tuple(row) for row in known] == [(5, 2, counted, LEVELS)]


_PROMISED = sa.text(
    """INSERT INTO stock_level (warehouse, merchant_id, sku, on_hand, reserved)
    SELECT :wh, :merchant, 'S' || n, 5, 2 FROM generate_series(1, :many) AS n"""
)
_LEFT = sa.text(
    """SELECT on_hand, reserved, count(*) FROM stock_level
    WHERE merchant_id = :merchant AND sku <> 'A' GROUP BY 1, 2"""
)
_COUNTED = sa.text(
    """SELECT on_hand, reserved, counted_at, count(*) FROM stock_level
    WHERE merchant_id = :merchant AND sku <> 'A' GROUP BY 1, 2, 3"""
)
