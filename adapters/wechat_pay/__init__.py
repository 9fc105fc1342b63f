"""WeChat Pay bills: posted by whoever fetches them."""

from adapters.kit.files.posted import reports
from mappings.wechat_pay import DECODE

ADAPTER = reports(DECODE)
