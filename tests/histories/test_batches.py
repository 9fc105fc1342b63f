"""What does not hold in one of many histories is found, named, and seen again alone."""

import pytest

from tests.histories import returns, run, stock
from tests.histories.batch import Broken
from tests.histories.moves import Rows
from tests.histories.stock import StockHistory
from tests.histories.told import StockBatch

pytestmark = pytest.mark.slow
AGAIN = "again: python -m tests.histories --only stock --first 2 --count 1"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "STEPS", 4)
    monkeypatch.setattr(returns, "STEPS", 4)


def test_a_history_in_which_something_fails_is_named_with_its_step(
    server_url: str, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: StockHistory, before: Rows) -> None:
        assert self.seed != 2 or self.step < 3, "a piece is gone"

    monkeypatch.setattr(StockHistory, "holds", fails)
    with pytest.raises(Broken, match="a piece is gone") as broken:
        run.run("stock", 0, 4, server_url, template)
    assert broken.value.seeds == [2]
    assert "seed 2, step 3: " in broken.value.what
    assert broken.value.what.endswith(AGAIN)


def test_what_breaks_an_invariant_is_traced_to_its_history(
    server_url: str, template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_round = StockBatch.after_round

    def spoils(self: StockBatch, *, last: bool) -> None:
        after_round(self, last=last)
        if self.rounds == 2:
            self.world.sql("UPDATE stock_level SET on_hand = 99 WHERE merchant_id = 'h2'")

    monkeypatch.setattr(StockBatch, "after_round", spoils)
    with pytest.raises(Broken, match="a level is the sum of its ledger") as broken:
        run.run("stock", 0, 4, server_url, template)
    assert "seed 2, step 2: " in broken.value.what
    assert broken.value.what.endswith(AGAIN)


@pytest.mark.parametrize("kind", ["stock", "returns"])
def test_a_seed_is_one_history_alone_and_among_others(
    server_url: str, template: str, kind: str
) -> None:
    (alone,) = run.play(kind, [1], server_url, template).histories
    among = run.play(kind, range(3), server_url, template).histories[1]
    assert alone.done == among.done
    assert alone.step == among.step > 3
