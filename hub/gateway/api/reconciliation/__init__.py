"""Reconciliation over the Open API: what is left, decisions about it, and chargebacks."""

from hub.gateway.api.reconciliation import cases, remainder
from hub.gateway.routes import Route

ROUTES: tuple[Route, ...] = (*remainder.ROUTES, *cases.ROUTES)
