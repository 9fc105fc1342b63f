"""WeChat Pay's blanks of the conformance suite."""

from dataclasses import replace

from adapters.kit.conformance.posted import posted
from adapters.kit.testing.keys import key_pair

_POSTED = posted("wechat_pay", {"merchant_number": "1600", "certificate_serial": "3775B6A4"})

CONFORMS = replace(
    _POSTED,
    secrets={**_POSTED.secrets, "private_key": key_pair("merchant")[0]},
    url_setting="api_url",
)
