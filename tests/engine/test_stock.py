"""Stock: nothing promised twice, the level is its ledger, and what is short says so."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from hub import flows
from hub.flows import notices
from hub.flows.unit import Told, Unit
from hub.model.catalogue import read
from hub.store import reservations, stock
from hub.store.ids import new_id
from hub.store.reservations import Reservation
from hub.store.stock import Movement
from tests.engine.town import Town, together
from tests.kit.world import World, sales_order, shipment, status

THREADS, PIECES, EACH = 16, 50, 4


def take(town: Town, number: int, pieces: int) -> None:
    """One order, taken in by a transaction of its own, as a lane's worker does."""
    partner = town.world.store.directory().partners[town.shop]
    told = sales_order(number, channel=town.shop, lines=[("A", pieces)])
    one = Told(read("sales_order", told), partner, new_id(), new_id())

    def work(db: object) -> None:
        directory = town.world.store.directories.read(db)
        flows.take(Unit(db, town.world.store.vault, directory, datetime.now(UTC)), [one])

    town.world.store.database.unit(work)


class Watcher(threading.Thread):
    """Looks at the stock again and again, each time at one moment."""

    def __init__(self, town: Town) -> None:
        super().__init__()
        self._town, self.stop, self.looks, self.wrong = town, threading.Event(), 0, []

    def run(self) -> None:
        while not self.stop.wait(0.01):
            (row,) = self._town.rows(
                """SELECT on_hand, reserved,
                  (SELECT sum(delta) FROM ledger WHERE warehouse = :wh AND sku = 'A') AS booked,
                  (SELECT coalesce(sum(open), 0) FROM reservation
                   WHERE warehouse = :wh AND sku = 'A') AS promised
                FROM stock_level WHERE warehouse = :wh AND sku = 'A'""",
                wh=self._town.wh,
            )
            self.looks += 1
            if row.reserved > row.on_hand or (row.on_hand, row.reserved) != (
                row.booked,
                row.promised,
            ):
                self.wrong.append(tuple(row))


@pytest.fixture
def one_article(new_town: Callable[..., Town]) -> Town:
    return new_town(A=PIECES)


def test_G18_sixteen_writers_on_one_article_never_promise_more_than_there_is(
    one_article: Town,
) -> None:
    town, watcher = one_article, Watcher(one_article)
    watcher.start()
    failed = together(*[lambda n=n: take(town, n, EACH) for n in range(1, THREADS + 1)])
    watcher.stop.set()
    watcher.join()
    assert failed == []
    assert (watcher.wrong, watcher.looks > 2) == ([], True)
    statuses = [
        row[0] for row in town.rows("SELECT status FROM sales_order WHERE merchant_id = :merchant")
    ]
    assert (statuses.count("open"), statuses.count("held")) == (12, 4)  # 12 x 4 = 48 of 50
    assert town.stock() == {"A": (50, 48)}
    reasons = town.rows(
        """SELECT DISTINCT reason ->> 'code' FROM sales_order,
          jsonb_array_elements(hold_reasons) AS reason WHERE merchant_id = :merchant"""
    )
    assert [row[0] for row in reasons] == ["out_of_stock"]
    town.world.check_books()


def test_G18_orders_in_one_batch_share_what_there_is_in_their_order(one_article: Town) -> None:
    for number in range(1, 5):
        one_article.order(number, lines=[("A", 20)])
    one_article.world.run()
    held = [one_article.row(number).status for number in range(1, 5)]
    assert sorted(held) == ["held", "held", "open", "open"]
    assert one_article.stock() == {"A": (50, 40)}
    one_article.world.check_books()


def test_G18_reserve_and_ship_and_count_at_once(one_article: Town) -> None:
    town = one_article
    for number in (1, 2, 3):
        town.notify(number, lines=[("A", 5)])
    rows = town.rows("SELECT id FROM fulfilment_order WHERE merchant_id = :merchant ORDER BY id")
    partner = town.world.store.directory().partners[town.wh]

    def ship(id_: UUID) -> None:
        told = read("shipment", shipment(notices.number(id_)))

        def work(db: object) -> None:
            directory = town.world.store.directories.read(db)
            unit = Unit(db, town.world.store.vault, directory, datetime.now(UTC))
            flows.take(unit, [Told(told, partner, new_id(), new_id())])

        town.world.store.database.unit(work)

    failed = together(
        *[lambda id_=row[0]: ship(id_) for row in rows],
        *[lambda n=n: take(town, n, 5) for n in range(11, 19)],
    )
    assert failed == []
    assert town.stock() == {"A": (35, 35)}  # 3 shipped; 7 of the 8 others fit into what is left
    town.world.check_books()


def test_a_reservation_takes_all_its_rows_or_none(one_article: Town) -> None:
    town = one_article
    town.world.stock(town.wh, town.merchant, B=1)
    rows = [
        Reservation(town.merchant, new_id(), 1, new_id(), town.wh, sku, Decimal(2))
        for sku in ("A", "B")
    ]
    with town.world.store.database.begin() as db:
        before = town.stock()
        savepoint = db.begin_nested()
        reservations.record(db, rows)
        assert not reservations.claim(db, rows)
        savepoint.rollback()
    assert town.stock() == before == {"A": (50, 0), "B": (1, 0)}


def test_the_balance_after_each_movement_is_the_sum_so_far(one_article: Town) -> None:
    town = one_article
    deltas = [Decimal(n) for n in (5, -3, -2, 10)]
    with town.world.store.database.begin() as db:
        stock.move(
            db,
            [
                Movement(town.merchant, town.wh, "A", delta, "adjustment", "test")
                for delta in deltas
            ],
        )
    rows = town.rows(
        """SELECT delta, balance_after FROM ledger WHERE merchant_id = :merchant
        AND reason = 'adjustment' ORDER BY id"""
    )
    sums = [Decimal(50) + sum(deltas[: at + 1]) for at in range(len(deltas))]
    assert [(row.delta, row.balance_after) for row in rows] == list(zip(deltas, sums, strict=True))


def count(town: Town, pieces: int, report: str = "r1") -> UUID:
    told = {
        "type": "stock_report",
        "source": {"connection": town.wh, "id": report},
        "warehouse": town.wh,
        "at": "2026-11-24T11:00:00Z",
        "report_id": report,
        "lines": [{"sku": "A", "on_hand": str(pieces)}],
    }
    return town.world.tell(town.wh, told).id


def test_a_count_below_what_is_promised_is_booked_and_opens_an_incident(one_article: Town) -> None:
    town = one_article
    town.notify(1, lines=[("A", 8)])
    count(town, 5)
    town.world.run()
    assert town.stock() == {"A": (5, 8)}  # as reported; nothing is released silently
    assert town.incidents() == ["counted_below_reserved"]
    sentence = town.rows("SELECT sentence FROM incident WHERE merchant_id = :merchant")[0][0]
    assert sentence == f"{town.wh} counts 5 of A, but 8 are promised"
    town.order(2, lines=[("A", 1)])
    town.world.run()
    assert town.row(2).hold_reasons[0]["code"] == "out_of_stock"
    town.world.check_books()


def test_a_count_books_the_difference_and_lets_waiting_orders_go(one_article: Town) -> None:
    town = one_article
    town.order(1, lines=[("A", 60)])
    town.world.run()
    assert town.row(1).status == "held"
    count(town, 61)
    town.world.run()
    assert (town.row(1).status, town.stock()) == ("open", {"A": (61, 60)})
    booked = town.rows(
        "SELECT delta, reason, document, actor FROM ledger WHERE warehouse = :wh ORDER BY id DESC",
        wh=town.wh,
    )[0]
    assert tuple(booked) == (Decimal(11), "stocktake", "stock_report:r1", town.wh)
    town.world.check_books()


@pytest.fixture
def backordering(shared: World, new_town: Callable[..., Town]) -> Town:
    """A merchant who ships what there is and owes the rest."""
    town = new_town(A=3, B=5)
    rules = '[{"fallback": "backorder"}]'
    shared.sql(
        "INSERT INTO routing (merchant_id, rules) VALUES (:m, CAST(:rules AS jsonb))",
        m=town.merchant,
        rules=rules,
    )
    shared.sql(
        """UPDATE setting SET value = jsonb_build_object('version',
          CAST(value ->> 'version' AS bigint) + 1) WHERE name = 'directory'"""
    )
    return town


def test_what_is_not_there_is_owed_and_shipped_when_it_comes(backordering: Town) -> None:
    town = backordering
    number = town.notify(1, lines=[("A", 5), ("B", 1)])
    assert town.row(1).status == "open"
    assert town.stock() == {"A": (3, 3), "B": (5, 1)}
    town.warehouse(shipment(number))
    town.world.run()
    assert (town.row(1).status, town.fulfilment()) == ("open", ["shipped"])
    count(town, 4)
    town.world.run()
    assert town.fulfilment() == ["shipped", "notified"]
    assert town.stock() == {"A": (4, 2), "B": (4, 0)}
    town.warehouse(shipment(town.number(1), delivery="s2"))
    town.world.run()
    assert (town.row(1).status, town.stock()) == ("completed", {"A": (2, 0), "B": (4, 0)})
    town.world.check_books()


def test_a_rejected_notice_gives_its_stock_back(one_article: Town) -> None:
    number = one_article.notify(1, lines=[("A", 8)])
    one_article.warehouse(status(number, "rejected", reason="no hands"))
    one_article.world.run()
    assert one_article.stock() == {"A": (50, 0)}
    one_article.world.check_books()
