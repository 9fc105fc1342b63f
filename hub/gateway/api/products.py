"""Products: what makes a SKU known."""

from typing import Any, cast

from hub.flows.products import meanings
from hub.gateway.description.answers import products as answers
from hub.gateway.routes import PAGED, Ask, Param, Reply, Route, text
from hub.model.catalogue import read
from hub.model.product import Product
from hub.store.views import stock
from hub.store.views.stock import ProductItem, Wanted
from mappings.reading import read_json_object


def post(ask: Ask) -> Reply:
    """A product, new or changed. Orders that wait for its SKU go on."""
    tree = read_json_object(ask.body)
    merchant = ask.whose(ask.query.get("merchant"))
    source = {"connection": "api", "id": tree.get("sku")}
    product = read("product", {**tree, "type": "product", "source": source})
    meanings.add_products(ask.unit, [(merchant, cast("Product", product))], ask.caller.actor)
    page = stock.products(ask.db, Wanted(merchant=merchant, sku=product.business_id), limit=1)
    return Reply(200, shown_product(page.items[0]))


def listed(ask: Ask) -> Any:
    """Products by merchant and SKU."""
    query = ask.query
    wanted = Wanted(sku=query.get("sku"), merchant=query.get("merchant"), q=query.get("q"))
    found = stock.products(ask.db, wanted, after=ask.after(), limit=ask.limit())
    return ask.listed(found, shown_product)


def shown_product(item: ProductItem) -> dict[str, Any]:
    """A product with its merchant."""
    return {**item.document, "merchant": item.merchant, "updated_at": item.updated_at}


_MERCHANT = Param("merchant", "whose product it is", text)
_FILTERS = (
    _MERCHANT,
    Param("sku", "the merchant's article", text),
    Param("q", "how the SKU begins", text),
    *PAGED,
)

ROUTES = (
    Route(
        "POST",
        "products",
        "products:write",
        post,
        answers.ProductItem,
        (_MERCHANT,),
        body=Product,
    ),
    Route("GET", "products", "products:read", listed, answers.ProductPage, _FILTERS),
)
