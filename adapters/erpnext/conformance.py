"""ERPNext's blanks of the conformance suite. What it is given is held to its DocTypes."""

from adapters.kit.conformance import Conformance, Contract

CONFORMS = Conformance(
    name="erpnext",
    settings={
        "api_key": "hub",
        "company": "Acme",
        "warehouse": "Stores - A",
        "defective_warehouse": "Broken - A",
        "taxes": {"0.19": "VAT 19 - A"},
        "rounding_account": "Round Off - A",
    },
    secrets={"api_secret": "erpnext-secret-of-the-hub"},
    contract=Contract("doctypes", "erpnext/sales_order.json"),
)
