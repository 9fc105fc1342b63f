"""Words about incidents: their kinds, and what the hub says of its own trouble."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
INCIDENTS: Mapping[str, Any] = {
    "contradiction":          _l("Contradiction"),
    "payout_refused":         _l("The bank refused a payout"),
    "connection_paused":      _l("Connection paused"),
    "invoice_not_drawn":      _l("An invoice cannot be drawn"),
    "unknown_carrier":        _l("Carrier not known"),
    "kit_part_late":          _l("Part of a kit left late"),
    "kit_unfinished":         _l("Kit left in part"),
    "shipment_differs":       _l("Shipment differs"),
    "warehouse_exception":    _l("Warehouse reports a problem"),
    "unannounced_receipt":    _l("Goods nobody announced"),
    "warehouse_not_told":     _l("Warehouse cannot be told"),
    "unmatched_parcel":       _l("A parcel of nobody"),
    "return_differs":         _l("A return differs"),
    "return_send_back":       _l("Goods to be sent back"),
    "refund_by_hand":         _l("Money to be paid back by hand"),
    "return_proposed":        _l("Return to be arranged"),
    "counted_below_reserved": _l("Counted below what is promised"),
    "stock_not_fresh":        _l("Stock is not confirmed"),
    "level_differs":          _l("A level is not its ledger's sum"),
    "planned_in_circles":     _l("Planned in circles"),
    "worker_dead":            _l("A worker died"),
    "worker_frozen":          _l("A worker is frozen"),
    "no_worker":              _l("No worker runs"),
    "worker_silent":          _l("A worker does not get on"),
    "lease_expired":          _l("A lane was not given back"),
    "backlog_old":            _l("The backlog grows old"),
    "bulk_old":               _l("Bulk waits for long"),
    "orders_silent":          _l("No orders come in"),
    "key_blocked":            _l("Parked messages hold back others"),
    "partner_away":           _l("A partner does not answer"),
    "poll_late":              _l("A partner cannot be asked what changed"),
    "cursor_expired":         _l("Where polling stood is forgotten"),
    "connection_unusable":    _l("A connection cannot be used"),
    "deliveries_refused":     _l("Deliveries are refused"),
    "orders_wait":            _l("Orders wait for a paused warehouse"),
    "orders_stand":           _l("Open orders stand still"),
    "orders_unseen":          _l("Orders are not looked at"),
    "long_transaction":       _l("A transaction stays open"),
    "clock_apart":            _l("A clock is wrong"),
    "broker_away":            _l("The broker is away"),
    "disk_low":               _l("A disk is nearly full"),
    "books_closed":           _l("Booked after its period was closed"),
}

TROUBLES: Mapping[str, Any] = {
    "books_closed":
        _l("The books of %(what)s are closed for %(day)s: what came for that day is booked on"
           " %(on)s."),
    "stock_not_fresh":
        _l("%(what)s did not count %(levels)s levels for %(seconds)s s: channels are told their"
           " floor."),
    "level_differs":
        _l("%(what)s has %(level)s of %(sku)s (%(quality)s), its ledger adds up to %(sum)s:"
           " something wrote past the ledger; have it counted."),
    "worker_dead":
        _l("Worker %(what)s died, and none was started in its place."),
    "worker_frozen":
        _l("Worker %(what)s is not heard any more: others took its work; end and restart it."),
    "no_worker":
        _l("No worker runs, and work waits: start one."),
    "worker_silent":
        _l("Worker %(what)s lives but does not get on, while work waits: restart it."),
    "lease_expired":
        _l("Lane %(what)s was not given back in time: it is freed for others."),
    "backlog_old":
        _l("Messages of %(what)s wait longer than they should: more workers, or a slow partner."),
    "bulk_old":
        _l("Bulk messages of %(what)s have waited for an hour."),
    "orders_silent":
        _l("No order has come from %(what)s for longer than is usual: see its webhooks."),
    "key_blocked":
        _l("Parked messages of %(what)s hold back others: mend or discard them."),
    "partner_away":
        _l("%(what)s has not answered for an hour: what is to be told waits."),
    "poll_late":
        _l("%(what)s could not be asked what changed for a quarter of an hour: see its"
           " connection."),
    "connection_unusable":
        _l("%(process)s cannot use %(what)s, for want of %(lacks)s %(name)s: others go on."),
    "deliveries_refused":
        _l("Deliveries of %(what)s held good and are refused now, as %(code)s: its %(secret)s may"
           " have been changed on one side."),
    "orders_wait":
        _l("Orders wait because %(what)s is paused: resume it, or change the rules."),
    "orders_stand":
        _l("Orders of %(what)s are open for a day and no warehouse works on them: each says why."),
    "orders_unseen":
        _l("What orders wait for has come, and they were not looked at for a minute."),
    "long_transaction":
        _l("A transaction of %(what)s has been open for over a minute: it slows everything down."),
    "clock_apart":
        _l("The clock of %(what)s differs from the database's: set both by NTP."),
    "broker_away":
        _l("%(what)s does not reach the broker: nothing is lost, everything is slower."),
    "disk_low":
        _l("The disk of %(what)s is nearly full: make room."),
}
"""What the hub says of its own trouble, as `hub/rules/ops/detectors.py` has it."""

HAPPENED: Mapping[str, Any] = {
    "cursor_expired":
        _l("%(what)s did not know where polling of %(topic)s stood: it is asked for what changed"
           " since %(since)s. Where it was not asked for longer, see what changed there before."),
}
"""What happened once, and is over when a person says so."""
# fmt: on
