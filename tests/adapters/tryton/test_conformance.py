"""The conformance suite, for this adapter."""

from adapters.tryton.conformance import Conforms


class TestTryton(Conforms):
    """All tests are inherited."""
