"""Checkout.com reports in the conformance suite."""

from adapters.kit.conformance.posted import posted

CONFORMS = posted("checkout")
