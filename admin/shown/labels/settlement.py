"""Statements: what their lines are."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
LINE_KINDS: Mapping[str, Any] = {
    "sales":       _l("sold"),
    "refunds":     _l("taken back"),
    "charge":      _l("charged"),
    "tax":         _l("tax on charges"),
    "adjustment":  _l("correction"),
    "carried_in":  _l("from the statement before"),
    "hold_in":     _l("held until now"),
    "hold_out":    _l("held for the next"),
    "reserve_in":  _l("reserve let go"),
    "reserve_out": _l("kept in reserve"),
}
# fmt: on
