"""The routes of the Open API, a file a resource. ROUTES is all of them."""

from hub.gateway.api import (
    clocks,
    connections,
    fulfilment,
    inbound,
    invoices,
    messages,
    order_requests,
    orders,
    products,
    reconciliation,
    replay,
    settlement,
    stock,
    stock_explained,
    stock_rules,
    stocktakes,
    what_if,
)
from hub.gateway.api.customers import calls as customers
from hub.gateway.api.customers import retention as customer_retention
from hub.gateway.api.money import books
from hub.gateway.api.returns import calls as returns
from hub.gateway.api.returns import terms as return_terms
from hub.gateway.routes import Route

ROUTES: tuple[Route, ...] = (
    *orders.ROUTES,
    *order_requests.ROUTES,
    *clocks.ROUTES,
    *fulfilment.ROUTES,
    *inbound.ROUTES,
    *returns.ROUTES,
    *return_terms.ROUTES,
    *customers.ROUTES,
    *customer_retention.ROUTES,
    *stock.ROUTES,
    *stock_explained.ROUTES,
    *stock_rules.ROUTES,
    *stocktakes.ROUTES,
    *products.ROUTES,
    *reconciliation.ROUTES,
    *invoices.ROUTES,
    *books.ROUTES,
    *messages.ROUTES,
    *replay.ROUTES,
    *what_if.ROUTES,
    *settlement.ROUTES,
    *connections.ROUTES,
)
