"""Bank accounts (camt.053, camt.054, MT940, BAI2): posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.bank import DECODE

ADAPTER = reports(DECODE)
