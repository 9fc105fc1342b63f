"""Checkout.com reports: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.checkout import DECODE

ADAPTER = reports(DECODE)
