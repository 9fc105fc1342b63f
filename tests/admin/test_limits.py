"""How often one name may do a thing, and pictures of very long stories."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from admin import picture
from admin.limits import Window
from hub.store.ids import new_id
from hub.store.views.messages import MessageRow

AT = datetime(2026, 11, 24, tzinfo=UTC)


def test_a_window_lets_so_many_through_and_says_when_there_is_room_again():
    clock = [0.0]
    window = Window(2, 10.0, lambda: clock[0])
    assert [window.take("a"), window.take("a")] == [0.0, 0.0]
    clock[0] = 4.0
    assert window.take("a") == 6.0
    assert window.take("b") == 0.0
    clock[0] = 10.0
    assert window.take("a") == 0.0


def test_a_window_forgets_names_before_it_grows_without_end(monkeypatch):
    monkeypatch.setattr("admin.limits._MOST_KNOWN", 2)
    window = Window(1, 10.0, lambda: 0.0)
    assert [window.take(name) for name in ("a", "b", "c")] == [0.0, 0.0, 0.0]
    assert window.take("c") == 10.0
    assert window.take("a") == 0.0


def row(n: int, connection: str, direction: str) -> MessageRow:
    given = dict.fromkeys(MessageRow.__dataclass_fields__)
    told = {"direction": direction, "connection": connection, "topic": "shipment", "status": "done"}
    made = MessageRow(**{**given, **told, "id": new_id()})
    return replace(made, received_at=AT + timedelta(seconds=n))


def test_a_story_of_too_many_messages_is_drawn_in_part_and_says_so(office):
    rows = [row(n, "erp" if n % 2 else "shop", "out") for n in range(picture.MOST + 7)]
    view = SimpleNamespace(
        order=SimpleNamespace(channel="shop"), fulfilment_orders=[], messages=rows, timeline=[]
    )
    with office.app.test_request_context():
        drawn = picture.draw(view)
    assert [line.name for line in drawn.lines] == ["shop", "Order Hub", "erp"]
    assert len(drawn.arrows) == picture.MOST
    assert drawn.left_out == 7
    assert drawn.arrows[0].end < drawn.arrows[0].begin < drawn.arrows[1].end
