"""A long count comes to what the same lines come to as short ones, whichever way it is booked."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import text

from hub import flows
from hub.flows.orders import reconsider
from hub.flows.stock import long_count
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.rules.messages.receiving import Verdict
from hub.store.base.ids import new_id
from hub.store.stock import counting
from tests.kit.catalogue import stock_report
from tests.kit.world import Merchant
from tests.kit.world.processes import until

SKUS = [f"S{n}" for n in range(40)]


def tell(acme: Merchant, report: str, at: str, lines: list[dict[str, Any]]) -> Verdict:
    tree = {**stock_report(report, warehouse=acme.at_wh.code, lines=lines), "at": at}
    partner = acme.world.store.directory().connections[acme.at_wh.code]
    with acme.world.unit() as unit:
        told = Told(read("stock_report", tree), partner, new_id(), new_id())
        (verdict,) = flows.take(unit, [told])
    return verdict


def there_is(acme: Merchant) -> dict[str, list[tuple[Any, ...]]]:
    """All that a count writes, without names that are a merchant's own."""
    queries = {
        "levels": "SELECT sku, quality, on_hand, reserved, safety, counted_at FROM stock_level",
        "ledger": "SELECT sku, quality, delta, balance_after, reason, document FROM ledger",
        "dirty": "SELECT sku FROM stock_dirty",
        "incidents": "SELECT kind, detail::text FROM incident",
    }
    return {
        name: sorted(
            (tuple(row) for row in acme.rows(f"{query} WHERE merchant_id = :merchant")), key=repr
        )
        for name, query in queries.items()
    }


@pytest.mark.parametrize("seed", range(6))
def test_random_counts_come_to_the_same(
    new_merchant: Callable[..., Merchant], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # a history, not a secret
    reports = [
        (
            f"r{n}",
            f"2026-11-2{chance.randint(1, 4)}T10:00:00Z",
            [
                {
                    "sku": chance.choice(SKUS),
                    "on_hand": str(chance.randint(0, 5)),
                    "quality": chance.choice(["good", "good", "defective"]),
                }
                for _ in range(chance.randint(1, 40))
            ],
        )
        for n in range(5)
    ]
    reports.append(reports[0])
    came_to = []
    for longest in (long_count.LONG, 1):
        monkeypatch.setattr(long_count, "LONG", longest)
        monkeypatch.setattr("hub.store.stock.counting.STRETCH", 7)
        acme = new_merchant(S1=4, S2=3)
        acme.world.sql(
            "INSERT INTO product (merchant_id, sku, title) SELECT :m, s, s"
            " FROM unnest(CAST(:skus AS text[])) AS s ON CONFLICT DO NOTHING",
            m=acme.code,
            skus=SKUS,
        )
        acme.order(1, lines=[("S1", 4), ("S2", 2)])
        acme.world.run()
        verdicts = [tell(acme, *report) for report in reports]
        came_to.append(([(one.status, one.code) for one in verdicts], there_is(acme)))
        acme.world.check_books()
    assert came_to[0] == came_to[1]


def test_what_it_does_not_know_waits_with_its_place(
    new_merchant: Callable[..., Merchant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_count, "LONG", 1)
    acme = new_merchant(A=4)
    lines = [{"sku": "A", "on_hand": "1"}, {"sku": "WHAT", "on_hand": "1"}]
    verdict = tell(acme, "r1", "2026-11-24T10:00:00Z", lines)
    assert (verdict.status, verdict.path, verdict.waits_for) == (
        "waiting",
        "lines.1.sku",
        "sku:WHAT",
    )
    assert acme.stock() == {"A": (4, 0)}
    acme.world.sql(
        "INSERT INTO sku_reference (merchant_id, connection, code, sku)"
        " VALUES (:m, :wh, 'WHAT', 'A')",
        m=acme.code,
        wh=acme.at_wh.code,
    )
    assert tell(acme, "r1", "2026-11-24T10:00:00Z", lines).status == "done"
    assert acme.stock() == {"A": (2, 0)}
    acme.world.check_books()


def test_an_order_that_waits_goes_on_when_a_long_count_finds_its_pieces(
    new_merchant: Callable[..., Merchant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_count, "LONG", 1)
    acme = new_merchant(A=1)
    acme.order(1, lines=[("A", 3)])
    acme.world.run()
    assert acme.row(1).status == "held"
    tell(acme, "r1", "2026-11-24T10:00:00Z", [{"sku": "A", "on_hand": "5"}])
    with acme.world.unit() as unit:
        reconsider.look_again(unit)
    assert (acme.row(1).status, acme.stock()) == ("open", {"A": (5, 3)})


LINES = [{"sku": "A", "on_hand": "3"}, {"sku": "B", "on_hand": "2"}]


def test_lines_by_the_merchants_own_numbers_are_looked_up_in_nothing_but_the_levels(
    new_merchant: Callable[..., Merchant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_count, "LONG", 1)
    monkeypatch.setattr(counting, "first_unknown", None)
    acme = new_merchant(A=4, B=2)
    assert tell(acme, "r1", "2026-11-24T10:00:00Z", LINES).status == "done"
    assert acme.stock() == {"A": (3, 0), "B": (2, 0)}
    assert tell(acme, "r1", "2026-11-24T10:00:00Z", LINES).code == "repeated"
    acme.world.check_books()


@pytest.mark.parametrize(
    "lines",
    [
        [*LINES, {"sku": "A", "on_hand": "1"}],  # named twice
        [*LINES, {"sku": "NEW", "on_hand": "0"}],  # no level is there
    ],
)
def test_what_is_not_as_simple_books_nothing_that_way(
    new_merchant: Callable[..., Merchant], lines: list[dict[str, Any]]
) -> None:
    acme = new_merchant(A=4, B=2)
    assert _as_named(acme, lines) is None


def test_a_level_that_somebody_changes_at_that_moment_is_not_booked_unseen(
    new_merchant: Callable[..., Merchant],
) -> None:
    """Between reading a level and writing it stands another change: nothing is booked unseen."""
    acme = new_merchant(A=4, B=2)
    sessions: Queue[int] = Queue()
    with ThreadPoolExecutor(1) as pool:
        with acme.world.store.database.begin() as other:
            other.execute(
                text("UPDATE stock_level SET safety = 1 WHERE merchant_id = :m AND sku = 'A'"),
                {"m": acme.code},
            )
            booked = pool.submit(_as_named, acme, LINES, sessions.put)
            session = sessions.get(timeout=60)
            until(lambda: _waits(acme, session), "the count waits for it")
        assert booked.result(10) is None


def _as_named(
    acme: Merchant, lines: list[dict[str, Any]], who: Callable[[int], None] = lambda _: None
) -> counting.Difference | None:
    at = datetime.now(UTC)
    with acme.world.unit() as unit:
        who(unit.db.scalar(text("SELECT pg_backend_pid()")) or 0)
        counted = counting.Count(acme.at_wh.code, acme.code, at, "stock_report:r", "wh")
        shelf = ((one["sku"], "good", Decimal(one["on_hand"])) for one in lines)
        counting.lay_out(unit.db, shelf)
        return counting.book_as_named(unit.db, counted)


def _waits(acme: Merchant, session: int) -> bool:
    query = "SELECT count(*) FROM pg_locks WHERE pid = :pid AND NOT granted"
    return bool(acme.world.one(query, pid=session))
