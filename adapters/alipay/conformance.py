"""Alipay's blanks of the conformance suite."""

from dataclasses import replace

from adapters.kit.conformance.posted import posted
from adapters.kit.testing.keys import key_pair

_POSTED = posted("alipay", {"app_id": "2021000000000001"})


CONFORMS = replace(
    _POSTED,
    secrets={**_POSTED.secrets, "private_key": key_pair("app")[0]},
    url_setting="gateway_url",
    is_write=lambda _: False,  # it is asked by POST
)
