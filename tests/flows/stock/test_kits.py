"""Kits: what channels are told follows their parts, and the number is explained."""

from collections.abc import Callable
from typing import Any

import pytest

from hub.flows.products import learn
from hub.flows.stock import explaining, stock_out
from hub.model.errors import BadData
from hub.model.product import Product
from hub.rules.stock.availability import Ingredient
from hub.store.stock import levels_touched
from tests.kit.catalogue import product, stock_report
from tests.kit.world import Merchant


@pytest.fixture
def acme(new_merchant: Callable[..., Merchant]) -> Merchant:
    """Seven cups, four boxes, one set of two cups and a box ready."""
    made = new_merchant(shop_takes=("shipment", "stock_level"), CUP=7, BOX=4, SET=1)
    teach(made, SET={"CUP": 2, "BOX": 1})
    with made.world.unit() as unit:
        levels_touched.touch_all(unit.db, made.code)
    return made


def teach(acme: Merchant, *, made_to_order: bool = True, **kits: dict[str, int]) -> None:
    said = [
        product(kit, components=_components(parts), made_to_order=made_to_order)
        for kit, parts in kits.items()
    ]
    with acme.world.unit() as unit:
        learn.upsert(unit, [(acme.code, Product.model_validate(it)) for it in said], None)


def _components(parts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"sku": part, "quantity": str(pieces)} for part, pieces in parts.items()]


def told(acme: Merchant) -> dict[str, int]:
    with acme.world.unit() as unit:
        while stock_out.publish(unit):
            pass
    rows = acme.rows("SELECT sku, available FROM level_told WHERE merchant_id = :merchant")
    return {row.sku: int(row.available) for row in rows}


def count(acme: Merchant, report: str, **pieces: int) -> None:
    lines = [{"sku": sku, "on_hand": str(n)} for sku, n in pieces.items()]
    acme.world.tell(acme.at_wh.code, stock_report(report, warehouse=acme.at_wh.code, lines=lines))
    acme.world.run()


def test_a_kit_is_told_as_its_parts_are(acme: Merchant) -> None:
    teach(acme, CRATE={"SET": 2})
    assert told(acme) == {"CUP": 7, "BOX": 4, "SET": 4, "CRATE": 2}
    count(acme, "c-1", CUP=3, BOX=4, SET=1)
    assert told(acme) == {"CUP": 3, "BOX": 4, "SET": 2, "CRATE": 1}
    acme.order(1, lines=[("CUP", 2)])
    acme.world.run()
    assert told(acme) == {"CUP": 1, "BOX": 4, "SET": 1, "CRATE": 0}
    teach(acme, SET={}, CRATE={})
    assert told(acme) == {"CUP": 1, "BOX": 4, "SET": 1, "CRATE": 0}
    assert acme.rows("SELECT 1 FROM kit_part WHERE merchant_id = :merchant") == []


def test_the_number_of_a_kit_is_explained(acme: Merchant) -> None:
    told(acme)
    with acme.world.unit() as unit:
        made = explaining.explain(unit, acme.code, "SET", acme.at_shop.code)
    wh = acme.at_wh.code
    assert [(step.name, int(step.quantity), step.of) for step in made.steps] == [
        ("on_hand", 1, wh),
        ("of_parts", 3, wh),
    ]
    assert made.steps[1].made_of == (Ingredient("BOX", 4, 1), Ingredient("CUP", 7, 2))
    assert made.published == made.available == 4


def test_a_kit_is_told_of_its_parts_only_where_it_is_made_to_order(acme: Merchant) -> None:
    assert told(acme)["SET"] == 4
    teach(acme, made_to_order=False, SET={"CUP": 2, "BOX": 1})
    assert told(acme)["SET"] == 1
    with acme.world.unit() as unit:
        made = explaining.explain(unit, acme.code, "SET", acme.at_shop.code)
    assert [(step.name, int(step.quantity)) for step in made.steps] == [
        ("on_hand", 1),
        ("of_parts", 3),
        ("not_to_order", -3),
    ]
    teach(acme, SET={"CUP": 2, "BOX": 1})
    assert told(acme)["SET"] == 4


def test_a_kit_that_an_order_waits_for_is_not_told_again(acme: Merchant) -> None:
    assert told(acme)["SET"] == 4
    acme.order(1, lines=[("SET", 3)])
    acme.world.run()
    assert told(acme) == {"CUP": 3, "BOX": 2, "SET": 1}
    acme.order(2, lines=[("SET", 2)])
    acme.world.run()
    held = acme.rows("SELECT hold_reasons FROM sales_order WHERE merchant_id = :merchant")
    assert [reason["code"] for row in held for reason in row.hold_reasons] == ["out_of_stock"]
    assert told(acme) == {"CUP": 3, "BOX": 2, "SET": 0}
    count(acme, "more", CUP=10, BOX=5, SET=1)
    assert told(acme) == {"CUP": 2, "BOX": 1, "SET": 1}
    reserved = acme.rows(
        """SELECT sku, sum(open) AS open FROM reservation WHERE merchant_id = :merchant
        GROUP BY sku ORDER BY sku"""
    )
    assert [(row.sku, int(row.open)) for row in reserved] == [("BOX", 4), ("CUP", 8), ("SET", 1)]


def test_a_warehouse_that_ships_kits_whole_makes_none(
    new_merchant: Callable[..., Merchant],
) -> None:
    whole = new_merchant(
        shop_takes=("shipment", "stock_level"), options={"kits": "whole"}, CUP=7, BOX=4, SET=1
    )
    teach(whole, SET={"CUP": 2, "BOX": 1})
    assert told(whole)["SET"] == 1


@pytest.mark.parametrize(
    ("kits", "path"),
    [
        ({"CUP": {"BOX": 1, "SET": 1}}, "components.1.sku"),
        ({"BOX": {"LID": 1}, "CRATE": {"SET": 1}}, "components.0.sku"),
        ({"CUP": {"CUP": 1}}, "components.0.sku"),
    ],
)
def test_a_kit_that_may_not_be_changes_nothing(
    acme: Merchant, kits: dict[str, dict[str, int]], path: str
) -> None:
    before = acme.rows("SELECT * FROM kit_part WHERE merchant_id = :merchant ORDER BY part")
    with pytest.raises(BadData) as refused:
        teach(acme, **kits)
    assert refused.value.path == path
    after = acme.rows("SELECT * FROM kit_part WHERE merchant_id = :merchant ORDER BY part")
    assert after == before
