"""The conformance suite, for this adapter."""

from adapters.generic_channel.conformance import Conforms


class TestConformance(Conforms):
    """All tests are inherited."""
