"""Xero's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance, Contract
from adapters.kit.testing.scripted_partner import Asked
from adapters.xero import TOKENS


def is_write(asked: Asked) -> bool:
    """Asking for a token changes nothing."""
    return asked.method != "GET" and asked.path != TOKENS


CONFORMS = Conformance(
    name="xero",
    settings={
        "tenant_id": "tenant-1",
        "client_id": "hub",
        "accounts": {"goods": "200", "shipping": "260"},
        "paid_to": "090",
    },
    secrets={"client_secret": "xero-secret", "refresh_token": "xero-refresh"},
    is_write=is_write,
    contract=Contract("openapi", "xero/xero_accounting.json.gz", beside=(TOKENS,)),
)
