"""A stocktake: counted by one person, approved by another, told to the ledger once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub.flows.stock import stocktake_booking as booking
from hub.flows.stock import stocktakes
from hub.flows.unit import Unit
from hub.model.errors import BadData, Contradiction, IllegalTransition
from hub.model.stock import Counts, StocktakeOpening
from hub.store import invariants
from hub.store.stock.stocktakes import documents
from tests.kit.catalogue import shipment, stock_report
from tests.kit.together import together
from tests.kit.world import Merchant

COUNTER, CHECKER = "user:wim", "user:ann"


class Taking:
    """A stocktake of a merchant, in the hands of two people."""

    def __init__(self, acme: Merchant, *skus: str, warehouse: str = "") -> None:
        self.acme = acme
        asked = {"merchant": acme.code, "warehouse": warehouse or acme.at_wh.code, "skus": skus}
        with acme.world.unit() as unit:
            self.id: UUID = stocktakes.open_(unit, StocktakeOpening(**asked), COUNTER)
        self.number = documents.id_text(self.id)

    def count(
        self, *lines: tuple[Any, ...], actor: str = COUNTER, at: datetime | None = None
    ) -> None:
        """Lines such as ("A", 8), ("A", 2, "B1") or ("A", 2, "B1", "defective")."""
        said = [
            {"sku": sku, "counted": str(pieces), "batch": rest[0] or None if rest else None,
             **({"quality": rest[1]} if rest[1:] else {})}
            for sku, pieces, *rest in lines
        ]  # fmt: skip
        with self.acme.world.unit() as unit:
            told = Counts.model_validate({"lines": said, "counted_at": at})
            stocktakes.count(unit, self.id, told, actor)

    def submit(self) -> None:
        with self.acme.world.unit() as unit:
            stocktakes.submit(unit, self.id, COUNTER)

    def approve(self, actor: str = CHECKER) -> None:
        with self.acme.world.unit() as unit:
            stocktakes.approve(unit, self.id, actor)

    def whole(self, *lines: tuple[Any, ...]) -> None:
        self.count(*lines)
        self.submit()
        self.approve()

    def comes_to(self) -> dict[tuple[str, str], tuple[str, int | None]]:
        """(SKU, batch) -> outcome and difference."""
        with self.acme.world.unit() as unit:
            lines = booking.foresee(unit, self.id)
        return {
            (it.row.sku, it.row.batch): (
                it.comes_to.outcome,
                None if it.comes_to.difference is None else int(it.comes_to.difference),
            )
            for it in lines
        }

    def booked(self) -> list[tuple[str, str | None, int, str]]:
        rows = self.acme.rows(
            """SELECT sku, batch, delta, actor FROM ledger WHERE merchant_id = :merchant
            AND document = :document AND reason = 'stocktake' ORDER BY id""",
            document=f"stocktake:{self.number}",
        )
        return [(row.sku, row.batch, int(row.delta), row.actor) for row in rows]


def sell(acme: Merchant, number: int, pieces: int, left_at: datetime | None = None) -> None:
    """An order of A comes in and leaves, just now or at an earlier time."""
    acme.notify(number, lines=[("A", pieces)])
    acme.says(left(acme, -1, left_at))
    acme.world.run()


def left(acme: Merchant, at: int, left_at: datetime | None = None) -> dict[str, Any]:
    moment = left_at or datetime.now(UTC) + timedelta(seconds=5)
    return shipment(acme.number(at), shipped_at=moment.isoformat())


@pytest.fixture
def sound(shared: Any) -> Any:
    """Nothing of what a test left breaks what must always hold of stock."""
    yield
    with invariants.snapshot(shared.store) as db:
        broken = [it for it in invariants.look(db) if it.number == "G18" and it.broken]
    assert broken == []


pytestmark = pytest.mark.usefixtures("sound")


def test_what_was_counted_is_booked_once_in_the_name_of_who_approved(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10, B=5, C=3)
    taking = Taking(acme)
    taking.count(("A", 8), ("B", 5))
    taking.submit()
    assert acme.stock() == {"A": (10, 0), "B": (5, 0), "C": (3, 0)}
    taking.approve()
    taking.approve("user:another")
    assert taking.booked() == [("A", None, -2, CHECKER)]
    assert acme.stock() == {"A": (8, 0), "B": (5, 0), "C": (3, 0)}
    assert taking.comes_to() == {
        ("A", ""): ("adjusted", -2), ("B", ""): ("equal", 0), ("C", ""): ("not_counted", None),
    }  # fmt: skip
    said = acme.rows(
        "SELECT action, actor FROM audit WHERE subject = :subject ORDER BY number",
        subject=f"stocktake:{taking.number}",
    )
    assert [tuple(row) for row in said] == [
        ("stocktake.open", COUNTER), ("stocktake.count", COUNTER), ("stocktake.submit", COUNTER),
        ("stocktake.approve", CHECKER),
    ]  # fmt: skip
    acme.world.check_books()


def test_what_is_sold_while_it_is_counted_is_no_difference(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme, "A")
    sell(acme, 1001, 3)
    taking.count(("A", 6))  # one is missing: seven were left
    sell(acme, 1002, 2)
    taking.submit()
    assert taking.comes_to() == {("A", ""): ("adjusted", -1)}
    with acme.world.unit() as unit:
        (line,) = booking.foresee(unit, taking.id)
    assert (line.comes_to.moved, line.since) == (Decimal(-3), Decimal(-2))
    taking.approve()
    assert acme.stock() == {"A": (4, 0)}


def test_who_counted_does_not_approve(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme)
    taking.count(("A", 8), actor="user:helper")
    taking.submit()
    for actor in (COUNTER, "user:helper"):
        with pytest.raises(Contradiction, match="somebody else"):
            taking.approve(actor)
    assert taking.booked() == []
    taking.approve()
    assert taking.booked() == [("A", None, -2, CHECKER)]


def test_the_database_refuses_two_eyes_too(new_merchant: Callable[..., Merchant]) -> None:
    taking = Taking(new_merchant(A=10))
    taking.count(("A", 8))
    update = "UPDATE stocktake SET status = 'approved', decided_by = :who WHERE id = :id"
    with pytest.raises(Exception, match="stocktake_four_eyes"):
        taking.acme.world.sql(update, who=COUNTER, id=taking.id)


def test_batches_are_counted_one_by_one(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=0)
    report = stock_report("r1", warehouse=acme.at_wh.code)
    report["lines"] = [
        {"sku": "A", "on_hand": "4", "batch": "B1", "expires_on": "2027-01-01"},
        {"sku": "A", "on_hand": "6", "batch": "B2", "expires_on": "2027-06-01"},
    ]
    acme.world.tell(acme.at_wh.code, report)
    acme.world.run()
    taking = Taking(acme)
    taking.whole(("A", 3, "B1"), ("A", 5, "B2"), ("A", 2, "B3"))
    assert taking.booked() == [
        ("A", "B1", -1, CHECKER), ("A", "B2", -1, CHECKER), ("A", "B3", 2, CHECKER),
    ]  # fmt: skip
    assert acme.stock() == {"A": (10, 0)}


def test_pieces_found_beside_what_nobody_counted_are_not_booked(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10, B=4)
    taking = Taking(acme)
    taking.whole(("A", 10, "B7"), ("B", 3))
    assert taking.comes_to()["A", "B7"] == ("unsure", 10)
    assert taking.comes_to()["A", ""] == ("not_counted", None)
    assert acme.stock() == {"A": (10, 0), "B": (3, 0)}


def test_a_count_that_was_overtaken_by_the_warehouse_is_left_alone(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10, B=10, C=10)
    wh = acme.at_wh.code
    taking = Taking(acme)
    taking.count(("A", 8), ("B", 9), ("C", 7))
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    before = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    for number, pieces, at in (("r1", {"A": 8}, before), ("r2", {"B": 10}, later)):
        acme.world.tell(wh, stock_report(number, warehouse=wh, pieces=pieces, at=at))
        acme.world.run()
    taking.submit()
    taking.approve()
    assert taking.booked() == [("C", None, -3, CHECKER)]
    assert acme.stock() == {"A": (8, 0), "B": (10, 0), "C": (7, 0)}


def test_a_recount_takes_the_place_of_the_count(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10, B=10)
    taking = Taking(acme)
    taking.count(("A", 1), ("B", 9))
    taking.submit()
    with acme.world.unit() as unit:
        stocktakes.recount(unit, taking.id, [1], "far off", CHECKER)
    assert taking.comes_to()["A", ""] == ("not_counted", None)
    with pytest.raises(Contradiction, match="not to be counted again"):
        taking.count(("B", 4))
    taking.count(("A", 9))
    taking.submit()
    taking.approve()
    assert taking.booked() == [("A", None, -1, CHECKER), ("B", None, -1, CHECKER)]
    counts = acme.rows("SELECT counted FROM stocktake_count WHERE merchant_id = :merchant")
    assert sorted(int(row.counted) for row in counts) == [1, 9, 9]


def test_a_line_counted_anew_is_as_it_was_said_last_and_lines_of_one_call_add_up(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme)
    taking.count(("A", 1))
    taking.count(("A", 4), ("A", 5))
    taking.submit()
    taking.approve()
    assert taking.booked() == [("A", None, -1, CHECKER)]


def test_two_stocktakes_are_not_about_the_same(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10, B=10)
    first = Taking(acme, "A")
    Taking(acme, "B")
    for skus in ((), ("A", "B")):
        with pytest.raises(Contradiction, match="under way"):
            Taking(acme, *skus)
    with acme.world.unit() as unit:
        stocktakes.cancel(unit, first.id, CHECKER, "wrong shelf")
    Taking(acme, "A")
    with pytest.raises(IllegalTransition):
        first.count(("A", 1))


@pytest.mark.parametrize(
    ("lines", "path"),
    [([("B", 1)], "lines.0.sku"), ([("A", 1), ("NONE", 1)], "lines.1.sku")],
    ids=["out of scope", "unknown"],
)
def test_what_is_not_to_be_counted_is_refused(
    new_merchant: Callable[..., Merchant], lines: Sequence[Any], path: str
) -> None:
    taking = Taking(new_merchant(A=10, B=1), "A")
    with pytest.raises(BadData) as caught:
        taking.count(*lines)
    assert caught.value.path == path


def test_nothing_counted_is_not_handed_in(new_merchant: Callable[..., Merchant]) -> None:
    taking = Taking(new_merchant(A=10))
    with pytest.raises(Contradiction, match="nothing is counted"):
        taking.submit()


def test_more_promised_than_there_is_opens_an_incident(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=10)
    acme.notify(1001, lines=[("A", 6)])
    Taking(acme).whole(("A", 4))
    assert acme.stock() == {"A": (4, 6)}
    query = "SELECT sentence FROM incident WHERE merchant_id = :merchant AND status = 'open'"
    (row,) = acme.rows(f"{query} AND kind = 'counted_below_reserved'")
    assert "counts 4 of A, but 6 are promised" in row.sentence


def test_an_order_that_waits_goes_on_with_what_was_found(
    new_merchant: Callable[..., Merchant],
) -> None:
    acme = new_merchant(A=1)
    acme.order(1001, lines=[("A", 3)])
    acme.world.run()
    assert [it["code"] for it in acme.row().hold_reasons] == ["out_of_stock"]
    Taking(acme).whole(("A", 5))
    acme.world.run()
    assert acme.row().hold_reasons == []
    assert acme.stock() == {"A": (5, 3)}


def test_two_people_approve_at_once(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=10)
    taking = Taking(acme)
    taking.count(("A", 7))
    taking.submit()
    store = acme.world.store

    def approve(number: int) -> None:
        def work(db: Any) -> None:
            unit = Unit(db, store.vault, store.directories.read(db), datetime.now(UTC))
            stocktakes.approve(unit, taking.id, f"user:checker{number}")

        store.database.unit(work)

    assert together(*[lambda n=n: approve(n) for n in range(4)]) == []  # type: ignore[misc]
    assert [(sku, delta) for sku, _, delta, _ in taking.booked()] == [("A", -3)]
    said = acme.rows(
        "SELECT actor FROM audit WHERE subject = :subject AND action = 'stocktake.approve'",
        subject=f"stocktake:{taking.number}",
    )
    assert len(said) == 1
    assert acme.stock() == {"A": (7, 0)}


def test_sales_and_the_approval_at_once(new_merchant: Callable[..., Merchant]) -> None:
    acme = new_merchant(A=50)
    for n in range(8):
        acme.notify(1000 + n, lines=[("A", 1)])
    taking = Taking(acme)
    taking.count(("A", 48))
    taking.submit()
    for at in range(8):
        acme.says(left(acme, at))
    assert together(acme.world.run, taking.approve) == []
    assert acme.stock() == {"A": (40, 0)}
    acme.world.check_books()
