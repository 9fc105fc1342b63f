"""The blanks of the conformance suite for Tryton's stock. A real one is in the tests."""

import json

from adapters.kit.conformance import Conformance
from adapters.kit.testing.scripted_partner import Asked

_READS = frozenset({"login", "get_preferences", "search_read", "read", "fields_get"})


def is_write(asked: Asked) -> bool:
    """Everything is posted; these methods change nothing."""
    return str(json.loads(asked.body)["method"]).rpartition(".")[2] not in _READS


CONFORMS = Conformance(
    name="tryton_stock",
    settings={"database": "erp", "user": "hub", "warehouse": "OWN"},
    secrets={"password": "conformance-hush"},
    is_write=is_write,
)
