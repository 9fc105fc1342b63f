"""Stock: nothing promised twice, the level is its ledger, and what is short says so."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from hub import flows
from hub.flows.unit import Told, Unit
from hub.model.catalogue import read
from hub.store.base.ids import new_id
from hub.store.orders import fulfilments
from hub.store.stock import reservations, stock_levels
from hub.store.stock.reservations import Reservation
from hub.store.stock.stock_levels import Movement
from tests.kit.catalogue import sales_order, shipment, status, stock_report
from tests.kit.together import together
from tests.kit.world import Merchant, World

THREADS, PIECES, EACH = 16, 50, 4


def take(acme: Merchant, number: int, pieces: int) -> None:
    """One order, taken in by a transaction of its own, as a lane's worker does."""
    partner = acme.world.store.directory().connections[acme.at_shop.code]
    told = sales_order(number, channel=acme.at_shop.code, lines=[("A", pieces)])
    one = Told(read("sales_order", told), partner, new_id(), new_id())

    def work(db: object) -> None:
        directory = acme.world.store.directories.read(db)
        flows.take(Unit(db, acme.world.store.vault, directory, datetime.now(UTC)), [one])

    acme.world.store.database.unit(work)


class Watcher(threading.Thread):
    """Looks at the stock again and again, each time at one moment."""

    def __init__(self, acme: Merchant) -> None:
        super().__init__()
        self._acme, self.stop, self.looks, self.wrong = acme, threading.Event(), 0, []

    def run(self) -> None:
        while not self.stop.wait(0.01):
            (row,) = self._acme.rows(
                """SELECT on_hand, reserved,
                  (SELECT sum(delta) FROM ledger WHERE warehouse = :wh AND sku = 'A') AS booked,
                  (SELECT coalesce(sum(open), 0) FROM reservation
                   WHERE warehouse = :wh AND sku = 'A') AS promised
                FROM stock_level WHERE warehouse = :wh AND sku = 'A'""",
                wh=self._acme.at_wh.code,
            )
            self.looks += 1
            if row.reserved > row.on_hand or (row.on_hand, row.reserved) != (
                row.booked,
                row.promised,
            ):
                self.wrong.append(tuple(row))


@pytest.fixture
def one_article(new_merchant: Callable[..., Merchant]) -> Merchant:
    return new_merchant(A=PIECES)


def test_G18_sixteen_writers_on_one_article_never_promise_more_than_there_is(
    one_article: Merchant,
) -> None:
    acme, watcher = one_article, Watcher(one_article)
    watcher.start()
    failed = together(*[lambda n=n: take(acme, n, EACH) for n in range(1, THREADS + 1)])
    watcher.stop.set()
    watcher.join()
    assert failed == []
    assert (watcher.wrong, watcher.looks > 2) == ([], True)
    statuses = [
        row[0] for row in acme.rows("SELECT status FROM sales_order WHERE merchant_id = :merchant")
    ]
    assert (statuses.count("open"), statuses.count("held")) == (12, 4)  # 12 x 4 = 48 of 50
    assert acme.stock() == {"A": (50, 48)}
    reasons = acme.rows(
        """SELECT DISTINCT reason ->> 'code' FROM sales_order,
          jsonb_array_elements(hold_reasons) AS reason WHERE merchant_id = :merchant"""
    )
    assert [row[0] for row in reasons] == ["out_of_stock"]
    acme.world.check_books()


def test_G18_orders_in_one_batch_share_what_there_is_in_their_order(one_article: Merchant) -> None:
    for number in range(1, 5):
        one_article.order(number, lines=[("A", 20)])
    one_article.world.run()
    held = [one_article.row(number).status for number in range(1, 5)]
    assert sorted(held) == ["held", "held", "open", "open"]
    assert one_article.stock() == {"A": (50, 40)}
    one_article.world.check_books()


def test_G18_reserve_and_ship_and_count_at_once(one_article: Merchant) -> None:
    acme = one_article
    for number in (1, 2, 3):
        acme.notify(number, lines=[("A", 5)])
    rows = acme.rows("SELECT id FROM fulfilment_order WHERE merchant_id = :merchant ORDER BY id")
    partner = acme.world.store.directory().connections[acme.at_wh.code]

    def ship(id_: UUID) -> None:
        told = read("shipment", shipment(fulfilments.number(id_)))

        def work(db: object) -> None:
            directory = acme.world.store.directories.read(db)
            unit = Unit(db, acme.world.store.vault, directory, datetime.now(UTC))
            flows.take(unit, [Told(told, partner, new_id(), new_id())])

        acme.world.store.database.unit(work)

    failed = together(
        *[lambda id_=row[0]: ship(id_) for row in rows],
        *[lambda n=n: take(acme, n, 5) for n in range(11, 19)],
    )
    assert failed == []
    assert acme.stock() == {"A": (35, 35)}  # 3 shipped; 7 of the 8 others fit into what is left
    acme.world.check_books()


def test_a_reservation_takes_all_its_rows_or_none(one_article: Merchant) -> None:
    acme = one_article
    acme.world.stock(acme.at_wh.code, acme.code, B=1)
    rows = [
        Reservation(acme.code, new_id(), 1, new_id(), acme.at_wh.code, sku, Decimal(2))
        for sku in ("A", "B")
    ]
    with acme.world.store.database.begin() as db:
        before = acme.stock()
        savepoint = db.begin_nested()
        reservations.record(db, rows)
        assert not reservations.claim(db, rows)
        savepoint.rollback()
    assert acme.stock() == before == {"A": (50, 0), "B": (1, 0)}


def test_the_balance_after_each_movement_is_the_sum_so_far(one_article: Merchant) -> None:
    acme = one_article
    deltas = [Decimal(n) for n in (5, -3, -2, 10)]
    with acme.world.store.database.begin() as db:
        stock_levels.move(
            db,
            [
                Movement(acme.code, acme.at_wh.code, "A", delta, "adjustment", "test")
                for delta in deltas
            ],
        )
    rows = acme.rows(
        """SELECT delta, balance_after FROM ledger WHERE merchant_id = :merchant
        AND reason = 'adjustment' ORDER BY id"""
    )
    sums = [Decimal(50) + sum(deltas[: at + 1]) for at in range(len(deltas))]
    assert [(row.delta, row.balance_after) for row in rows] == list(zip(deltas, sums, strict=True))


def count(acme: Merchant, pieces: int, report: str = "r1") -> UUID:
    told = stock_report(report, warehouse=acme.at_wh.code, pieces={"A": pieces})
    return acme.world.tell(acme.at_wh.code, told).id


def test_a_count_below_what_is_promised_is_booked_and_opens_an_incident(
    one_article: Merchant,
) -> None:
    acme = one_article
    acme.notify(1, lines=[("A", 8)])
    count(acme, 5)
    acme.world.run()
    assert acme.stock() == {"A": (5, 8)}  # as reported; nothing is released silently
    assert acme.incidents() == ["counted_below_reserved"]
    sentence = acme.rows("SELECT sentence FROM incident WHERE merchant_id = :merchant")[0][0]
    assert sentence == f"{acme.at_wh.code} counts 5 of A, but 8 are promised"
    acme.order(2, lines=[("A", 1)])
    acme.world.run()
    assert acme.row(2).hold_reasons[0]["code"] == "out_of_stock"
    acme.world.check_books()


def test_a_count_books_the_difference_and_lets_waiting_orders_go(one_article: Merchant) -> None:
    acme = one_article
    acme.order(1, lines=[("A", 60)])
    acme.world.run()
    assert acme.row(1).status == "held"
    count(acme, 61)
    acme.world.run()
    assert (acme.row(1).status, acme.stock()) == ("open", {"A": (61, 60)})
    booked = acme.rows(
        "SELECT delta, reason, document, actor FROM ledger WHERE warehouse = :wh ORDER BY id DESC",
        wh=acme.at_wh.code,
    )[0]
    assert tuple(booked) == (Decimal(11), "stocktake", "stock_report:r1", acme.at_wh.code)
    acme.world.check_books()


@pytest.fixture
def backordering(shared: World, new_merchant: Callable[..., Merchant]) -> Merchant:
    """A merchant who ships what there is and owes the rest."""
    acme = new_merchant(A=3, B=5)
    rules = '[{"fallback": "backorder"}]'
    shared.sql(
        "INSERT INTO routing (merchant_id, rules) VALUES (:m, CAST(:rules AS jsonb))",
        m=acme.code,
        rules=rules,
    )
    shared.sql(
        """UPDATE setting SET value = jsonb_build_object('version',
          CAST(value ->> 'version' AS bigint) + 1) WHERE name = 'directory'"""
    )
    return acme


def test_what_is_not_there_is_owed_and_shipped_when_it_comes(backordering: Merchant) -> None:
    acme = backordering
    number = acme.notify(1, lines=[("A", 5), ("B", 1)])
    assert acme.row(1).status == "open"
    assert acme.stock() == {"A": (3, 3), "B": (5, 1)}
    acme.says(shipment(number))
    acme.world.run()
    assert (acme.row(1).status, acme.fulfilment()) == ("open", ["shipped"])
    count(acme, 4)
    acme.world.run()
    assert acme.fulfilment() == ["shipped", "notified"]
    assert acme.stock() == {"A": (4, 2), "B": (4, 0)}
    acme.says(shipment(acme.number(1), delivery="s2"))
    acme.world.run()
    assert (acme.row(1).status, acme.stock()) == ("completed", {"A": (2, 0), "B": (4, 0)})
    acme.world.check_books()


def test_a_rejected_notice_gives_its_stock_back(one_article: Merchant) -> None:
    number = one_article.notify(1, lines=[("A", 8)])
    one_article.says(status(number, "rejected", reason="no hands"))
    one_article.world.run()
    assert one_article.stock() == {"A": (50, 0)}
    one_article.world.check_books()
