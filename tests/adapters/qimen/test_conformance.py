"""Qimen holds what every adapter must hold."""

from adapters.qimen.conformance import Conforms


class TestQimen(Conforms):
    """The tests are inherited."""
