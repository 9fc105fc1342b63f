"""The blanks of the conformance suite for Magento."""

from adapters.kit.conformance import Conformance, Contract
from adapters.kit.samples import sample

_WORDS = ("consumer_secret", "access_token", "access_token_secret")
_FURTHER = (
    "[sortOrders][1][field]",
    "[sortOrders][1][direction]",
    "[filterGroups][0][filters][1][field]",
    "[filterGroups][0][filters][1][value]",
    "[filterGroups][0][filters][1][conditionType]",
)
"""Of lists the contract describes the first entry only."""
CONFORMS = Conformance(
    name="magento",
    settings={"store": "default", "consumer_key": "key-of-magento"},
    secrets={it: f"magento-{it}" for it in _WORDS},
    url_setting="url",
    more={"order_cancellation whole": sample("order_cancellation", whole=True)},
    contract=Contract(
        "openapi",
        "magento2/admin-schema-2.4.8.json.gz",
        beside=tuple(f"?searchCriteria{it}" for it in _FURTHER),
    ),
)
