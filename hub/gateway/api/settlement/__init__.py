"""Settlement over the Open API: statements, the ledger, contracts."""

from hub.gateway.api.settlement import contracts, statements
from hub.gateway.routes import Route

ROUTES: tuple[Route, ...] = (*statements.ROUTES, *contracts.ROUTES)
