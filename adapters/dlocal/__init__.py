"""dLocal settlement files: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.dlocal import DECODE

ADAPTER = reports(DECODE)
