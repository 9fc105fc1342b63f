"""Trustly files: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.trustly import DECODE

ADAPTER = reports(DECODE)
