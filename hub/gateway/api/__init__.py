"""The routes of the Open API, a file a resource. ROUTES is all of them."""

from hub.gateway.api import connections, fulfilment, messages, orders, products, stock
from hub.gateway.routes import Route

ROUTES: tuple[Route, ...] = (
    *orders.ROUTES,
    *fulfilment.ROUTES,
    *stock.ROUTES,
    *products.ROUTES,
    *messages.ROUTES,
    *connections.ROUTES,
)
