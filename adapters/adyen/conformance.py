"""Adyen reports in the conformance suite."""

from dataclasses import replace

from adapters.kit.conformance.posted import posted

CONFORMS = replace(posted("adyen"), url_setting="reports_url")
