"""WeChat Pay bills in the conformance suite."""

from adapters.kit.conformance.posted import posted

CONFORMS = posted("wechat_pay")
