"""Setting stock through the shop's GraphQL: the rules before and since version 2026-04."""

import pytest

from tests.sandbox.shopify.client import PLACE, SET, SET_BARE, run


def quantities(shop, pieces, **more):
    row = {"inventoryItemId": f"gid://shopify/InventoryItem/{shop.item('A').id}"}
    row |= {"locationId": PLACE, "quantity": pieces, **more}
    return {"name": "available", "reason": "correction", "quantities": [row]}


def test_since_2026_04_stock_needs_a_key_and_a_word_on_the_old_level(shop):
    told = quantities(shop, 5, changeFromQuantity=None)
    bare = run(shop, SET_BARE, {"input": told})
    assert bare["data"] == {"inventorySetQuantities": None}
    assert bare["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert bare["errors"][0]["message"] == (
        "The @idempotent directive is required for this mutation but was not provided."
    )
    silent = run(shop, SET, {"input": quantities(shop, 5), "key": "k"})
    assert silent["errors"][0]["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"
    legacy = run(shop, SET, {"input": {**told, "ignoreCompareQuantity": True}, "key": "k"})
    assert legacy["errors"][0]["message"] == (
        "Variable $input of type InventorySetQuantitiesInput! was provided invalid value for "
        "ignoreCompareQuantity (Field is not defined on InventorySetQuantitiesInput)"
    )
    assert shop.record == []


def test_the_same_key_sets_once_and_another_body_under_it_is_refused(shop):
    told = {"input": quantities(shop, 5, changeFromQuantity=None), "key": "k"}
    first, second = run(shop, SET, told), run(shop, SET, told)
    assert first == second
    assert [it["document"]["quantity"] for it in shop.record] == [5]
    other = run(shop, SET, {"input": quantities(shop, 6, changeFromQuantity=None), "key": "k"})
    (error,) = other["data"]["inventorySetQuantities"]["userErrors"]
    assert error["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    assert shop.item("A").levels == {72_000_000_001: 5}


def test_a_stale_comparison_is_refused(shop):
    told = {"input": quantities(shop, 5, changeFromQuantity=9), "key": "k"}
    (error,) = run(shop, SET, told)["data"]["inventorySetQuantities"]["userErrors"]
    assert error["code"] == "CHANGE_FROM_QUANTITY_STALE"
    assert shop.record == []


def test_until_2025_10_the_comparison_is_given_or_ignored(shop):
    told = quantities(shop, 5)
    refused = run(shop, SET_BARE, {"input": told}, "2025-10")
    (error,) = refused["data"]["inventorySetQuantities"]["userErrors"]
    assert error["field"] == ["input", "ignoreCompareQuantity"]
    done = run(shop, SET_BARE, {"input": {**told, "ignoreCompareQuantity": True}}, "2025-10")
    assert done["data"]["inventorySetQuantities"]["userErrors"] == []
    compared = quantities(shop, 7, compareQuantity=5)
    done = run(shop, SET_BARE, {"input": compared}, "2025-10")
    assert done["data"]["inventorySetQuantities"]["userErrors"] == []
    assert [it["document"]["delta"] for it in shop.record] == [5, 2]
    unknown = run(shop, SET_BARE, {"input": quantities(shop, 1, changeFromQuantity=1)}, "2025-10")
    assert unknown["errors"][0]["extensions"]["code"] == "INVALID_VARIABLE"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "damaged"}, "INVALID_NAME"),
        ({"reason": "because"}, "INVALID_REASON"),
        ({"row": {"quantity": -1}}, "INVALID_QUANTITY_NEGATIVE"),
        ({"row": {"quantity": 1_000_000_001}}, "INVALID_QUANTITY_TOO_HIGH"),
        ({"row": {"inventoryItemId": "gid://shopify/InventoryItem/1"}}, "INVALID_INVENTORY_ITEM"),
        ({"row": {"locationId": "gid://shopify/Location/1"}}, "INVALID_LOCATION"),
    ],
)
def test_stock_that_cannot_be_set_is_refused_with_its_code(shop, change, code):
    told = quantities(shop, 5, changeFromQuantity=None)
    told["quantities"][0] |= change.pop("row", {})
    answer = run(shop, SET, {"input": {**told, **change}, "key": "k"})
    errors = answer["data"]["inventorySetQuantities"]["userErrors"]
    assert [it["code"] for it in errors] == [code]
    assert shop.record == []
