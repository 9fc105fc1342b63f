"""Odoo's blanks of the conformance suite, in JSON-2: everything is posted, the method says what it
does.
"""

from adapters.kit.conformance import Conformance
from adapters.kit.testing.scripted_partner import Asked
from adapters.odoo.rpc import READS


def is_write(asked: Asked) -> bool:
    """Whether a method changes something."""
    return asked.path.rpartition("/")[2] not in READS


CONFORMS = Conformance(name="odoo", secrets={"api_key": "odoo-key-of-the-hub"}, is_write=is_write)
