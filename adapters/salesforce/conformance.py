"""Salesforce's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance
from adapters.kit.testing.scripted_partner import Asked
from hub.model.errors import Rejected


def changes(asked: Asked) -> bool:
    """Asking for a token changes nothing."""
    return asked.method not in {"GET", "HEAD"} and asked.path != "/services/oauth2/token"


CONFORMS = Conformance(
    name="salesforce",
    settings={
        "client_id": "hub",
        "fields": {"orders": "Orders__c", "accepts:marketing": "Marketing__c"},
        "parent": {"Account": {"Hub_Id__c": "ACME"}},
    },
    secrets={"client_secret": "new-force-secret\nold-force-secret"},
    is_write=changes,
    statuses={302: Rejected},
)
