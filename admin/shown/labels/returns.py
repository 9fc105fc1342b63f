"""Words of the returns desk."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
RETURN_KINDS: Mapping[str, Any] = {
    "refund":   _l("money back"),
    "exchange": _l("other goods"),
    "resend":   _l("the same anew"),
    "repair":   _l("repair"),
}
RETURN_CAUSES: Mapping[str, Any] = {
    "customer":           _l("the customer sends it back"),
    "returned_to_sender": _l("returned to the sender"),
    "refused_at_door":    _l("refused at the door"),
    "lost":               _l("lost on its way"),
}
QUALITIES: Mapping[str, Any] = {
    "good":          _l("good"),
    "second":        _l("second grade"),
    "defective":     _l("defective"),
    "missing":       _l("missing"),
    "wrong_article": _l("another article"),
    "uninspected":   _l("not looked at"),
}
REFUND_PARTS: Mapping[str, Any] = {
    "line":       _l("goods"),
    "shipping":   _l("carriage"),
    "goodwill":   _l("goodwill"),
    "restocking": _l("kept back"),
}
# fmt: on
