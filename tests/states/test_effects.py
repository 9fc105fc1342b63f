"""The tables drive: every effect that a row names is taken by one dispatch, in the flow that takes
the step, and no taker waits for an effect that no row names.
"""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import hub.flows
from hub.flows.fulfilment import batch
from hub.flows.inbound import desk
from hub.flows.orders import order_steps, stopping
from hub.flows.reconciliation import cases
from hub.flows.returns import desk as returns_desk
from hub.flows.routing import route
from hub.flows.settlement import statements
from hub.flows.stock import stocktakes
from hub.states import TABLES, WITHOUT_FLOW
from hub.states.chargeback import CHARGEBACK
from hub.states.fulfilment_order import FULFILMENT_ORDER, Event
from hub.states.inbound_notice import INBOUND_NOTICE
from hub.states.order import ORDER
from hub.states.returns import RETURN
from hub.states.settlement import STATEMENT
from hub.states.stocktake import STOCKTAKE

FLOWS = Path(hub.flows.__file__).parent
STOPS = frozenset({Event.WITHDRAW, Event.ASK_CANCEL})
TAKERS = {
    "a fulfilment order we plan": (FULFILMENT_ORDER, frozenset({Event.NOTIFY}), route.EFFECTS),
    "a fulfilment order we stop": (FULFILMENT_ORDER, STOPS, stopping.EFFECTS),
    "a warehouse's word": (FULFILMENT_ORDER, FULFILMENT_ORDER.facts, batch.EFFECTS),
    "a step of a notice": (
        INBOUND_NOTICE,
        {row.event for row in INBOUND_NOTICE.rows},
        desk.EFFECTS,
    ),
    "a step of a chargeback": (
        CHARGEBACK,
        {row.event for row in CHARGEBACK.rows},
        cases.EFFECTS,
    ),
    "a step of a statement": (
        STATEMENT,
        {row.event for row in STATEMENT.rows},
        statements.EFFECTS,
    ),
    "a step of a stocktake": (
        STOCKTAKE,
        {row.event for row in STOCKTAKE.rows},
        stocktakes.EFFECTS,
    ),
    "a step of a return": (RETURN, {row.event for row in RETURN.rows}, returns_desk.EFFECTS),
    "a step of an order": (ORDER, {row.event for row in ORDER.rows}, order_steps.EFFECTS),
}
DRIVEN = (ORDER, FULFILMENT_ORDER, INBOUND_NOTICE, CHARGEBACK, STATEMENT, STOCKTAKE, RETURN)
DISPATCHES = ("EFFECTS[effect](", "desks.move(")
"""How a function carries out what follows the step that it takes."""


def named(table, events):
    return {effect for row in table.rows if row.event in events for effect in row.effects}


def untaken(table, events, takers):
    """Effects without a taker, and takers without an effect."""
    return named(table, events) ^ set(takers)


def beside(root):
    """Functions that take a step and do not carry out what follows it."""
    return [
        f"{path.name}:{function.name}"
        for path in sorted(root.rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        and any(
            getattr(getattr(node, "func", 0), "id", "") == "step" for node in ast.walk(function)
        )
        and not any(dispatch in ast.unparse(function) for dispatch in DISPATCHES)
    ]


@pytest.mark.parametrize("whose", TAKERS)
def test_every_effect_has_a_taker_and_every_taker_an_effect(whose):
    assert untaken(*TAKERS[whose]) == set()


@pytest.mark.parametrize("whose", TAKERS)
def test_an_effect_planted_in_any_row_is_missed(whose):
    table, events, takers = TAKERS[whose]
    rows = [row for row in table.rows if row.event in events]
    assert {row.event for row in rows} == set(events)
    for row in rows:
        planted = tuple(
            replace(other, effects=(*row.effects, "planted")) if other is row else other
            for other in table.rows
        )
        assert untaken(replace(table, rows=planted), events, takers) == {"planted"}


@pytest.mark.parametrize("table", [table for table in TABLES if table in DRIVEN])
def test_each_event_of_a_driven_table_is_of_one_dispatch(table):
    of = [event for driven, events, _ in TAKERS.values() if driven is table for event in events]
    assert sorted(of) == sorted({row.event for row in table.rows})


def test_a_table_that_names_effects_has_a_flow_or_says_that_it_has_none():
    driven = {table.document for table, _, _ in TAKERS.values()}
    naming = {table.document for table in TABLES if any(row.effects for row in table.rows)}
    assert naming == driven | WITHOUT_FLOW
    assert not driven & WITHOUT_FLOW


@pytest.mark.parametrize("table", [one for one in TABLES if one.document in WITHOUT_FLOW])
def test_a_table_without_flow_is_named_by_none(table):
    module = type(table.start).__module__
    assert not [path for path in FLOWS.rglob("*.py") if module in path.read_text("utf-8")]


def test_whoever_takes_a_step_carries_out_its_effects():
    assert beside(FLOWS) == []


def test_a_step_beside_its_effects_is_found(tmp_path):
    (tmp_path / "planted.py").write_text(
        "def hold(row):\n    row.status = step(ORDER, State(row.status), Event.HOLD).state\n"
        "def take(row):\n    taken = step(ORDER, State(row.status), Event.HOLD)\n"
        "    for effect in taken.effects:\n        EFFECTS[effect](row)\n"
    )
    assert beside(tmp_path) == ["planted.py:hold"]
