"""Amazon's settlement reports: flat files, V1 and V2, posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.amazon_settlement import DECODE

ADAPTER = reports(DECODE)
