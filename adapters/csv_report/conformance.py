"""Described reports in CSV in the conformance suite."""

from adapters.kit.conformance.posted import posted

CONFORMS = posted("csv_report")
