"""The conformance suite, for this adapter."""

from adapters.shopify.conformance import Conforms


class TestConformance(Conforms):
    """All tests are inherited."""
