"""HubSpot's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance, Contract

CONFORMS = Conformance(
    name="hubspot",
    settings={"fields": {"orders": "hub_orders", "accepts:marketing": "hub_marketing"}},
    secrets={"token": "pat-new-hubspot\npat-old-hubspot"},
    contract=Contract("openapi", "hubspot/contacts.v3.json"),
)
