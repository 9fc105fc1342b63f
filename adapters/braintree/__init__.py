"""Braintree reports: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.braintree import DECODE

ADAPTER = reports(DECODE)
