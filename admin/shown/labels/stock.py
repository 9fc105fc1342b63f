"""Words about stock: the parts of a number that a channel is told, and stocktakes."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
STOCK_PARTS: Mapping[str, Any] = {
    "on_hand":        _l("On hand"),
    "expected":       _l("Expected, sold ahead"),
    "ahead_limit":    _l("Not sold ahead, by its limit"),
    "waiting":        _l("Orders wait for it"),
    "reserved":       _l("Reserved for orders"),
    "safety":         _l("Kept back"),
    "expiring":       _l("Expires too soon or has expired"),
    "lasts_too_short": _l("Expires too soon for this channel"),
    "not_fresh":      _l("Not counted lately"),
    "not_below_zero": _l("Owed, none to tell"),
    "of_parts":       _l("Made of its parts"),
    "parts_owed":     _l("Parts owed elsewhere"),
    "not_to_order":   _l("Not made to order"),
    "served_before":  _l("Served before"),
    "other_channels": _l("Share of other channels"),
    "most":           _l("Beyond its fixed share"),
    "floor":          _l("Told as its floor"),
    "not_told_yet":   _l("Changed since it was told"),
    "others":         _l("All others"),
}
OUTCOMES: Mapping[str, Any] = {
    "adjusted":       _l("put right"),
    "equal":          _l("as expected"),
    "not_counted":    _l("not counted, stays as it is"),
    "unsure":         _l("found, others of it not counted: stays as it is"),
    "overtaken":      _l("set by a later count: stays as it is"),
}
STEPS: Mapping[str, Any] = {
    "open":           _l("Opened"),
    "count":          _l("Counted"),
    "submit":         _l("Handed in"),
    "recount":        _l("To be counted once more"),
    "approve":        _l("Approved"),
    "cancel":         _l("Cancelled"),
}
# fmt: on
