"""A caller of the shop's GraphQL, and the texts it sends."""

from typing import Any

from sandbox.shopify import Shop
from tests.sandbox.client import call

TOKEN = {"X-Shopify-Access-Token": "sandbox-token"}
PLACE = "gid://shopify/Location/72000000001"
SHIP = """mutation Ship($fulfillment: FulfillmentInput!, $message: String) {
  fulfillmentCreate(fulfillment: $fulfillment, message: $message) {
    fulfillment { id status } userErrors { field message } } }"""
PLANNED = """query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 10) { nodes {
  id status assignedLocation { location { id } } lineItems(first: 50) { nodes {
    id remainingQuantity lineItem { id } } } } } } }"""
SET = """mutation ($input: InventorySetQuantitiesInput!, $key: String) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id } userErrors { field message code } } }"""
SET_BARE = SET.replace(" @idempotent(key: $key)", "").replace(", $key: String", "")


def run(shop: Shop, text: str, variables: Any = None, version: str = "2026-07") -> Any:
    url = f"{shop.url}/admin/api/{version}/graphql.json"
    got = call("POST", url, {"query": text, "variables": variables or {}}, TOKEN)
    assert got.status == 200
    return got.json
