"""Random histories of what is sold, changed, shipped in part, sent back, exchanged, paid back,
charged back, put on statements and paid out: after every step each invariant of the ledger holds,
and the books of others have its sums. `ORDERHUB_MONEY_HISTORIES=n` plays many.
"""

import pytest

from tests.histories.money import STEPS
from tests.histories.run import asked_for, run
from tests.mappings.journal import programs

HISTORIES = asked_for("ORDERHUB_MONEY_HISTORIES", 3)


@pytest.mark.slow
def test_invariants_hold_after_every_step_and_other_books_have_the_same_sums(
    server_url: str, template: str
) -> None:
    played = run("money", 0, HISTORIES, server_url, template)
    assert played.histories == HISTORIES
    assert played.steps > HISTORIES * STEPS
    assert played.notes["draft"] > HISTORIES
    assert played.notes["files of payouts"] > HISTORIES
    for program in filter(programs.is_there, programs.PROGRAMS):
        assert played.notes[f"entries in {program}"] > HISTORIES
