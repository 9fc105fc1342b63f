"""The generic warehouse holds what every adapter must hold."""

from adapters.generic_warehouse.conformance import Conforms


class TestGenericWarehouse(Conforms):
    """The tests are inherited."""
