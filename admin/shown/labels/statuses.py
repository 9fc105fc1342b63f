"""Where documents stand, and how that is to be felt."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
STATUSES: Mapping[str, Any] = {
    # messages
    "received":         _l("received"),
    "behind":           _l("behind another"),
    "processing":       _l("being worked"),
    "retry":            _l("tried again later"),
    "waiting":          _l("waiting"),
    "parked":           _l("parked"),
    "done":             _l("done"),
    "ignored":          _l("ignored"),
    "discarded":        _l("discarded"),
    "pending":          _l("to be sent"),
    "sending":          _l("being sent"),
    "unknown":          _l("outcome unknown"),
    "delivered":        _l("delivered"),
    "superseded":       _l("overtaken"),
    # orders and fulfilment orders
    "held":             _l("held"),
    "open":             _l("open"),
    "cancel_requested": _l("cancel asked for"),
    "cancelled":        _l("cancelled"),
    "completed":        _l("completed"),
    "planned":          _l("planned"),
    "notified":         _l("warehouse told"),
    "accepted":         _l("accepted"),
    "picking":          _l("picking"),
    "packed":           _l("packed"),
    "shipped":          _l("shipped"),
    "short":            _l("short"),
    "rejected":         _l("rejected"),
    # inbound notices
    "draft":            _l("draft"),
    "receiving":        _l("coming in"),
    "booked":           _l("in stock"),
    "refused":          _l("not booked"),
    # stocktakes
    "counting":         _l("being counted"),
    "counted":          _l("to be approved"),
    # statements
    "calculated":       _l("calculated"),
    "approved":         _l("approved"),
    "paid":             _l("paid"),
    "disputed":         _l("disputed"),
    # reported money
    "matched":          _l("matched"),
    "attached":         _l("part of its order"),
    "told":             _l("told in another form"),
    "written_off":      _l("written off"),
    "explained":        _l("explained"),
    # what comes back
    "requested":        _l("asked for"),
    "awaiting_goods":   _l("on its way back"),
    "inspected":        _l("inspected"),
    "confirmed":        _l("confirmed"),
    "refunded":         _l("paid back"),
    "exchanged":        _l("exchanged"),
    "unmatched":        _l("of nobody"),
    "sent_back":        _l("sent back"),
    # of connections, accounts, incidents and breakers
    "active":           _l("active"),
    "paused":           _l("paused"),
    "disabled":         _l("disabled"),
    "closed":           _l("closed"),
    "half_open":        _l("probing"),
    # routing
    "chosen":           _l("chosen"),
    "not_needed":       _l("not needed"),
    "no_stock":         _l("no stock"),
    "ruled_out":        _l("ruled out"),
}

TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("done", "delivered", "already_done", "completed", "shipped", "active", "chosen", "booked",
         "paid", "matched", "explained"),
        "good"),
    **dict.fromkeys(("works",), "good"),
    **dict.fromkeys(
        ("away", "deliveries_refused", "unusable", "credentials_refused", "address_gone",
         "given_up"), "bad"),
    **dict.fromkeys(("returning",), "warn"),
    **dict.fromkeys(
        ("parked", "rejected", "short", "disabled", "unknown", "no_stock", "half_open", "gave_up",
         "outcome_unknown", "unknown_outcome", "internal_error"), "bad"),
    **dict.fromkeys(
        ("held", "waiting", "retry", "try_later", "cancel_requested", "paused", "behind",
         "ruled_out", "disputed", "counted"), "warn"),
    **dict.fromkeys(
        ("open", "received", "processing", "pending", "sending", "notified", "accepted", "picking",
         "packed", "planned", "receiving", "counting", "calculated", "approved"), "busy"),
}
# fmt: on
