"""Shopify's Admin GraphQL: what its codes mean, and the one thing that is fetched as REST.

Source: Shopify developer documentation, "GraphQL Admin API: status and error codes" and "API
limits".
"""

from pathlib import Path

from adapters.kit.graphql import GraphQL, Table, read_operations
from adapters.kit.http import Fates, Http
from hub.model.errors import NotAuthorised, OutcomeUnknown, TryLater

OPERATIONS = read_operations(Path(__file__).with_name("operations.graphql"))

STATUSES: Fates = {402: NotAuthorised, 423: NotAuthorised, 430: TryLater}
"""Beside the common ones: shop frozen, shop locked, "too many requests" of the security layer."""

ERRORS: Table = {
    "ACCESS_DENIED": NotAuthorised,
    "SHOP_INACTIVE": NotAuthorised,
    "TIMEOUT": OutcomeUnknown,
}
"""`errors[].extensions.code` -> fate, beside the common ones."""

USER_ERRORS: Table = {
    "CHANGE_FROM_QUANTITY_STALE": TryLater,
    "COMPARE_QUANTITY_STALE": TryLater,
    "IDEMPOTENCY_CONCURRENT_REQUEST": TryLater,
    "INTERNAL_ERROR": OutcomeUnknown,
    "MISSING_PERMISSION": NotAuthorised,
}
"""`userErrors[].code` -> fate; what is not here, and what has no code, is `Rejected`."""


class Admin(GraphQL):
    """The GraphQL endpoint of one shop in one API version."""

    def __init__(self, http: Http, version: str) -> None:
        path = f"/admin/api/{version}/graphql.json"
        super().__init__(http, path, errors=ERRORS, refusals=USER_ERRORS, statuses=STATUSES)
        self._http, self.version = http, version

    def order(self, number: str) -> bytes:
        """An order as REST shows it, envelope and all, for the decoder."""
        path = f"/admin/api/{self.version}/orders/{number}.json"
        raw: bytes = self._http.call("GET", path, read="bytes", fates=STATUSES)
        return raw
