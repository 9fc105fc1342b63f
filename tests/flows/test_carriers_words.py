"""What a carrier may say of a fulfilment order: it arrived, once it left whole, or went astray."""

from types import SimpleNamespace
from uuid import UUID

import pytest

from hub.flows.fulfilment import batch as desks
from hub.model.fulfilment import FulfilmentStatus
from hub.rules.messages.receiving import Verdict
from hub.store.orders import fulfilments

NUMBER = "F-1"


@pytest.mark.parametrize(
    ("status", "word", "merchant", "code"),
    [
        ("shipped", "delivered", "acme", None),
        ("delivered", "delivered", "operator", None),
        ("packed", "delivered", "acme", "no_consequence"),
        ("packed", "exception", "acme", None),
        ("shipped", "cancelled", "acme", "no_consequence"),
        ("shipped", "delivered", "umbrella", "contradiction"),
    ],
)
def test_a_carrier_speaks_of_what_left(monkeypatch, status, word, merchant, code):
    id_ = UUID(int=1)
    monkeypatch.setattr(fulfilments, "id_of", lambda number: id_ if number == NUMBER else None)
    row = SimpleNamespace(merchant="acme", status=status, number=NUMBER, order_id=UUID(int=2))
    telling = SimpleNamespace(partner=SimpleNamespace(merchant=merchant, code="tracking"))
    source = {"connection": "tracking", "id": "1"}
    said = FulfilmentStatus(
        source=source, fulfilment_order_id=NUMBER, status=word, at="2026-05-07T09:00:00Z"
    )
    answer = desks.tracked(desks.Desk({id_: row}, {}), telling, said)
    assert answer is row if code is None else (isinstance(answer, Verdict) and answer.code == code)
