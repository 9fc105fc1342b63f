"""settle: statements are listed and worked out, and what is approved becomes a file."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.flows.settlement import contracts, statements
from hub.flows.settlement.contracts import read
from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.store.settlement import entries
from tests.cli.conftest import Run
from tests.kit.world import World

FIRST, NEXT = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)


def opened(world: World) -> Any:
    """A month in which 200 were sold, at ten percent."""
    payee = {"name": "Acme", "iban": "DE89370400440532013000"}
    tree = {"currency": "EUR", "rules": [{"name": "all", "percent": "10"}], "payee": payee}
    for merchant in ("acme", "operator"):
        world.merchant(merchant)
    with world.unit() as unit:
        for merchant in ("acme", "operator"):
            contracts.agree(unit, merchant, read(tree), FIRST, "ann")
        traits = {"channel": "shop", "sku": "A"}
        item = ChargeItem("sale", traits, "order:1", Decimal(1), Decimal(200))
        lines = postings.turnover([item])
        sale = Entry("acme", "order:1", "sale:1", "EUR", FIRST, FIRST, lines, items=[item])
        entries.book(unit.db, [sale])
        return statements.open_period(unit, "acme", "EUR", FIRST, NEXT, "ann")


def test_a_statement_is_worked_out_and_paid_by_a_file(on_database: Run, world: World) -> None:
    made = opened(world)
    (item,) = on_database("settle", "list", "--merchant", "acme", "--json").json["items"]
    assert item["status"] == "open"
    assert on_database("settle", "list", "--status", "paid").out == "there is no statement\n"
    done = on_database("settle", "calculate", item["number"], "--json")
    assert (done.code, done.json["items"][0]["status"]) == (0, "calculated")
    assert done.json["items"][0]["payout"].startswith("180")
    early = on_database("settle", "payouts")
    assert (early.code, early.errors) == (65, {"": "nothing_to_pay"})
    with world.unit() as unit:
        statements.approve(unit, made, "user:another")
    again = on_database("settle", "calculate", item["number"])
    assert (again.code, again.errors) == (65, {"": "conflict"})
    for form in ("pain.001", "csv"):
        file = on_database("settle", "payouts", "--currency", "EUR", "--format", form)
        assert (file.code, item["number"] in file.out, "180.00" in file.out) == (0, True, True)


def test_a_statement_that_is_not_there_is_named(on_database: Run) -> None:
    done = on_database("settle", "calculate", "S404")
    assert (done.code, "there is no statement S404" in done.err) == (64, True)
