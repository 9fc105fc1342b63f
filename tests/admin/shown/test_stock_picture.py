"""The picture of a number, and its page."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from admin.shown import stock_picture
from hub.flows.stock.explaining import Explanation, Step
from tests.admin.seeds import working_day
from tests.kit.world.console import Console

D = Decimal
AT = datetime(2026, 11, 24, tzinfo=UTC)


def explanation(*steps: Step) -> Explanation:
    total = sum((step.quantity for step in steps), D(0))
    return Explanation("acme", "A", "shop", total, total, steps, (), None, AT)


def test_each_bar_begins_where_the_one_above_ends(console: Console) -> None:
    steps = (
        Step("on_hand", D(60), "wh"),
        Step("reserved", D(-9), "wh"),
        Step("safety", D(-5), None),
    )
    with console.app.test_request_context():
        drawn = stock_picture.draw(explanation(*steps))
    on_hand, reserved, safety, total = drawn.bars
    assert (on_hand.words, on_hand.x, on_hand.width) == ("On hand · wh", 300, 420)
    assert reserved.x + reserved.width == on_hand.edge
    assert safety.x + safety.width == reserved.edge == reserved.x
    assert (total.x, total.x + total.width, total.number) == (300, safety.edge, D(46))


def test_parts_too_many_to_draw_are_drawn_as_one(console: Console) -> None:
    steps = [Step("on_hand", D(1), f"wh{n}") for n in range(stock_picture.MOST + 5)]
    with console.app.test_request_context():
        drawn = stock_picture.draw(explanation(*steps))
    assert (len(drawn.bars), drawn.left_out) == (stock_picture.MOST + 1, 6)
    assert (drawn.bars[-2].words, drawn.bars[-2].number) == ("All others", D(6))


def test_the_page_shows_the_sum_and_no_article_of_nobody(console: Console) -> None:
    working_day(console.world)
    person = console.person("operator")
    page = person.get("/stock/explain?merchant=acme&sku=A&channel=shop").text
    numbers = [int(text) for text in re.findall(r'class="number"[^>]*>(-?\d+)<', page)]
    assert sum(numbers[:-1]) == numbers[-1]
    assert person.get("/stock/explain?merchant=acme&sku=NONE").status_code == 404
    assert person.get("/stock/explain?merchant=acme&sku=A&channel=wh").status_code == 404
    assert person.get("/stock/explain").status_code == 404
