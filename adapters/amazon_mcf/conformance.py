"""Amazon's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance, Contract
from adapters.kit.testing.scripted_partner import Asked

TOKENS = "/auth/o2/token"


def is_write(asked: Asked) -> bool:
    """Asking for a token changes nothing."""
    return asked.method != "GET" and asked.path != TOKENS


CONFORMS = Conformance(
    name="amazon_mcf",
    settings={"token_url": TOKENS, "marketplace_id": "A1PA6795UKMFR9", "client_id": "amzn-app"},
    secrets={"client_secret": "amazon-app-secret", "refresh_token": "amazon-refresh-token"},
    is_write=is_write,
    contract=Contract(
        "openapi",
        "amazon_sp_api/fulfillmentOutbound_2020-07-01.json",
        further=("amazon_sp_api/fbaInventory.json", "amazon_sp_api/awd_2024-05-09.json.gz"),
        beside=(TOKENS,),
    ),
)
