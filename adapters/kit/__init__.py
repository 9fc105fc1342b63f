"""What adapters share: HTTP, signatures, settings, the conformance suite."""
