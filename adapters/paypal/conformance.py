"""PayPal's blanks of the conformance suite."""

from dataclasses import replace

from adapters.kit.conformance import Contract
from adapters.kit.conformance.posted import posted
from adapters.kit.testing.scripted_partner import Asked
from adapters.paypal.search import TOKENS

_POSTED = posted("paypal", {"client_id": "hub"})


def is_write(asked: Asked) -> bool:
    """Asking for a token changes nothing."""
    return asked.method != "GET" and asked.path != TOKENS


CONFORMS = replace(
    _POSTED,
    secrets={**_POSTED.secrets, "client_secret": "paypal-client-secret"},
    url_setting="api_url",
    is_write=is_write,
    contract=Contract("openapi", "paypal/reporting_transactions_v1.json", beside=(TOKENS,)),
)
