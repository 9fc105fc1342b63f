"""Random histories of what is sold, shipped in part, sent back, received, paid and exchanged: after
every step the books of returns hold. `ORDERHUB_RETURN_HISTORIES=n` plays many.
"""

from tests.histories.returns import STEPS
from tests.histories.run import asked_for, run

HISTORIES = asked_for("ORDERHUB_RETURN_HISTORIES", 6)


def test_whatever_happens_the_books_of_returns_hold(server_url: str, template: str) -> None:
    played = run("returns", 0, HISTORIES, server_url, template)
    assert played.histories == HISTORIES
    assert played.steps > HISTORIES * STEPS
    assert min(played.notes["refund"], played.notes["exchange"]) > 0
