"""Adyen reports: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.adyen import DECODE

ADAPTER = reports(DECODE)
