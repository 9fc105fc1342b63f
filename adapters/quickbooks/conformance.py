"""QuickBooks' blanks of the conformance suite."""

from adapters.kit.conformance import Conformance, Contract
from adapters.kit.testing.scripted_partner import Asked
from adapters.quickbooks import TOKENS


def is_write(asked: Asked) -> bool:
    """Asking for a token changes nothing."""
    return asked.method != "GET" and asked.path != TOKENS


CONFORMS = Conformance(
    name="quickbooks",
    settings={
        "realm": "4620816365",
        "client_id": "hub",
        "customer": "64",
        "items": {"goods": "19"},
        "receivables": ["1000"],
        "bank": "35",
    },
    secrets={"client_secret": "quick-secret", "refresh_token": "quick-refresh"},
    is_write=is_write,
    contract=Contract(
        "xsd", "quickbooks/IntuitRestServiceDef.xsd", beside=(TOKENS, "/v3/company/*/query")
    ),
)
