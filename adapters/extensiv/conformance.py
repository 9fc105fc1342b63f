"""Extensiv's blanks of the conformance suite. What is published of it was written by others from
its documentation, and leaves out what `beside` names.
"""

from adapters.extensiv import TOKENS
from adapters.kit.conformance import Conformance, Contract
from adapters.kit.testing.scripted_partner import Asked


def is_write(asked: Asked) -> bool:
    """Asking for a token changes nothing."""
    return asked.method != "GET" and asked.path != TOKENS


CONFORMS = Conformance(
    name="extensiv",
    settings={
        "client_id": "hub",
        "tpl": "{0-7}",
        "user_login_id": 12,
        "customer_id": 3,
        "facility_id": 1,
    },
    secrets={"client_secret": "extensiv-secret"},
    is_write=is_write,
    contract=Contract(
        "openapi",
        "extensiv/extensiv.json",
        beside=(
            "/inventory/stocksummaries",
            "/orders/*/canceler",
            "?detail",
            "?itemdetail",
            "?sort",
            "?rql",
            "?pgsiz",
            "?pgnum",
        ),
    ),
)
