"""Goods in: why they come, how they differ from what was announced, what may be decided."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
WHY_GOODS_COME: Mapping[str, Any] = {
    "purchase": _l("purchase"),
    "transfer": _l("transfer"),
    "return":   _l("return"),
    "other":    _l("other goods"),
}
DIFFERENCES: Mapping[str, Any] = {
    "over":        _l("more than announced"),
    "short":       _l("missing"),
    "damaged":     _l("damaged"),
    "wrong_sku":   _l("not what was announced"),
    "unknown_sku": _l("an article nobody knows"),
    "unannounced": _l("came unannounced"),
    "not_booked":  _l("came too late to be booked"),
}
DECISIONS: Mapping[str, Any] = {
    "accept":             _l("It is so"),
    "adjust":             _l("The count is wrong"),
    "return_to_supplier": _l("Send it back"),
}
# fmt: on
