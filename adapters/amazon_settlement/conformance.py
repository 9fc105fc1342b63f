"""Amazon's settlement reports in the conformance suite."""

from adapters.kit.conformance.posted import posted

CONFORMS = posted("amazon_settlement")
