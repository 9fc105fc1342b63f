"""What the engine does not do rightly yet: each test here fails until it does."""

from tests.engine.town import Town
from tests.kit.world import status


def test_what_was_asked_back_for_an_edit_may_go_to_the_same_warehouse_again(town: Town) -> None:
    """A warehouse that cancels because we asked for it has refused nothing."""
    number = town.notify(1, lines=[("A", 3)])
    town.order(1, minute=5, lines=[("A", 1)])
    town.world.run()
    assert town.fulfilment() == ["cancel_requested"]
    town.warehouse(status(number, "cancelled"))
    town.world.run()
    assert town.row(1).status == "open"
    assert town.fulfilment() == ["cancelled", "notified"]
    assert town.stock()["A"] == (10, 1)
    town.world.check_books()
