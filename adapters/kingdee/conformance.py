"""Kingdee's blanks of the conformance suite: all is posted, the service says what it does."""

from adapters.kingdee.api import READS
from adapters.kit.conformance import Conformance
from adapters.kit.testing.scripted_partner import Asked


def is_write(asked: Asked) -> bool:
    """Whether a service changes something."""
    service = asked.path.removesuffix(".common.kdsvc").rpartition(".")[2]
    return service not in {*READS, "ValidateUser"}


CONFORMS = Conformance(
    name="kingdee",
    settings={
        "account": "5f0a",
        "user": "hub",
        "organisation": "100",
        "customer": "CUST0001",
        "stock": "CK001",
        "defective_stock": "CK002",
        "currencies": {"CNY": "PRE001", "EUR": "PRE003"},
        "book": "001",
    },
    secrets={"password": "kingdee-password-of-the-hub"},
    is_write=is_write,
)
