"""Karrio's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance, Contract

CONFORMS = Conformance(
    name="karrio",
    secrets={"token": "key_new-karrio\nkey_old-karrio"},
    contract=Contract("openapi", "karrio/openapi.json.gz"),
)
