"""Bank accounts (camt.053, camt.054) in the conformance suite."""

from adapters.kit.conformance.posted import posted

CONFORMS = posted("bank")
