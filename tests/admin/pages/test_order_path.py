"""How an order is shown: never simply done while something is open, its path in order of causes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from admin.shown import picture
from hub.model.errors import Rejected
from hub.store.base.ids import new_id
from hub.store.views import orders
from hub.store.views.messages import MessageRow
from hub.store.views.order_view import TimelineItem
from tests.admin.pages.test_pages import text_of
from tests.admin.seeds import numbers
from tests.kit.catalogue import sales_order, shipment
from tests.kit.world.console import Console

AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)


def notes(page: str) -> list[str]:
    drawn = page.partition('<svg class="path"')[2].partition("</svg>")[0]
    return re.findall(r'class="note \w+">.*?<text[^>]*>([^<]+)<', drawn, re.DOTALL)


def arrows(page: str) -> list[str]:
    drawn = page.partition('<svg class="path"')[2].partition("</svg>")[0]
    return re.findall(r'class="arrow \w+"><title>([^·<]+) ·', drawn)


def _reach(page: str) -> int:
    """How far to the right the words of notes go, at 6 pixels a letter."""
    drawn = page.partition('<svg class="path"')[2].partition("</svg>")[0]
    found = re.findall(r'class="note \w+">.*?<text x="(\d+)"[^>]*>([^<]+)<', drawn, re.DOTALL)
    return max(int(x) + 6 * len(text) for x, text in found)


def shipped_by_the_second(console: Console) -> str:
    """An order that its first warehouse refused. Returns its page."""
    world = console.world
    world.merchant().warehouse("wh2", A=10, B=10)
    world.at("wh").answers = [Rejected("S003 the shelf is empty, all of it, since yesterday")]
    world.tell("shop", sales_order(), key="1001")
    world.run()
    second = numbers(world)[-1]
    world.tell("wh2", shipment(second), key=second)
    world.run()
    return f"/orders/{world.order('1001').id}"


def test_an_order_held_for_one_reason_on_three_lines_is_one_held_order(console: Console):
    lines = [("NO-1", 1), ("NO-2", 1), ("NO-3", 1)]
    console.world.tell("shop", sales_order(1001, lines=lines, ship_to=None), key="1001")
    console.world.run()
    with console.world.store.database.begin() as db:
        assert orders.by_hold(db) == {"no_address": 1, "unknown_sku": 1}
    person = console.person("operator")
    overview = text_of(person.get("/").text)
    assert "1 Unknown article held" in overview
    assert "1 orders held" in overview
    assert "Nothing needs attention" not in overview
    assert re.search(r">1</span><span class=\"card-title\">Unknown", person.get("/waiting").text)


def test_an_order_about_which_something_is_open_never_looks_simply_done(console: Console):
    world = console.world
    world.tell("shop", sales_order(), key="1001")
    world.run()
    number = numbers(world)[0]
    world.tell("wh", shipment(number), key=number)
    world.run()
    person, found = console.person("operator"), world.order("1001")
    assert found.status == "completed"
    assert "thing" not in text_of(person.get("/orders").text)
    assert "Still open" not in person.get(f"/orders/{found.id}").text

    broken = world.tell_raw("shop", "sales_order", b'{"half', key="1001").id
    world.run()
    world.sql(
        """INSERT INTO incident (id, merchant_id, kind, subject, sentence, order_id)
        VALUES (:id, 'acme', 'contradiction', 'x', 'two words about one thing', :order)""",
        id=new_id(),
        order=found.id,
    )
    page = person.get(f"/orders/{found.id}").text
    assert '<span class="chip warn">completed</span>' in page
    assert "2 things open" in text_of(page)
    banner = page.partition('id="open"')[2].partition("</section>")[0]
    assert f"/messages/{broken}" in banner
    assert "two words about one thing" in banner
    assert "Not valid JSON" in banner
    listed = person.get("/orders").text
    assert "2 things open" in text_of(listed)
    assert '<span class="chip good">completed</span>' not in listed

    world.sql("UPDATE incident SET status = 'closed', closed_at = now()")
    person.post(f"/messages/{broken}/discard", reason="the shop told the whole by now")
    assert '<span class="chip good">completed</span>' in person.get("/orders").text


def test_a_refusal_stays_in_the_path_with_its_reason_and_what_was_planned_after_it(
    console: Console,
):
    page = console.person("operator").get(shipped_by_the_second(console)).text
    assert notes(page) == [
        "Released",
        "Routed: 1",
        "Warehouse rejected: 1 · S003 the shelf is empty, all of it, since yesterday",
        "Routed: 2",
        "Completed",
    ]
    assert _reach(page) <= int(re.findall(r'<svg class="path" width="(\d+)"', page)[0])
    drawn = arrows(page)
    assert drawn[0] == "order"
    assert drawn.index("fulfilment order 1") < drawn.index("fulfilment order 2")
    assert drawn.index("fulfilment order 2") < drawn.index("shipment 2")
    assert "S003 the shelf is empty" in page.partition("Fulfilment orders</h2>")[2]


def message(**given: object) -> MessageRow:
    blank = dict.fromkeys(MessageRow.__dataclass_fields__)
    told = {"direction": "out", "connection": "erp", "topic": "shipment", "status": "done"}
    return MessageRow(**{**blank, **told, "id": new_id(), "received_at": AT, "key": "", **given})


@given(st.data())
def test_what_follows_stands_after_its_cause_whatever_the_clocks_say(data: st.DataObject):
    moments = st.integers(0, 3).map(lambda n: AT + timedelta(seconds=n))
    rows: list[MessageRow] = []
    for _ in range(data.draw(st.integers(1, 8))):
        cause = data.draw(st.sampled_from([None, *[one.id for one in rows]]))
        way = data.draw(st.sampled_from(["in", "out"])) if cause is None else "out"
        rows.append(message(direction=way, received_at=data.draw(moments), cause_id=cause))
    noted = [
        TimelineItem(new_id(), "routed", {}, data.draw(st.sampled_from(rows)).id, "hub", AT)
        for _ in range(data.draw(st.integers(0, 4)))
    ]
    things = data.draw(st.permutations([*rows, *noted]))
    drawn = picture.in_order(things)
    place = {one.id: n for n, one in enumerate(drawn)}
    assert len(place) == len(things)
    for one in rows:
        assert one.cause_id is None or place[one.cause_id] < place[one.id]
    for note in noted:
        assert place[note.message_id] < place[note.id]


@given(st.permutations(range(4)))
def test_within_one_moment_a_decision_stands_between_what_came_and_what_is_told(order: list[int]):
    came = message(direction="in")
    decided = TimelineItem(new_id(), "routed", {}, came.id, "hub", AT)
    asked = TimelineItem(new_id(), "reroute_asked", {}, None, "user:ann", AT)
    told = message(cause_id=came.id)
    drawn = picture.in_order([[told, decided, came, asked][n] for n in order])
    assert drawn[-1] is told
    assert drawn.index(came) < drawn.index(decided)


def test_messages_that_name_each_other_as_cause_are_drawn_once_each():
    one, other = message(), message()
    circle = [replace(one, cause_id=other.id), replace(other, cause_id=one.id)]
    assert {each.id for each in picture.in_order(circle)} == {one.id, other.id}


def test_an_order_without_a_path_is_drawn(console: Console):
    view = SimpleNamespace(
        order=SimpleNamespace(channel="shop"), fulfilment_orders=[], messages=[], timeline=[]
    )
    with console.app.test_request_context():
        drawn = picture.draw(view)
    assert [one.name for one in drawn.lines] == ["shop", "Order Hub"]
    assert drawn.arrows == []
