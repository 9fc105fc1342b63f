"""Pictures of very long stories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from admin.shown import picture
from hub.store.base.ids import new_id
from hub.store.views.messages import MessageRow

AT = datetime(2026, 11, 24, tzinfo=UTC)


def row(n: int, connection: str, direction: str) -> MessageRow:
    given = dict.fromkeys(MessageRow.__dataclass_fields__)
    told = {"direction": direction, "connection": connection, "topic": "shipment", "status": "done"}
    made = MessageRow(**{**given, **told, "id": new_id()})
    return replace(made, received_at=AT + timedelta(seconds=n))


def test_a_story_of_too_many_messages_is_drawn_in_part_and_says_so(console):
    rows = [row(n, "erp" if n % 2 else "shop", "out") for n in range(picture.MOST + 7)]
    view = SimpleNamespace(
        order=SimpleNamespace(channel="shop"), fulfilment_orders=[], messages=rows, timeline=[]
    )
    with console.app.test_request_context():
        drawn = picture.draw(view)
    assert [line.name for line in drawn.lines] == ["shop", "Order Hub", "erp"]
    assert len(drawn.arrows) == picture.MOST
    assert drawn.left_out == 7
    assert drawn.arrows[0].end < drawn.arrows[0].begin < drawn.arrows[1].end
