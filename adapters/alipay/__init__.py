"""Alipay bills: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.alipay import DECODE

ADAPTER = reports(DECODE)
