"""The blanks of the conformance suite: an ERP that keeps to our WSDL."""

from adapters.kit.conformance import Conformance, Contract
from adapters.kit.testing.scripted_partner import Asked


def is_write(asked: Asked) -> bool:
    """Everything is posted; what is put changes something."""
    return b"1#Put" in asked.headers.get("soapaction", "").encode()


CONFORMS = Conformance(
    name="soap_erp",
    settings={"user": "hub"},
    secrets={"password": "conformance-hush"},
    is_write=is_write,
    contract=Contract("wsdl", "orderhub-erp.wsdl"),
)
